"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], output: Callable[[], str] = str, *, seconds: float = 45.0) -> None:
    """Waits until a condition holds; the limit is for a busy machine.

    Args:
        condition: What to wait for.
        output: What the process that must make it true has written, for the error.
        seconds: The limit.
    """
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"The condition does not hold.\n{output()}"
        time.sleep(0.02)
