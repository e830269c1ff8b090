"""What all tests have: a running Muster, and their own names."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from clock import Clock

from muster import Muster


@pytest.fixture
def muster() -> Iterator[Muster]:
    """A client of the running Muster, with an admin's key."""
    with Muster() as client:
        yield client


@pytest.fixture
def skill() -> str:
    """A capability that no other test has, also the name of its agent."""
    return f"py-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def clock() -> Clock:
    """Muster's clock."""
    url = os.environ.get("MUSTER_CLOCK")
    if url is None:
        pytest.skip("MUSTER_CLOCK is not set: the clock of this Muster cannot be moved.")
    return Clock(url)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Reports the outcome of each test to the program that started pytest."""
    file = os.environ.get("MUSTER_TEST_REPORT")
    if file is None or (report.when != "call" and report.passed):
        return
    line = {"test": report.nodeid.rpartition("/")[2], "outcome": report.outcome, "text": report.longreprtext}
    with Path(file).open("a") as lines:
        lines.write(json.dumps(line) + "\n")
