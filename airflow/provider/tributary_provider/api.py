"""The control API in Python's words: what is asked, what is answered, what can go wrong. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

RUNNING = "RUNNING"
COMPLETE = "COMPLETE"
INCOMPLETE = "INCOMPLETE"
CANCELLED = "CANCELLED"
FAILED = "FAILED"


class TributaryError(AirflowException):
    """The service could not do what was asked. Airflow's retries apply."""


class TributaryUnreachable(TributaryError):
    """Nobody answers at the address, not in time, or with a status that says "later"."""


class TributaryRefused(AirflowFailException):
    """
    The service understood and refuses: the same again would be refused again, so no retry follows.

    :param what: what was asked for
    :param status: the HTTP status, 400 to 499
    :param detail: what the service says of it
    :param field: the parameter that is meant, where there is one
    """

    def __init__(self, what: str, status: int, detail: str, field: str | None = None) -> None:
        where = f"{field}: " if field else ""
        super().__init__(f"{what} is refused ({status}): {where}{detail}")
        self.what = what
        self.status = status
        self.detail = detail
        self.field = field

    @property
    def told(self) -> dict[str, Any]:
        """Give what it is made of, as JSON: from a triggerer to a worker."""
        return {"what": self.what, "status": self.status, "detail": self.detail, "field": self.field}


class TributaryRunFailed(TributaryError):
    """
    A run ended without all of its users, or was not seen to end.

    :param run: its id
    :param pages: the pages that are meant, where the service names them
    """

    def __init__(self, message: str, run: str, pages: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.run = run
        self.pages = tuple(pages)


class TributaryRunCancelled(AirflowFailException):
    """Somebody cancelled the run. No retry follows: it would undo what they decided. Clearing the task does."""

    def __init__(self, message: str, run: str) -> None:
        super().__init__(message)
        self.run = run
        self.pages: tuple[int, ...] = ()


class TributaryDrift(AirflowFailException):
    """
    The four stores of a run do not agree; the message names store, page and position. No retry follows: nothing mends itself.

    :param run: its id
    :param pages: where it was found
    """

    def __init__(self, message: str, run: str, pages: Sequence[int]) -> None:
        super().__init__(message)
        self.run = run
        self.pages = tuple(pages)


@dataclass(frozen=True)
class NewRun:
    """
    What is asked of a run.

    :param window_start: first instant of the window, with a zone
    :param window_end: first instant after it
    :param users: users of the run, 1 to 10,000,000
    :param page_size: users of one request to the source, 1 to 5,000
    :param nationalities: two letters each; none for all
    :param gender: female or male; none for both
    :param seed: of the source; none: the run gets one of its own
    :param max_run_time: whole seconds after which the service asks for no further page; none for no bound
    """

    window_start: datetime
    window_end: datetime
    users: int
    page_size: int
    nationalities: tuple[str, ...] = ()
    gender: str | None = None
    seed: str | None = None
    max_run_time: timedelta | None = None

    def __post_init__(self) -> None:
        for name in ("window_start", "window_end"):
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name}={getattr(self, name).isoformat()} has no zone")
        normal = tuple(sorted({nationality.upper() for nationality in self.nationalities}))
        object.__setattr__(self, "nationalities", normal)

    def body(self) -> dict[str, Any]:
        """As the service reads it."""
        body: dict[str, Any] = {
            "windowStart": instant(self.window_start),
            "windowEnd": instant(self.window_end),
            "users": self.users,
            "pageSize": self.page_size,
        }
        if self.nationalities:
            body["nat"] = list(self.nationalities)
        if self.gender:
            body["gender"] = self.gender
        if self.seed:
            body["seed"] = self.seed
        if self.max_run_time is not None:
            body["maxRunTime"] = f"PT{int(self.max_run_time.total_seconds())}S"
        return body

    def key(self) -> str:
        """
        Give the idempotency key: the same window with the same parameters has the same, whoever asks.

        Neither DAG nor task nor try is part of it, so that schedule, manual run, backfill, retry and clear meet in one run.
        """
        body = self.body()
        window = f"{body.pop('windowStart')}/{body.pop('windowEnd')}"
        parameters = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
        return f"airflow/{window}/{parameters}"


def take_of(key: str, take: int) -> str:
    """
    Give the key of a window that is begun again.

    :param key: of the window
    :param take: 2 and more after so many runs of this key but one were cancelled
    """
    return key if take == 1 else f"{key}/{take}"


@dataclass(frozen=True)
class Run:
    """A run as the service tells it; counts are users."""

    id: str
    state: str
    window_start: str
    window_end: str
    users: int
    pages: int
    created_at: str
    finished_at: str | None
    cause: str | None
    page_states: Mapping[str, int]
    captured: int
    stored: int
    published: int
    dead_letters: int
    counted: int | None
    settled: bool

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Run:
        """Read the service's JSON."""
        progress = json["progress"]
        return cls(
            id=json["id"],
            state=json["state"],
            window_start=json["windowStart"],
            window_end=json["windowEnd"],
            users=json["users"],
            pages=json["pages"],
            created_at=json["createdAt"],
            finished_at=json["finishedAt"],
            cause=json.get("cause"),
            page_states=dict(json["pageStates"]),
            captured=progress["captured"],
            stored=progress["stored"],
            published=progress["published"],
            dead_letters=progress["deadLetters"],
            counted=progress.get("counted"),
            settled=progress.get("settled", False),
        )

    @property
    def is_over(self) -> bool:
        """Whether no further page will be asked for."""
        return self.state != RUNNING

    @property
    def quarantined(self) -> int:
        """Pages that were given up."""
        return self.page_states.get("quarantined", 0)

    @property
    def is_overdue(self) -> bool:
        """Whether the service itself ended it, because its time was up."""
        return self.state == CANCELLED and "maximum run time" in (self.cause or "")

    def summary(self) -> dict[str, Any]:
        """For XCom: what a later task asks for."""
        return {
            "run": self.id,
            "state": self.state,
            "window_start": self.window_start,
            "window_end": self.window_end,
            "users": self.users,
            "captured": self.captured,
            "dead_letters": self.dead_letters,
            "created_at": self.created_at,
            "finished_at": self.finished_at,
        }

    def __str__(self) -> str:
        counted = "unknown" if self.counted is None else f"{self.counted:,}"
        return (
            f"run {self.id} is {self.state}: {self.captured:,} of {self.users:,} users captured,"
            f" {self.published:,} published, {counted} counted"
        )


@dataclass(frozen=True)
class Drift:
    """One place where a store differs from the ledger."""

    store: str
    page: int
    position: int | None
    what: str

    def __str__(self) -> str:
        where = "" if self.position is None else f", position {self.position}"
        return f"{self.store}, page {self.page}{where}: {self.what}"


@dataclass(frozen=True)
class Reconciliation:
    """The comparison of a run over its four stores; ``users`` by store."""

    run: str
    equal: bool
    digest: str
    users: Mapping[str, int]
    drift: tuple[Drift, ...] = field(default_factory=tuple)
    drift_total: int = 0

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Reconciliation:
        """Read the service's JSON."""
        return cls(
            run=json["run"],
            equal=json["equal"],
            digest=json["ledger"]["digest"],
            users={store: json[store]["users"] for store in ("ledger", "postgres", "kafka", "cassandra")},
            drift=tuple(Drift(d["store"], d["page"], d["position"], d["what"]) for d in json["drift"]),
            drift_total=json["driftTotal"],
        )


@dataclass(frozen=True)
class Replay:
    """A run that is published again from its stored responses."""

    id: str
    run: str
    topic: str
    state: str
    pages: int
    records: int
    cause: str | None

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Replay:
        """Read the service's JSON."""
        return cls(**{name: json[name] for name in ("id", "run", "topic", "state", "pages", "records", "cause")})


def instant(moment: datetime) -> str:
    """Write an instant in UTC, whole seconds without a fraction, as ``2026-01-01T00:00:00Z``."""
    utc = moment.astimezone(timezone.utc)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")
