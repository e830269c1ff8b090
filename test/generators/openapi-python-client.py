"""What a user of openapi-python-client writes."""

import json
import os

from muster_client import AuthenticatedClient, Client
from muster_client.api.agents import claim_tasks, register_agent
from muster_client.api.tasks import complete_task, create_task, get_task, query_tasks
from muster_client.models import (
    ClaimTasksInput,
    ClaimTasksOutput,
    CompleteTaskInput,
    GatewayMessage,
    Priority,
    Problem,
    ProblemCode,
    QueryTasksOutput,
    RegisterAgentInput,
    Routing,
    Task,
    TaskInput,
    TaskStatus,
)

agent, skill = os.environ["AGENT"], os.environ["SKILL"]
muster = AuthenticatedClient(base_url=os.environ["MUSTER_URL"], token=os.environ["MUSTER_KEY"])

new = TaskInput(content="Say hello", requirements=[skill], routing=Routing.MANUAL, priority=Priority.HIGH)
task = create_task.sync(client=muster, body=new)
assert isinstance(task, Task), task
register_agent.sync(client=muster, body=RegisterAgentInput(agent_id=agent, capabilities=[skill]))
claim = claim_tasks.sync(agent, client=muster, body=ClaimTasksInput(limit=1))
assert isinstance(claim, ClaimTasksOutput), claim
for claimed in claim.tasks:
    report = CompleteTaskInput(agent_id=agent, attempt=claimed.attempt, result="hello")
    complete_task.sync(claimed.task_id, client=muster, body=report)
done = get_task.sync(task.task_id, client=muster)
assert isinstance(done, Task), done
listed = query_tasks.sync(client=muster, status=[TaskStatus.COMPLETED], agent_id=agent)
assert isinstance(listed, QueryTasksOutput), listed
refusal = get_task.sync("none", client=muster)
assert isinstance(refusal, Problem), refusal
# What API Gateway answers itself is read too.
unauthorized = get_task.sync("none", client=Client(base_url=os.environ["MUSTER_URL"]))
assert isinstance(unauthorized, GatewayMessage), unauthorized

print(
    json.dumps(
        {
            "status": done.status.value,
            "result": done.result,
            "poll_after_ms": claim.poll_after_ms,
            "listed": len(listed.tasks),
            "isUnknown": refusal.code == ProblemCode.TASK_NOT_FOUND,
            "isNonsense": False,
        }
    )
)
