"""Enough of Muster for agents and producers, in the standard library of Python: `call` and `work`."""

import itertools
import json
import os
import random
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

URL = os.environ.get("MUSTER_URL", "http://127.0.0.1:4800").rstrip("/")
KEY = os.environ.get("MUSTER_KEY", "")
# Shorter than any lease.
HEARTBEAT_SECONDS = float(os.environ.get("MUSTER_HEARTBEAT_SECONDS", "20"))
# Names this process: an agent id belongs to one process at a time.
INSTANCE = secrets.token_hex(5)


class Refused(Exception):
    """A request that Muster refused: `problem` has code, detail and hint."""

    def __init__(self, problem):
        super().__init__(f"{problem.get('code')}: {problem.get('detail', problem)} {problem.get('hint', '')}")
        self.problem = problem


class Lost(Exception):
    """The task was cancelled or reassigned: stop working on it."""


class PermanentError(Exception):
    """The task fails and is not retried."""


def call(method, path, body=None):
    """Sends a request until it is answered. Send idempotency_key, attempt or holding to make repeating it safe."""
    headers = {"authorization": f"Bearer {KEY}"}
    data = None
    if body is not None:
        headers["content-type"] = "application/json"
        data = json.dumps(body).encode()
    for failures in itertools.count():
        request = urllib.request.Request(URL + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 429 and error.code < 500:
                raise Refused(json.load(error)) from None
            wait = float(error.headers.get("retry-after") or 0)
        except OSError:
            wait = 0
        time.sleep(wait + random.random() * min(10, 0.2 * 2 ** min(failures, 10)))


def work(agent_id, capabilities, handlers):
    """Runs an agent until SIGTERM or Ctrl-C, which let it finish its task; a second one ends it at once.

    A handler gets the task and a `check` to call now and then: it raises Lost when the work is no longer needed.
    """
    stopping = threading.Event()

    def stop(number, _frame):
        stopping.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)

    agent = f"/v1/agents/{agent_id}"
    registration = {"agent_id": agent_id, "capabilities": capabilities, "max_concurrent_tasks": 1}
    register(registration, stopping)
    while not stopping.is_set():
        try:
            claimed = call("POST", f"{agent}/claim", {"limit": 1, "holding": [], "instance": INSTANCE})
        except Refused as refusal:
            if refusal.problem.get("code") != "agent_not_found":
                raise
            register(registration, stopping)
            continue
        for task in claimed["tasks"]:
            perform(agent_id, task, handlers)
        stopping.wait(claimed["poll_after_ms"] / 1000)

    # It gets no new tasks until it starts again; tasks assigned in the meantime are released.
    try:
        call("POST", f"{agent}/drain", {"until_registered": True, "instance": INSTANCE})
        for held in call("POST", f"{agent}/heartbeat", {"holding": [], "instance": INSTANCE})["unnamed"]:
            report(agent_id, held, "release", {"reason": "The agent is stopping.", "exclude": False})
    except Refused as refusal:
        print(f"stopped: {refusal}", file=sys.stderr)


def register(registration, stopping):
    """Registers this process, and waits as long as another one runs the agent."""
    body = {**registration, "instance": INSTANCE, "host": socket.gethostname()[:64] or "unknown"}
    while not stopping.is_set():
        try:
            call("POST", "/v1/agents", body)
            return
        except Refused as refusal:
            if refusal.problem.get("code") != "agent_in_use":
                raise
            print(f"waiting: {refusal.problem['detail']}", file=sys.stderr)
            stopping.wait(5 + 5 * random.random())


def perform(agent_id, task, handlers):
    """Does one task and reports the outcome."""
    lost = threading.Event()
    ended = threading.Event()

    def check():
        if lost.is_set():
            raise Lost

    threading.Thread(target=keep_alive, args=(agent_id, task, lost, ended), daemon=True).start()
    try:
        handler = handlers.get(task["task_type"])
        if handler is None:
            report(agent_id, task, "release", {"reason": f"The agent has no handler for task type {task['task_type']}."})
        else:
            report(agent_id, task, "complete", {"result": handler(task, check)})
    except Lost:
        print(f"{task['task_id']} is no longer needed", file=sys.stderr)
    except Exception as error:
        text = "".join(letter for letter in str(error) if letter.isprintable() or letter == "\n")
        message = text[:1000] or type(error).__name__
        report(agent_id, task, "fail", {"error": message, "should_retry": not isinstance(error, PermanentError)})
    finally:
        ended.set()


def keep_alive(agent_id, task, lost, ended):
    """Renews the lease of a task until it has ended or is lost."""
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            body = {"attempt": task["attempt"], "agent_id": agent_id, "instance": INSTANCE}
            call("POST", f"/v1/tasks/{task['task_id']}/heartbeat", body)
        except Refused:
            lost.set()
            return


def report(agent_id, task, what, body):
    """Reports on an attempt. A refusal because the task was reassigned or has ended is only printed."""
    try:
        attempt = {"attempt": task["attempt"], "agent_id": agent_id, "instance": INSTANCE}
        call("POST", f"/v1/tasks/{task['task_id']}/{what}", {**attempt, **body})
        print(f"{what} {task['task_id']}", file=sys.stderr)
    except Refused as refusal:
        if refusal.problem.get("status") in (413, 422):
            raise PermanentError(f"The result was refused: {refusal}") from None
        print(f"{what} {task['task_id']} is refused: {refusal}", file=sys.stderr)
