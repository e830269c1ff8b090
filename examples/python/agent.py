"""An agent that finds files with the same content below a folder: `MUSTER_KEY=mst_... python3 examples/python/agent.py`."""

import hashlib
import os
import stat

from muster import PermanentError, work

ROOT = os.path.realpath(os.environ.get("MUSTER_FILES", "."))
MAX_BYTES = 64 << 20
# A pipe would block the process before it could be refused, and a link could be swapped in after the look at it.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def open_below(name):
    """Opens a regular file below ROOT: tasks are other people's words, and may name anything."""
    path = os.path.realpath(os.path.join(ROOT, name))
    if not path.startswith(os.path.join(ROOT, "")):
        raise PermanentError(f"{name} is not below {ROOT}")
    descriptor = os.open(path, FLAGS)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise PermanentError(f"{name} is not a regular file")


def digest(task, check):
    """The SHA-256 of the file that the task names."""
    sha = hashlib.sha256()
    size = 0
    try:
        with open_below(task["content"]) as file:
            while chunk := file.read(1 << 20):
                check()
                size += len(chunk)
                if size > MAX_BYTES:
                    raise PermanentError(f"{task['content']} is larger than {MAX_BYTES} bytes")
                sha.update(chunk)
    except OSError as error:
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
