"""What is asked of a run that has reconciled. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Expectations:
    """
    The bounds.

    :param least_share: of the users asked for that have to be in every store, 0 to 1
    :param most_dead_letters: share of the users that may be set aside, 0 to 1
    :param most_delay: the newest window may begin so much earlier than the run ended
    """

    least_share: float
    most_dead_letters: float
    most_delay: timedelta


def complaints(told: Mapping[str, Any], newest_window: str | None, expected: Expectations) -> Iterator[str]:
    """
    Name everything that is wrong with a run.

    :param told: the extra of its asset event
    :param newest_window: start of the newest window in Cassandra
    :param expected: the bounds
    """
    run, users = told["run"], told["users"]
    if told["counted"] < expected.least_share * users:
        yield f"run {run}: volume: {told['counted']:,} of {users:,} users, expected {expected.least_share:.1%} at least"
    dead = told["dead_letters"]
    if dead > expected.most_dead_letters * users:
        yield f"run {run}: dead letters: {dead:,} of {users:,} users, expected {expected.most_dead_letters:.1%} at most"
    if newest_window is None:
        yield f"run {run}: freshness: Cassandra has no window at all"
    elif told["finished_at"] is not None:
        delay = _instant(told["finished_at"]) - _instant(newest_window)
        if delay > expected.most_delay:
            yield (
                f"run {run}: freshness: the newest window in Cassandra begins {delay} before the end of the run,"
                f" expected {expected.most_delay} at most"
            )


def _instant(text: str) -> datetime:
    """Read what the service writes; Python 3.10 knows neither Z nor nanoseconds."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{(fraction + '000000')[:6]}+00:00")
