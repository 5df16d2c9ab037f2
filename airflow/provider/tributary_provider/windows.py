"""Which window a DAG run is for. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

WINDOW = timedelta(minutes=5)
MOST_WINDOWS = 1_000


def window_of(dag_run: Any, length: timedelta = WINDOW) -> tuple[datetime, datetime]:
    """
    Give the window that a DAG run stands for.

    Its data interval, as of schedule, backfill and manual runs with a logical date; a manual run without one stands for the
    last whole window before it.

    :param dag_run: the DAG run
    :param length: of a window, for DAG runs without a data interval
    """
    start, end = dag_run.data_interval_start, dag_run.data_interval_end
    if start is not None and end is not None and start < end:
        return start, end
    seconds = int(length.total_seconds())
    last = int(dag_run.run_after.timestamp()) // seconds * seconds
    return (
        datetime.fromtimestamp(last - seconds, timezone.utc),
        datetime.fromtimestamp(last, timezone.utc),
    )


def windows_between(start: datetime | str, end: datetime | str, length: timedelta = WINDOW) -> list[dict[str, str]]:
    """
    Cut a range into windows, oldest first, in the form of the operators' arguments.

    :param start: where the first window begins, a whole multiple of ``length`` since 1970
    :param end: where the last one ends, of the same form
    :param length: of a window
    :raises AirflowFailException: where the range is no whole number of windows, from 1 to 1,000
    """
    first, last = parse_instant("from", start), parse_instant("to", end)
    seconds = int(length.total_seconds())
    for name, moment in (("from", first), ("to", last)):
        if moment.timestamp() % seconds:
            raise AirflowFailException(f"{name}={moment.isoformat()}, expected a whole multiple of {seconds} s")
    many = int((last - first).total_seconds()) // seconds
    if not 1 <= many <= MOST_WINDOWS:
        raise AirflowFailException(f"from and to are {many} windows apart, expected 1 to {MOST_WINDOWS:,}")
    return [
        {
            "window_start": (first + number * length).isoformat(),
            "window_end": (first + (number + 1) * length).isoformat(),
        }
        for number in range(many)
    ]


def parse_instant(name: str, value: datetime | str) -> datetime:
    """
    Read an instant with a zone, as it comes from a form or a template.

    :param name: of the parameter, for the message
    :param value: a datetime or ISO-8601 text
    """
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except (ValueError, AttributeError):
            raise AirflowFailException(f"{name}={value!r}, expected an instant like 2026-01-01T00:00:00Z") from None
    if moment.tzinfo is None:
        raise AirflowFailException(f"{name}={value!r} has no zone, expected an instant like 2026-01-01T00:00:00Z")
    return moment.astimezone(timezone.utc)


def parse_count(name: str, value: Any) -> int:
    """Read a whole number, as it comes from a form or a template; its bounds are the service's."""
    try:
        return int(str(value).strip())
    except ValueError:
        raise AirflowFailException(f"{name}={value!r}, expected a whole number") from None


def parse_names(value: Any) -> Iterator[str]:
    """Read a list of names, or text with commas between them."""
    if value is None:
        return
    for name in value.split(",") if isinstance(value, str) else value:
        if str(name).strip():
            yield str(name).strip()
