"""The guide's agent registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .._client import Muster
from ..models import Agent, DeregisterAgentOutput, GetAgentStatisticsOutput
from ._outcomes import outcomes_of


class AgentRegistry:
    """Stores the agents, their capabilities and their track records.

    Args:
        muster: The client for the Muster that stores the agents.
        meta: The guide's second store. Muster keeps both in one, so this has no effect.
    """

    def __init__(self, muster: Muster, meta: object = None) -> None:
        self.muster = muster
        self._outcomes = outcomes_of(muster)

    def register_agent(
        self, agent_id: str, capabilities: Sequence[str], metadata: Mapping[str, Any] | None = None
    ) -> Agent:
        """Registers an agent, or replaces its declared capabilities.

        Args:
            agent_id: The id of the agent.
            capabilities: What it can do.
            metadata: ``max_concurrent_tasks`` is how many tasks it holds at most, 5 by default; others are stored.
        """
        return self.muster.register_agent(agent_id=agent_id, capabilities=capabilities, metadata=metadata)

    def deregister_agent(self, agent_id: str) -> DeregisterAgentOutput:
        """Removes an agent and requeues the tasks that it holds."""
        return self.muster.deregister_agent(agent_id)

    def learn_new_capability(self, agent_id: str, capability: str, confidence: float = 1.0) -> Agent:
        """Adds a capability to an agent, with a confidence above 0 and up to 1."""
        return self.muster.learn_capability(agent_id, capability, confidence=confidence)

    def get_agents_by_capability(self, capabilities: Sequence[str]) -> list[str]:
        """The ids of the agents that have all these capabilities; without capabilities, of all agents."""
        return [agent.agent_id for agent in self.muster.iter_agents(requirements=capabilities or None)]

    def get_agent_capability(self, agent_id: str) -> list[str]:
        """The names of an agent's capabilities, declared and learned."""
        return [capability.name for capability in self.muster.get_agent(agent_id).capabilities]

    def update_agent_performance(self, agent_id: str, success: bool, duration_ms: float) -> dict[str, Any]:
        """Records an outcome and returns the health of the agent.

        The outcome of a task that this process completed or failed is already recorded, so the report for it records
        nothing: each such task absorbs one report, the earliest first. To record other work while such tasks have
        unreported outcomes, use the client's method of the same name.
        """
        task_id = self._outcomes.take(agent_id, success)
        try:
            health = self.muster.update_agent_performance(agent_id, success, duration_ms, task_id=task_id)
        except BaseException:
            if task_id is not None:
                self._outcomes.put_back(agent_id, success, task_id)
            raise
        return asdict(health)

    def get_agent_health(self, agent_id: str) -> dict[str, Any]:
        """Track record, load and status of an agent: ``success_rate``, ``avg_completion_ms``, ``status`` and more."""
        return asdict(self.muster.get_agent_health(agent_id))

    def get_agent_statistics(self) -> GetAgentStatisticsOutput:
        """Numbers of all agents together. With more than 10 agents they may be some minutes old."""
        return self.muster.get_agent_statistics()
