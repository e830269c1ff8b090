"""The guide's router."""

from __future__ import annotations

from collections.abc import Sequence

from .._waiting import Named, id_of
from ..models import GetRoutingStatisticsOutput, RouteTaskOutput
from ._agent_registry import AgentRegistry


class CapabilityRouter:
    """Finds the agent for a task among those that have all required capabilities.

    The best score wins: success rate, times confidence in the required capabilities, times the free share of slots.
    """

    def __init__(self, agent_registry: AgentRegistry) -> None:
        self._muster = agent_registry.muster

    def route_task(self, task: Named, exclude_agents: Sequence[str] | None = None) -> str | None:
        """The id of the best agent that can take the task now, or that already holds it; None if there is none.

        Args:
            task: A task, or its id.
            exclude_agents: Agents that shall not get it.
        """
        return self.recommend(task, exclude_agents).selected_agent

    def recommend(self, task: Named, exclude_agents: Sequence[str] | None = None) -> RouteTaskOutput:
        """The recommendation with all candidates, their scores and the reason."""
        return self._muster.route_task(id_of(task), exclude_agents=exclude_agents)

    def should_rebalance(self) -> bool:
        """Whether the utilization of agents that share a capability differs widely."""
        return self.get_routing_statistics().should_rebalance

    def get_routing_statistics(self) -> GetRoutingStatisticsOutput:
        """How many tasks were assigned, and how evenly."""
        return self._muster.get_routing_statistics()
