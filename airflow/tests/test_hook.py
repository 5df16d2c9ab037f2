"""The client's bounds and words, against a server that does what no good service does."""

from __future__ import annotations

import asyncio
import json
import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from airflow.sdk.definitions.connection import Connection
from conftest import connection_to
from tributary_provider.api import NewRun, TributaryError, TributaryRefused, TributaryUnreachable
from tributary_provider.hooks import tributary as hooks
from tributary_provider.hooks.tributary import Service, TributaryHook, pause_before

RUN = "5f0c1c0e-6d0e-4b6e-9d5c-0d6f3f3a1b11"
NEW = NewRun(datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, 0, 5, tzinfo=timezone.utc), 10, 5)


class Misbehaving(ThreadingHTTPServer):
    """Answers each request with the next of its answers, the last one for ever."""

    daemon_threads = True

    def __init__(self, *answers: object) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        server: Misbehaving = self.server  # type: ignore[assignment]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.asked.append((self.command, self.path, dict(self.headers)))
        answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        answer(self)

    do_GET = do_POST = _answer

    def log_message(self, *args: object) -> None:
        pass


def says(status: int, told: object, **headers: str):
    def answer(handler: _Handler) -> None:
        body = json.dumps(told).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def stalls(handler: _Handler) -> None:
    handler.server.released.wait(30)


def trickles(handler: _Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.released.wait(0.05):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return


def floods(handler: _Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b" " * 1024 * 1024)
    except OSError:
        return


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, *answers: object) -> Iterator[Misbehaving]:
    with Misbehaving(*answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("AIRFLOW_CONN_STRANGE", connection_to(server.url))
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "pause_before", lambda attempt, retry_after: 0.0)


def ask(method: str, *arguments: object):
    with TributaryHook("strange").client() as client:
        return getattr(client, method)(*arguments)


async def ask_async(method: str, *arguments: object):
    async with TributaryHook("strange").async_client() as client:
        return await getattr(client, method)(*arguments)


@pytest.mark.parametrize("stall", [stalls, trickles])
def test_an_answer_that_does_not_end_is_given_up(monkeypatch, stall):
    monkeypatch.setattr(hooks.Question, "within_seconds", 0.4)
    original = hooks.Question.run
    monkeypatch.setattr(hooks.Question, "run", staticmethod(lambda run: _hasty(original(run))))
    with served(monkeypatch, stall) as server:
        began = time.monotonic()
        with pytest.raises(TributaryUnreachable, match=f"{re.escape(server.url)} can not be asked for run {RUN}: no"):
            ask("run", RUN)
        with pytest.raises(TributaryUnreachable, match=f"{re.escape(server.url)} can not be asked for run {RUN}: no"):
            asyncio.run(ask_async("run", RUN))
        assert time.monotonic() - began < 10
        assert len(server.asked) == hooks.TRIES + 1


def _hasty(question: hooks.Question) -> hooks.Question:
    from dataclasses import replace

    return replace(question, within_seconds=0.4)


def test_an_answer_that_is_too_large_is_given_up(monkeypatch):
    with served(monkeypatch, floods) as server:
        with pytest.raises(TributaryError, match=f"{re.escape(server.url)} answers more than 4194304 bytes"):
            ask("run", RUN)
        with pytest.raises(TributaryError, match="answers more than 4194304 bytes"):
            asyncio.run(ask_async("run", RUN))


def test_a_redirect_is_not_followed(monkeypatch):
    with served(monkeypatch, says(302, {}, Location="http://example.invalid/")) as server:
        with pytest.raises(TributaryUnreachable, match="status 302"):
            ask("run", RUN)
        assert {path for _, path, _ in server.asked} == {f"/api/v1/runs/{RUN}"}


def test_a_refusal_is_not_repeated_and_names_the_field(monkeypatch):
    told = {"status": 422, "detail": "expected a whole number from 1 to 10,000,000", "field": "users"}
    with served(monkeypatch, says(422, told)) as server:
        with pytest.raises(TributaryRefused, match=r"the run is refused \(422\): users: expected a whole number") as refused:
            ask("create_run", NEW.body(), NEW.key())
        assert refused.value.field == "users"
        assert len(server.asked) == 1


def test_a_service_that_is_away_is_asked_four_times(monkeypatch):
    with served(monkeypatch, says(503, {"detail": "PostgreSQL does not answer"}, Retry_After="2")) as server:
        with pytest.raises(TributaryUnreachable, match="status 503 PostgreSQL does not answer"):
            ask("create_run", NEW.body(), NEW.key())
        assert len(server.asked) == 4
        assert {headers["Idempotency-Key"] for _, _, headers in server.asked} == {NEW.key()}


def test_a_replay_is_asked_for_once(monkeypatch):
    with served(monkeypatch, says(503, {"detail": "later"})) as server:
        with pytest.raises(TributaryUnreachable):
            ask("start_replay", RUN)
        assert len(server.asked) == 1


def test_nobody_at_the_address_is_told_with_the_address():
    with (
        pytest.raises(TributaryUnreachable, match=r"http://127\.0\.0\.1:9 can not be asked for the run: .*refused"),
        TributaryHook("nobody").client() as client,
    ):
        client.create_run(NEW.body(), NEW.key())


def test_the_pause_is_what_the_service_says_within_bounds():
    assert [pause_before(attempt, None) for attempt in (2, 3, 4)] == [0.5, 1.0, 2.0]
    assert pause_before(2, "7") == 7.0
    assert pause_before(2, "7000") == hooks.MAX_PAUSE_SECONDS
    assert pause_before(2, "Thu, 01 Jan 2026 00:00:00 GMT") == 0.5


def service(**told: object) -> Service:
    return Service.of(Connection(conn_id="c", conn_type="tributary", **told))


def test_a_token_is_sent_and_nothing_of_the_environment(monkeypatch):
    with served(monkeypatch, says(404, {"detail": "there is no such run"})) as server:
        monkeypatch.setenv("AIRFLOW_CONN_STRANGE", connection_to(server.url, password="secret-token"))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        with pytest.raises(TributaryRefused):
            ask("run", RUN)
        assert server.asked[0][2]["Authorization"] == "Bearer secret-token"


def test_a_token_does_not_go_readable_to_another_machine():
    with pytest.raises(TributaryError, match=r"the token would be sent readable to ingest\.example") as refused:
        service(host="ingest.example", password="secret-token")
    assert "secret-token" not in str(refused.value)
    assert service(host="ingest.example", password="t", schema="https").base_url == "https://ingest.example:443"
    assert service(host="::1", password="t", port=1).base_url == "http://[::1]:1"


@pytest.mark.parametrize("told", [{"host": ""}, {"host": "http://a"}, {"host": "a", "schema": "ftp"}])
def test_a_connection_that_names_no_service_is_refused(told):
    with pytest.raises(TributaryError, match=r"connection c: .*expected"):
        service(**told)


def test_the_live_page_can_be_elsewhere():
    assert service(host="a", port=1).page_of(RUN) == f"http://a:1/#/runs/{RUN}"
    told = json.dumps({"live_page": "https://etl.example/{run}"})
    assert service(host="a", extra=told).page_of(RUN) == f"https://etl.example/{RUN}"


def test_the_test_button_tells_what_is_wrong(monkeypatch):
    assert TributaryHook("nobody").test_connection()[0] is False
    assert "127.0.0.1:9" in TributaryHook("nobody").test_connection()[1]
    with served(monkeypatch, says(401, {"detail": "a bearer token is needed here"})):
        assert TributaryHook("strange").test_connection() == (
            False,
            "run 00000000-0000-0000-0000-000000000000 is refused (401): a bearer token is needed here",
        )
    with served(monkeypatch, says(404, {"detail": "there is no such run"})) as server:
        assert TributaryHook("strange").test_connection() == (True, f"The ingest service answers at {server.url}")


def test_a_port_that_accepts_and_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(hooks, "CONNECT_SECONDS", 0.3)
    original = hooks.Question.run
    monkeypatch.setattr(hooks.Question, "run", staticmethod(lambda run: _hasty(original(run))))

    class Mute(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(5)
            while self.request.recv(4096):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mute) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AIRFLOW_CONN_STRANGE", connection_to(f"http://127.0.0.1:{server.server_address[1]}"))
        with pytest.raises(TributaryUnreachable, match="no answer in time"):
            ask("run", RUN)
        server.shutdown()


def test_the_longest_a_task_can_be_held_by_one_question():
    """The bound in numbers: four answers of 20 s with pauses of at most 10 s."""
    assert timedelta(seconds=hooks.TRIES * (hooks.CONNECT_SECONDS + hooks.ANSWER_SECONDS) + 3 * 10) <= timedelta(minutes=3)
