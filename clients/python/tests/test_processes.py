"""Agents as processes: killed, doubled, stopped and cut off. The effect of a task happens once per attempt."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from clock import Clock
from waiting import until

from muster import Muster, Task

SCRIPT = Path(__file__).with_name("agent_process.py")


class AgentProcess:
    """A running agent."""

    def __init__(self, output: Path, environment: dict[str, str]) -> None:
        self._output = output
        with output.open("w") as file:
            self._process = subprocess.Popen(
                [sys.executable, str(SCRIPT)], env=os.environ | environment, stdout=file, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def kill(self, number: signal.Signals) -> int:
        """Sends a signal and waits for the end. Returns the exit code."""
        self.signal(number)
        return self.ended()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self) -> int:
        return self._process.wait(45)

    def remove(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def effects(tmp_path: Path) -> Path:
    file = tmp_path / "effects"
    file.touch()
    return file


Start = Callable[..., AgentProcess]


@pytest.fixture
def start(skill: str, effects: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts processes of one agent."""
    processes: list[AgentProcess] = []

    def begin(**environment: str) -> AgentProcess:
        output = tmp_path / f"output-{len(processes)}"
        process = AgentProcess(output, {"AGENT": skill, "EFFECTS": str(effects), **environment})
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.remove()


Create = Callable[[str, str], Task]


@pytest.fixture
def create(muster: Muster, skill: str) -> Create:
    return lambda kind, content: muster.create_task(content, task_type=kind, requirements=[skill])


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("endless", signal.SIGTERM),
        ("endless", signal.SIGINT),
        ("endless_thread", signal.SIGTERM),
        ("blocking", signal.SIGTERM),
    ],
)
def test_a_stop_releases_what_is_not_finished(
    muster: Muster, skill: str, effects: Path, start: Start, create: Create, kind: str, number: signal.Signals
) -> None:
    agent = start()
    task = create(kind, "x")
    until(lambda: effects.read_text() == "x 1\n")
    assert agent.kill(number) == 0
    assert "stopped" in agent.output
    # On a busy machine a process ends before its last requests are answered.
    until(lambda: muster.get_task(task.task_id).status == "pending")
    after = muster.get_task(task.task_id)
    assert (after.attempt, after.retry_count) == (1, 0)
    until(lambda: (muster.get_agent(skill).state, muster.get_agent(skill).load) == ("left", 0))
    assert effects.read_text() == "x 1\n"


def test_the_task_of_a_killed_process_is_done_again_when_its_lease_has_expired(
    muster: Muster, effects: Path, start: Start, create: Create, clock: Clock
) -> None:
    killed = start()
    task = create("endless", "x")
    until(lambda: effects.read_text() == "x 1\n")
    assert killed.kill(signal.SIGKILL) == -signal.SIGKILL
    clock.advance("6m")
    clock.sweep()
    after = muster.get_task(task.task_id)
    assert (after.status, after.retry_count) == ("pending", 1)
    clock.advance("10s")
    clock.sweep()
    start()
    done = muster.wait_for(task, timeout=45)
    assert (done.result, done.attempt) == ("x 2", 2)
    assert effects.read_text() == "x 1\nx 2\n"


def test_a_process_that_takes_over_has_the_tasks_of_the_first_which_stops(
    muster: Muster, effects: Path, start: Start, create: Create
) -> None:
    first = start()
    task = create("endless", "x")
    until(lambda: effects.read_text() == "x 1\n")
    start(TAKEOVER="yes")
    done = muster.wait_for(task, timeout=45)
    assert (done.result, done.retry_count) == ("x 2", 0)
    assert first.ended() == 1
    assert "agent_replaced" in first.output
    assert effects.read_text() == "x 1\nx 2\n"


def test_of_two_processes_with_one_id_the_second_waits_for_the_first(
    muster: Muster, effects: Path, start: Start, create: Create
) -> None:
    both = [start(), start()]
    until(lambda: [one for one in both if "Waiting: Agent" in one.output])
    running, waiting = sorted(both, key=lambda one: "Waiting: Agent" in one.output)
    for task in [create("echo", f"task{number}") for number in range(5)]:
        assert muster.wait_for(task, timeout=45).attempt == 1
    assert "registered" not in waiting.output
    assert running.kill(signal.SIGTERM) == 0
    assert muster.wait_for(create("echo", "last"), timeout=45).attempt == 1
    assert "registered" in waiting.output
    assert sorted(effects.read_text().split("\n")) == ["", "last 1", *(f"task{number} 1" for number in range(5))]


def test_a_stop_is_no_error_when_the_next_process_has_the_id_before_the_last_report_is_answered(
    muster: Muster, skill: str, start: Start, create: Create, line: Line
) -> None:
    line.hold_answers(b"/complete")
    stopped = start(MUSTER_URL=line.url, GRACE="45")
    muster.wait_for(create("echo", "x"), timeout=45)
    first = muster.get_agent(skill).instance
    stopped.signal(signal.SIGTERM)
    until(lambda: muster.get_agent(skill).state == "left")
    following = start()
    until(lambda: muster.get_agent(skill).instance != first, lambda: following.output)
    line.sent.clear()
    until(lambda: sum(b"/heartbeat" in data for data in line.sent) > 1)
    line.release()
    assert stopped.ended() == 0
    assert "stopped" in stopped.output
    assert "agent_replaced" not in stopped.output


def test_processes_with_an_id_of_their_own_leave_no_agent_behind(muster: Muster, skill: str, start: Start) -> None:
    key = muster.create_key("agent", agent_id=skill).key
    replicas = [start(PER_PROCESS="yes", MUSTER_KEY=key) for _ in range(2)]
    until(lambda: len(muster.find_agents(requirements=[skill]).agents) == 2)
    assert [replica.kill(signal.SIGTERM) for replica in replicas] == [0, 0]
    # As above.
    until(lambda: muster.find_agents(requirements=[skill]).agents == [])


class Line:
    """A proxy between an agent and Muster, which can be cut, or hold back some responses."""

    def __init__(self) -> None:
        self._muster = urlsplit(os.environ["MUSTER_URL"])
        self._is_cut = False
        self._held: bytes | None = None
        self._may_answer = threading.Event()
        self.sent: list[bytes] = []
        self._open: list[socket.socket] = []
        # A connection made while the proxy is cut is cut too.
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        self._is_cut = False

    def hold_answers(self, request: bytes) -> None:
        """Performs requests that contain this text, but holds back their responses until they are released."""
        self._held = request

    def release(self) -> None:
        self._may_answer.set()

    def close(self) -> None:
        self.release()
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with self._lock:
                    if self._is_cut:
                        near.close()
                        continue
                    far = socket.create_connection((self._muster.hostname or "", self._muster.port or 80))
                    self._open += [near, far]
                may_answer = threading.Event()
                may_answer.set()
                threading.Thread(target=self._ask, args=(near, far, may_answer), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near, may_answer), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket, may_answer: threading.Event) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                self.sent.append(data)
                if self._held is not None and self._held in data:
                    may_answer.clear()
                far.sendall(data)
        _end(near, far)

    def _answer(self, far: socket.socket, near: socket.socket, may_answer: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if not may_answer.is_set():
                    self._may_answer.wait(45)
                near.sendall(data)
        _end(far, near)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


def test_work_goes_on_while_muster_is_unreachable_and_is_reported_once(
    muster: Muster, effects: Path, start: Start, create: Create, line: Line
) -> None:
    agent = start(MUSTER_URL=line.url)
    task = create("until_file", "x")
    until(lambda: effects.read_text() == "x 1\n")
    line.cut()
    Path(f"{effects}.go").touch()
    until(lambda: "complete_task: no_answer" in agent.output)
    line.restore()
    done = muster.wait_for(task, timeout=45)
    assert (done.result, done.attempt) == ("x 1", 1)
    assert muster.wait_for(create("echo", "y"), timeout=45).attempt == 1
    assert effects.read_text() == "x 1\ny 1\n"


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_stop_works_while_muster_is_unreachable(
    effects: Path, start: Start, create: Create, line: Line, is_registered: bool
) -> None:
    if not is_registered:
        line.cut()
    agent = start(MUSTER_URL=line.url)
    if is_registered:
        create("endless", "x")
        until(lambda: effects.read_text() == "x 1\n")
        line.cut()
    until(lambda: "no_answer" in agent.output)
    assert agent.kill(signal.SIGTERM) == 0
    assert "stopped" in agent.output
