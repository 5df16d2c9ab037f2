"""What is asked of a run that has reconciled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tributary_provider.quality import Expectations, complaints

EXPECTED = Expectations(least_share=0.99, most_dead_letters=0.01, most_delay=timedelta(minutes=15))
GOOD = {
    "run": "r",
    "users": 1_000,
    "counted": 990,
    "dead_letters": 10,
    "finished_at": "2026-01-01T00:20:00.123456789Z",
}


def test_a_good_run_has_no_complaint():
    assert list(complaints(GOOD, "2026-01-01T00:10:00Z", EXPECTED)) == []


@pytest.mark.parametrize(
    ("changed", "newest", "said"),
    [
        ({"counted": 989}, "2026-01-01T00:10:00Z", "volume: 989 of 1,000 users, expected 99.0% at least"),
        ({"dead_letters": 11}, "2026-01-01T00:10:00Z", "dead letters: 11 of 1,000 users, expected 1.0% at most"),
        ({}, "2026-01-01T00:05:00Z", "freshness: the newest window in Cassandra begins 0:15:00.123456 before"),
        ({}, None, "freshness: Cassandra has no window at all"),
    ],
)
def test_each_bound_has_its_complaint(changed, newest, said):
    (complaint,) = complaints({**GOOD, **changed}, newest, EXPECTED)
    assert complaint.startswith("run r: " + said)
