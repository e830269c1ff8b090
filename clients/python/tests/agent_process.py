"""An agent as a process. AGENT is its id and the capability of its tasks; EFFECTS is where handlers write."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path

from muster import Agent, ClaimedTask, Context

logging.basicConfig(level="INFO", format="%(message)s")
logging.getLogger("httpx2").setLevel("WARNING")

name = os.environ["AGENT"]
agent = Agent(
    name,
    capabilities=[name],
    grace=float(os.environ.get("GRACE", "0")),
    heartbeat=0.2,
    max_poll=0.05,
    takeover="TAKEOVER" in os.environ,
    per_process="PER_PROCESS" in os.environ,
)


def effect(task: ClaimedTask) -> str:
    """The effect, which must happen once per attempt."""
    line = f"{task.content} {task.attempt}"
    with Path(os.environ["EFFECTS"]).open("a") as effects:
        effects.write(f"{line}\n")
    return line


@agent.task("echo")
async def echo(task: ClaimedTask, _: Context) -> str:
    return effect(task)


@agent.task("endless")
async def endless(task: ClaimedTask, _: Context) -> str:
    done = effect(task)
    if task.attempt == 1:
        await asyncio.Event().wait()
    return done


@agent.task("endless_thread")
def endless_thread(task: ClaimedTask, _: Context) -> None:
    effect(task)
    while True:
        time.sleep(60)


@agent.task("blocking")
async def blocking(task: ClaimedTask, _: Context) -> None:
    effect(task)
    while True:
        time.sleep(60)  # noqa: ASYNC251 -- that is the mistake


@agent.task("until_file")
def until_file(task: ClaimedTask, context: Context) -> str:
    done = effect(task)
    while not Path(f"{os.environ['EFFECTS']}.go").exists():
        context.cancelled.wait(0.02)
    return done


agent.run()
print("stopped", flush=True)
