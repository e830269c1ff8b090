"""An agent that answers with a language model, and a task for it."""

import json
import threading

import pydantic_ai
from muster import Agent, ClaimedTask, Context, Muster
from pydantic_ai.models.test import TestModel

# A fake model, so that this runs without a network and a bill. For a real one: pip install "pydantic-ai-slim[anthropic]", then
#   model = "anthropic:claude-sonnet-4-5"
model = TestModel(custom_output_text="Tasks wait in a queue until an agent that can do them has a free slot.")

summarizer = pydantic_ai.Agent(model, instructions="Summarize in one sentence.")
agent = Agent("py_summarizer", capabilities=["py-summarizing"])


@agent.task("summary")
async def summary(task: ClaimedTask, ctx: Context) -> dict[str, str]:
    """Awaits the model: if the task is cancelled or its lease is lost, the call is aborted and costs nothing more."""
    answer = await summarizer.run(task.content)
    usage = answer.usage
    ctx.metrics(model="fake-model", input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    return {"summary": answer.output}


def ask() -> None:
    """Submits a task, waits for its result and stops the agent."""
    with Muster() as muster:
        task = muster.create_task(
            content="Muster is a task queue, an agent registry and a capability router.",
            task_type="summary",
            requirements=["py-summarizing"],
        )
        ended = muster.wait_for(task)
        print(ended.status, json.dumps({"result": ended.result, "metrics": ended.metrics}))
    agent.stop()


threading.Thread(target=ask, daemon=True).start()
agent.run()
