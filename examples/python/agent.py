"""An agent that finds files with the same content below a folder: `MUSTER_KEY=... python3 examples/python/agent.py`."""

import hashlib
import logging
import os
import stat
from typing import BinaryIO

from muster import Agent, ClaimedTask, Context, PermanentError

ROOT = os.path.realpath(os.environ.get("MUSTER_FILES", "."))
MAX_BYTES = 64 << 20
# A pipe would block its thread before it could be refused, and a link could be swapped in after the check.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)

agent = Agent("file_reader", capabilities=["files"])


@agent.task("digest")
def digest(task: ClaimedTask, ctx: Context) -> dict[str, str]:
    """The SHA-256 of the file in the task."""
    sha = hashlib.sha256()
    size = 0
    try:
        with open_below(task.content) as file:
            while chunk := file.read(1 << 20):
                ctx.raise_if_cancelled()
                size += len(chunk)
                if size > MAX_BYTES:
                    raise PermanentError(f"{task.content} is larger than {MAX_BYTES} bytes")
                sha.update(chunk)
    except OSError as error:
        raise PermanentError(str(error)) from error
    return {"file": task.content, "sha256": sha.hexdigest()}


@agent.task("duplicates")
def duplicates(_task: ClaimedTask, ctx: Context) -> list[list[str]]:
    """The groups of files with the same digest, among the results of the dependencies."""
    files: dict[str, list[str]] = {}
    for dependency in ctx.dependency_results.values():
        found = dependency.result
        files.setdefault(found["sha256"], []).append(found["file"])
    return sorted(sorted(group) for group in files.values() if len(group) > 1)


def open_below(name: str) -> BinaryIO:
    """Opens a regular file below ROOT: tasks are untrusted and may name anything."""
    path = os.path.realpath(os.path.join(ROOT, name))
    if not path.startswith(os.path.join(ROOT, "")):
        raise PermanentError(f"{name} is not below {ROOT}")
    descriptor = os.open(path, FLAGS)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise PermanentError(f"{name} is not a regular file")


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(message)s")
    logging.getLogger("httpx2").setLevel("WARNING")
    agent.run()
