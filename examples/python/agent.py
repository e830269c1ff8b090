"""An agent that finds files with the same content: `MUSTER_KEY=mst_... python3 examples/python/agent.py`."""

import hashlib

from muster import PermanentError, work


def digest(task, check):
    """The SHA-256 of the file that the task names."""
    sha = hashlib.sha256()
    try:
        with open(task["content"], "rb") as file:
            while chunk := file.read(1 << 20):
                check()
                sha.update(chunk)
    except FileNotFoundError as error:
        raise PermanentError(str(error)) from error
    return {"file": task["content"], "sha256": sha.hexdigest()}


def duplicates(task, check):
    """The groups of files with one digest, among those that the dependencies have read."""
    files = {}
    for dependency in task["dependency_results"].values():
        check()
        found = dependency["result"]
        files.setdefault(found["sha256"], []).append(found["file"])
    return sorted(sorted(group) for group in files.values() if len(group) > 1)


work("file_reader", ["files"], {"digest": digest, "duplicates": duplicates})
