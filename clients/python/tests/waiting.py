"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], seconds: float = 45.0) -> None:
    """Waits until a condition holds; the limit is for a machine that is busy with something else."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "The condition does not hold."
        time.sleep(0.02)
