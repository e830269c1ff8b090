"""When a request is retried, against a server with scripted responses."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from muster import AsyncMuster, Muster, MusterError

KEY = "mst_secret"


@dataclass
class Answer:
    """What the server does with a request; without a status it closes the connection."""

    status: int | None = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Server(ThreadingHTTPServer):
    """Responds as scripted; the last response repeats."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [Answer()]
        self.requests: list[tuple[str, str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.server.requests.append((self.command, self.path, body))
        answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        time.sleep(answer.seconds)
        if answer.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows what failed."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


Call = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, server: Server) -> Call:
    """Calls a method of a client of the server by name."""

    def perform(method: str, /, *args: Any, options: dict[str, Any] | None = None, **fields: Any) -> Any:
        given: dict[str, Any] = {"url": server.url, "key": KEY, **(options or {})}
        if request.param == "sync":
            with Muster(**given) as muster:
                return getattr(muster, method)(*args, **fields)

        async def run() -> Any:
            async with AsyncMuster(**given) as muster:
                return await getattr(muster, method)(*args, **fields)

        return asyncio.run(run())

    return perform


def problem(status: int, code: str) -> Answer:
    return Answer(status, {"code": code, "detail": "No.", "hint": "Wait.", "status": status})


RECOUNTED = Answer(200, {"tasks": 3})
LEASED = Answer(200, {"task_id": "t", "attempt": 1, "lease_expires_at": "2026-01-01T00:00:00.000Z"})


@pytest.mark.parametrize("failure", [Answer(None), problem(503, "unavailable"), problem(500, "internal"), Answer(502)])
def test_what_is_safe_is_sent_again(call: Call, server: Server, failure: Answer) -> None:
    server.answers = [failure, failure, LEASED]
    assert call("heartbeat_task", "t").attempt == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", [Answer(None), problem(503, "unavailable"), problem(500, "internal")])
def test_what_is_not_safe_is_not_sent_again(call: Call, server: Server, failure: Answer) -> None:
    server.answers = [failure, RECOUNTED]
    with pytest.raises(MusterError) as error:
        call("recount")
    assert error.value.is_temporary
    assert len(server.requests) == 1


def test_a_throttled_request_had_no_effect_and_is_sent_again(call: Call, server: Server) -> None:
    server.answers = [Answer(429, {"message": "Too Many Requests"}), RECOUNTED]
    assert call("recount").tasks == 3


def test_what_was_never_sent_is_sent_again(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with caplog.at_level(logging.WARNING, "muster"), pytest.raises(MusterError) as error:
            call("recount", options={"url": url, "retries": 1})
    assert (error.value.code, error.value.status, error.value.was_sent) == ("no_answer", None, False)
    assert len([one for one in caplog.messages if one.startswith("Retrying in")]) == 1


def test_each_sending_has_the_same_idempotency_key(call: Call, server: Server) -> None:
    refusal = problem(422, "invalid_input")
    server.answers = [Answer(None), problem(503, "unavailable"), refusal]
    for method, arguments in (("create_task", ["x"]), ("submit_graph", [[{"key": "a", "content": "x"}]])):
        server.requests.clear()
        server.answers = [Answer(None), problem(503, "unavailable"), refusal]
        with pytest.raises(MusterError):
            call(method, *arguments)
        keys = {body["idempotency_key"] for _, _, body in server.requests}
        assert (len(server.requests), len(keys)) == (3, 1)

    server.requests.clear()
    server.answers = [Answer(None), refusal]
    with pytest.raises(MusterError):
        call("create_tasks", [{"content": "x"}, {"content": "y", "idempotency_key": "mine"}])
    (_, _, first), (_, _, second) = server.requests
    assert first == second
    assert first["tasks"][0]["idempotency_key"] != first["tasks"][1]["idempotency_key"] == "mine"


def test_a_report_is_sent_again_only_with_its_attempt(call: Call, server: Server) -> None:
    server.answers = [problem(503, "unavailable")]
    for attempt, expected in ((None, 1), (2, 2)):
        server.requests.clear()
        with pytest.raises(MusterError):
            call("fail_task", "t", "broken", attempt=attempt, options={"retries": 1})
        assert len(server.requests) == expected


def test_a_refusal_is_final(call: Call, server: Server) -> None:
    server.answers = [problem(404, "task_not_found")]
    with pytest.raises(MusterError):
        call("get_task", "t")
    assert len(server.requests) == 1


def test_retries_are_limited_and_can_be_without_limit(call: Call, server: Server) -> None:
    server.answers = [problem(503, "unavailable")]
    with pytest.raises(MusterError):
        call("get_task", "t", options={"retries": 2})
    assert len(server.requests) == 3
    server.answers = [Answer(None)] * 3 + [LEASED]
    assert call("heartbeat_task", "t", options={"retries": math.inf}).attempt == 1


def busy_for(after: str) -> Answer:
    busy = problem(503, "unavailable")
    return Answer(busy.status, busy.body, {"retry-after": after})


def test_retry_after_is_kept(call: Call, server: Server) -> None:
    server.answers = [busy_for("1"), LEASED]
    began = time.monotonic()
    call("heartbeat_task", "t")
    assert time.monotonic() - began >= 1


def test_more_than_a_minute_is_not_waited_for(call: Call, server: Server) -> None:
    server.answers = [busy_for(formatdate(time.time() + 3600, usegmt=True)), LEASED]
    with pytest.raises(MusterError) as error:
        call("heartbeat_task", "t")
    assert error.value.retry_after == pytest.approx(3600, abs=60)
    assert len(server.requests) == 1


def test_a_late_answer_is_no_answer(call: Call, server: Server) -> None:
    # Long enough for a busy machine to connect and send.
    server.answers = [Answer(200, {}, seconds=5)]
    with pytest.raises(MusterError, match=r"did not respond within 1 s") as error:
        call("get_task", "t", options={"timeout": 1.0, "retries": 0})
    assert error.value.was_sent


@pytest.mark.parametrize("body", [b"<html>hello</html>", {"task_id": 1}, [], None])
def test_an_answer_of_something_else_is_said_to_be_one(call: Call, server: Server, body: Any) -> None:
    server.answers = [Answer(200, body)]
    with pytest.raises(MusterError) as error:
        call("get_task", "t")
    assert error.value.code == "unexpected_answer"


def test_what_a_newer_muster_adds_is_no_error(call: Call, server: Server) -> None:
    server.answers = [Answer(200, {"tasks": 1, "next_cursor": None, "new": {"deep": [1]}})]
    assert call("recount").tasks == 1


def test_the_key_is_sent_and_never_logged(call: Call, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.answers = [Answer(None), LEASED]
    with caplog.at_level(logging.DEBUG):
        call("heartbeat_task", "t")
    assert len(caplog.messages) >= 2
    assert KEY not in caplog.text


def test_fields_are_placed_in_path_query_and_body(call: Call, server: Server) -> None:
    listing = Answer(200, {"agents": []})
    server.answers = [listing]
    call("find_agents", requirements=["a", "b/c"], available=True, limit=3)
    assert server.requests[-1] == ("GET", "/v1/agents?requirements=a%2Cb%2Fc&available=true&limit=3", {})
    server.answers = [LEASED]
    call("heartbeat_task", "a/b c", attempt=1)
    assert server.requests[-1] == ("POST", "/v1/tasks/a%2Fb%20c/heartbeat", {"attempt": 1})


def test_url_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_URL", "http://muster.test/base/")
    monkeypatch.setenv("MUSTER_KEY", KEY)
    for client in (Muster(), AsyncMuster()):
        assert repr(client).endswith("Muster('http://muster.test/base')")
    monkeypatch.delenv("MUSTER_KEY")
    for make in (Muster, AsyncMuster):
        with pytest.raises(ValueError, match="A key is required"):
            make()
        with pytest.raises(ValueError, match="url must be an address"):
            make("muster.test", KEY)


def test_options_of_some_calls(server: Server) -> None:
    server.answers = [problem(503, "unavailable")]
    with Muster(server.url, KEY) as muster, pytest.raises(MusterError):
        muster.with_options(retries=0).get_task("t")
    assert len(server.requests) == 1
