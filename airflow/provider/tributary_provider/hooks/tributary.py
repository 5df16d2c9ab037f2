"""The client of Tributary's control API."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from airflow.sdk.bases.hook import BaseHook

from tributary_provider import __version__
from tributary_provider.api import (
    Reconciliation,
    Replay,
    Run,
    TributaryError,
    TributaryRefused,
    TributaryUnreachable,
)

if TYPE_CHECKING:
    from airflow.sdk.definitions.connection import Connection

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
"""Of one request, from its first to its last byte; a reconciliation has ``RECONCILED_WITHIN_SECONDS``."""
RECONCILED_WITHIN_SECONDS = 300.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024
TRIES = 4
"""Of one question, with pauses of 0.5, 1 and 2 s between, or as the service says, at most ``MAX_PAUSE_SECONDS``."""
MAX_PAUSE_SECONDS = 10.0

TEST_RUN = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Question:
    """One request and what may be done about it."""

    what: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    within_seconds: float = ANSWER_SECONDS
    repeatable: bool = True

    @staticmethod
    def create(body: dict[str, Any], key: str) -> Question:
        """Plan a run, or find it by its key."""
        return Question("the run", "POST", "/api/v1/runs", body, (("Idempotency-Key", key),))

    @staticmethod
    def run(run: str) -> Question:
        """Look at a run."""
        return Question(f"run {run}", "GET", f"/api/v1/runs/{run}")

    @staticmethod
    def cancel(run: str) -> Question:
        """Have no further page asked for."""
        return Question(f"the cancellation of run {run}", "POST", f"/api/v1/runs/{run}/cancel")

    @staticmethod
    def redrive(run: str) -> Question:
        """Try quarantined pages again."""
        return Question(f"the redrive of run {run}", "POST", f"/api/v1/runs/{run}/redrive")

    @staticmethod
    def reconciliation(run: str, deep: bool) -> Question:
        """Compare the stores; takes minutes at worst."""
        path = f"/api/v1/runs/{run}/reconciliation?deep={'true' if deep else 'false'}"
        return Question(f"the reconciliation of run {run}", "GET", path, within_seconds=RECONCILED_WITHIN_SECONDS)

    @staticmethod
    def start_replay(run: str, topic: str | None) -> Question:
        """Publish again; every call is a replay of its own."""
        body = {"topic": topic} if topic else {}
        return Question(f"a replay of run {run}", "POST", f"/api/v1/runs/{run}/replay", body, repeatable=False)

    @staticmethod
    def replay(replay: str) -> Question:
        """Look at a replay."""
        return Question(f"replay {replay}", "GET", f"/api/v1/replays/{replay}")

    @staticmethod
    def newest_window() -> Question:
        """Look at the newest window."""
        return Question("the newest window", "GET", "/api/v1/windows?limit=1")


@dataclass(frozen=True)
class Service:
    """Where the service is, and how it is spoken to."""

    base_url: str
    token: str | None
    ca_file: str | None
    live_page: str | None

    @classmethod
    def of(cls, connection: Connection) -> Service:
        """
        Read a connection: host, port, schema (http or https), password (a token), extra (ca_file, live_page).

        :raises TributaryError: where it names no host, or would send the token readable to another machine
        """
        scheme = (connection.schema or "http").lower()
        host = (connection.host or "").strip()
        if not host or "/" in host:
            raise TributaryError(f"connection {connection.conn_id}: host={host!r}, expected a name or an address without http://")
        if scheme not in ("http", "https"):
            raise TributaryError(f"connection {connection.conn_id}: schema={scheme!r}, expected http or https")
        token = (connection.password or "").strip() or None
        if token and scheme == "http" and not _is_this_machine(host):
            raise TributaryError(
                f"connection {connection.conn_id}: the token would be sent readable to {host}; set schema to https"
            )
        extra = connection.extra_dejson
        shown = f"[{host}]" if ":" in host else host
        port = connection.port or (443 if scheme == "https" else 8080)
        return cls(f"{scheme}://{shown}:{port}", token, extra.get("ca_file") or None, extra.get("live_page") or None)

    def page_of(self, run: str) -> str:
        """Give the address of the run's live page."""
        return self.live_page.format(run=run) if self.live_page else f"{self.base_url}/#/runs/{run}"

    def client_options(self) -> dict[str, Any]:
        """Give what both of httpx' clients need: bounds, no redirect, nothing of the environment's proxies and logins."""
        headers = {"Accept": "application/json", "User-Agent": f"tributary-airflow-provider/{__version__}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        verify = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True
        return {
            "base_url": self.base_url,
            "headers": headers,
            "verify": verify,
            "follow_redirects": False,
            "trust_env": False,
            "timeout": httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            "limits": httpx.Limits(max_connections=2),
        }

    def unreachable(self, question: Question, why: object) -> TributaryUnreachable:
        """Give the error that names the address."""
        reason = str(why) or type(why).__name__
        return TributaryUnreachable(f"{self.base_url} can not be asked for {question.what}: {reason}")


class Answer:
    """The answer as it comes in: bounded in bytes and in time."""

    def __init__(self, service: Service, question: Question) -> None:
        self._service = service
        self._question = question
        self._until = time.monotonic() + question.within_seconds
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take the next bytes; raises where they are too many or too late."""
        self._body += chunk
        if len(self._body) > MAX_ANSWER_BYTES:
            raise TributaryError(f"{self._service.base_url} answers more than {MAX_ANSWER_BYTES} bytes for {self._question.what}")
        if time.monotonic() > self._until:
            late = f"no whole answer after {self._question.within_seconds:.0f} s"
            raise self._service.unreachable(self._question, late)

    def json(self, status: int) -> dict[str, Any]:
        """Give the body of a good answer; the service's own words as an error otherwise."""
        try:
            told = json.loads(self._body)
        except ValueError:
            told = None
        if 200 <= status < 300 and isinstance(told, dict):
            return told
        detail = told.get("detail", "") if isinstance(told, dict) else ""
        if 400 <= status < 500 and status not in (408, 429):
            field = told.get("field") if isinstance(told, dict) else None
            raise TributaryRefused(self._question.what, status, detail or "no reason is told", field)
        raise self._service.unreachable(self._question, f"status {status} {detail}".strip())


def pause_before(attempt: int, retry_after: str | None) -> float:
    """Give the seconds to wait before attempt 2, 3, ..."""
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), MAX_PAUSE_SECONDS)
    return min(0.5 * 2 ** (attempt - 2), MAX_PAUSE_SECONDS)


def is_worth_repeating(question: Question, error: Exception) -> bool:
    """Whether the same question may be asked again: never where it could take effect twice."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return True
    return question.repeatable and isinstance(error, httpx.TransportError | TributaryUnreachable)


class TributaryClient:
    """Asks and waits: for operators. Made by :meth:`TributaryHook.client`."""

    def __init__(self, service: Service, http: httpx.Client, tries: int) -> None:
        self._service = service
        self._http = http
        self._tries = tries

    def _ask(self, question: Question) -> tuple[int, dict[str, Any]]:
        attempt = 1
        while True:
            retry_after = None
            try:
                with self._http.stream(
                    question.method,
                    question.path,
                    json=question.body,
                    headers=dict(question.headers),
                    timeout=httpx.Timeout(question.within_seconds, connect=CONNECT_SECONDS),
                ) as response:
                    retry_after = response.headers.get("Retry-After")
                    answer = Answer(self._service, question)
                    for chunk in response.iter_bytes():
                        answer.add(chunk)
                    return response.status_code, answer.json(response.status_code)
            except (httpx.TransportError, TributaryUnreachable) as e:
                attempt += 1
                if attempt > self._tries or not is_worth_repeating(question, e):
                    raise _ours(self._service, question, e) from e
            time.sleep(pause_before(attempt, retry_after))

    def create_run(self, body: dict[str, Any], key: str) -> tuple[Run, bool]:
        """Plan the run of this key, or find it; the second value tells whether it was there before."""
        status, json_ = self._ask(Question.create(body, key))
        return Run.of(json_), status == 200

    def run(self, run: str) -> Run:
        """Look at one run."""
        return Run.of(self._ask(Question.run(run))[1])

    def cancel(self, run: str) -> Run:
        """Have no further page asked for; a run that has ended stays as it is."""
        try:
            return Run.of(self._ask(Question.cancel(run))[1])
        except TributaryRefused as e:
            if e.status != 409:
                raise
            return self.run(run)

    def redrive(self, run: str) -> Run:
        """Try the quarantined pages again."""
        return Run.of(self._ask(Question.redrive(run))[1]["run"])

    def reconcile(self, run: str, deep: bool = False) -> Reconciliation:
        """Compare the four stores."""
        return Reconciliation.of(self._ask(Question.reconciliation(run, deep))[1])

    def start_replay(self, run: str, topic: str | None = None) -> Replay:
        """Begin to publish a run again; asked once, because every call is a replay of its own."""
        return Replay.of(self._ask(Question.start_replay(run, topic))[1])

    def replay(self, replay: str) -> Replay:
        """Look at one replay."""
        return Replay.of(self._ask(Question.replay(replay))[1])

    def newest_window(self) -> str | None:
        """Give the start of the newest window that the stream has counted, if there is one."""
        windows = self._ask(Question.newest_window())[1]["windows"]
        return windows[0]["windowStart"] if windows else None


class TributaryAsyncClient:
    """The same without blocking, for triggers. Made by :meth:`TributaryHook.async_client`."""

    def __init__(self, service: Service, http: httpx.AsyncClient) -> None:
        self.service = service
        self._http = http

    async def _ask(self, question: Question) -> tuple[int, dict[str, Any]]:
        """Ask once: triggers come back by themselves."""
        try:
            return await asyncio.wait_for(self._answer(question), question.within_seconds)
        except (httpx.TransportError, asyncio.TimeoutError) as e:
            raise _ours(self.service, question, e) from e

    async def _answer(self, question: Question) -> tuple[int, dict[str, Any]]:
        headers = dict(question.headers)
        async with self._http.stream(question.method, question.path, json=question.body, headers=headers) as response:
            answer = Answer(self.service, question)
            async for chunk in response.aiter_bytes():
                answer.add(chunk)
            return response.status_code, answer.json(response.status_code)

    async def create_run(self, body: dict[str, Any], key: str) -> tuple[Run, bool]:
        """Plan the run of this key, or find it; the second value tells whether it was there before."""
        status, json_ = await self._ask(Question.create(body, key))
        return Run.of(json_), status == 200

    async def run(self, run: str) -> Run:
        """Look at one run."""
        return Run.of((await self._ask(Question.run(run)))[1])

    async def redrive(self, run: str) -> Run:
        """Try the quarantined pages again."""
        return Run.of((await self._ask(Question.redrive(run)))[1]["run"])

    async def cancel(self, run: str) -> None:
        """Have no further page asked for; a run that has ended stays as it is."""
        try:
            await self._ask(Question.cancel(run))
        except TributaryRefused as e:
            if e.status != 409:
                raise

    async def replay(self, replay: str) -> Replay:
        """Look at one replay."""
        return Replay.of((await self._ask(Question.replay(replay)))[1])


class TributaryHook(BaseHook):
    """
    Ask a Tributary ingest service, synchronously for operators, asynchronously for triggers.

    :param tributary_conn_id: :ref:`Connection <howto/connection:tributary>` with host, port, schema (http or https) and,
        where the service wants one, a token as password
    :param tries: how often a synchronous question is asked before the service counts as unreachable
    """

    conn_name_attr = "tributary_conn_id"
    default_conn_name = "tributary_default"
    conn_type = "tributary"
    hook_name = "Tributary"

    def __init__(self, tributary_conn_id: str = default_conn_name, *, tries: int = TRIES) -> None:
        super().__init__()
        self.tributary_conn_id = tributary_conn_id
        self.tries = tries

    def service(self) -> Service:
        """Read the connection."""
        return Service.of(self.get_connection(self.tributary_conn_id))

    @contextmanager
    def client(self, service: Service | None = None) -> Iterator[TributaryClient]:
        """
        Give a client for as long as the block lasts.

        :param service: as :meth:`service` has read it before; default: the connection is read now
        """
        known = service or self.service()
        with httpx.Client(**known.client_options()) as http:
            yield TributaryClient(known, http, self.tries)

    @asynccontextmanager
    async def async_client(self) -> AsyncIterator[TributaryAsyncClient]:
        """Give an asynchronous client for as long as the block lasts."""
        service = Service.of(await self.aget_connection(self.tributary_conn_id))
        async with httpx.AsyncClient(**service.client_options()) as http:
            yield TributaryAsyncClient(service, http)

    def get_conn(self) -> httpx.Client:
        """Give the bare HTTP client; the caller closes it."""
        return httpx.Client(**self.service().client_options())

    def test_connection(self) -> tuple[bool, str]:
        """Ask for a run that can not be: what is answered tells of address, certificate, token and its scope."""
        try:
            self.tries = 1
            with self.client() as client:
                client.run(TEST_RUN)
        except TributaryRefused as e:
            if e.status == 404:
                return True, f"The ingest service answers at {self.service().base_url}"
            return False, str(e)
        except Exception as e:
            return False, str(e)
        return True, "The ingest service answers"


def _ours(service: Service, question: Question, error: Exception) -> Exception:
    if isinstance(error, TributaryError):
        return error
    if isinstance(error, httpx.TimeoutException | asyncio.TimeoutError):
        return service.unreachable(question, f"no answer in time ({type(error).__name__})")
    return service.unreachable(question, error)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
