"""Which window, which key."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from tributary_provider.api import NewRun, instant, take_of
from tributary_provider.windows import parse_count, parse_instant, parse_names, window_of, windows_between

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = START + timedelta(minutes=5)


def order(**changed: object) -> NewRun:
    return NewRun(**{"window_start": START, "window_end": END, "users": 100, "page_size": 10, **changed})


def test_the_window_is_the_data_interval():
    dag_run = SimpleNamespace(data_interval_start=START, data_interval_end=END, run_after=END + timedelta(hours=1))
    assert window_of(dag_run) == (START, END)


@pytest.mark.parametrize("interval", [(None, None), (START, START)])
def test_without_a_data_interval_it_is_the_last_whole_window(interval):
    dag_run = SimpleNamespace(
        data_interval_start=interval[0], data_interval_end=interval[1], run_after=END + timedelta(minutes=4, seconds=59)
    )
    assert window_of(dag_run) == (START, END)


def test_the_key_is_that_of_window_and_parameters_alone():
    elsewhere = timezone(timedelta(hours=2))
    same = order(window_start=START.astimezone(elsewhere), nationalities=())
    assert same.key() == order().key()
    assert order(nationalities=("us", "GB")).key() == order(nationalities=("gb", "US", "us")).key()
    assert order(nationalities=("us", "nz", "gb", "fr", "au")).body()["nat"] == ["AU", "FR", "GB", "NZ", "US"]  # in every process
    assert order().key().startswith("airflow/2026-01-01T00:00:00Z/2026-01-01T00:05:00Z/")


@pytest.mark.parametrize(
    "changed",
    [
        {"users": 101},
        {"page_size": 11},
        {"nationalities": ("US",)},
        {"gender": "female"},
        {"seed": "s"},
        {"max_run_time": timedelta(seconds=1)},
        {"window_end": END + timedelta(minutes=5)},
        {"window_start": START - timedelta(minutes=5)},
    ],
)
def test_other_parameters_are_another_key(changed):
    assert order(**changed).key() != order().key()


def test_the_next_take_has_a_key_of_its_own_that_the_service_allows():
    key = order(max_run_time=timedelta(minutes=30)).key()
    keys = {take_of(key, take) for take in range(1, 21)}
    assert key in keys
    assert len(keys) == 20
    assert max(len(key) for key in keys) <= 200


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="window_start=2026-01-01T00:00:00 has no zone"):
        order(window_start=datetime(2026, 1, 1))
    with pytest.raises(AirflowFailException, match="from='2026-01-01T00:00:00' has no zone"):
        parse_instant("from", "2026-01-01T00:00:00")
    with pytest.raises(AirflowFailException, match="from='tomorrow', expected an instant like"):
        parse_instant("from", "tomorrow")


def test_instants_are_written_in_utc():
    assert instant(START) == "2026-01-01T00:00:00Z"
    assert instant(START + timedelta(milliseconds=7)) == "2026-01-01T00:00:00.007Z"


def test_a_range_is_cut_into_windows():
    cut = windows_between("2026-01-01T00:00:00Z", "2026-01-01T02:30:00+02:00")
    assert len(cut) == 6
    assert cut[0] == {"window_start": "2026-01-01T00:00:00+00:00", "window_end": "2026-01-01T00:05:00+00:00"}
    assert cut[-1]["window_end"] == "2026-01-01T00:30:00+00:00"


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-01-01T00:01:00Z", "2026-01-01T00:05:00Z", "from=.*expected a whole multiple of 300 s"),
        ("2026-01-01T00:05:00Z", "2026-01-01T00:05:00Z", "from and to are 0 windows apart"),
        ("2026-01-01T00:05:00Z", "2026-01-01T00:00:00Z", "from and to are -1 windows apart"),
        ("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z", "1152 windows apart, expected 1 to 1,000"),
    ],
)
def test_a_range_that_is_none_is_refused(start, end, message):
    with pytest.raises(AirflowFailException, match=message):
        windows_between(start, end)


def test_what_templates_leave_is_read():
    assert parse_count("users", " 10 ") == 10
    with pytest.raises(AirflowFailException, match="users='ten', expected a whole number"):
        parse_count("users", "ten")
    assert list(parse_names("us, gb,")) == ["us", "gb"]
    assert list(parse_names(["us", "gb"])) == ["us", "gb"]
    assert list(parse_names(None)) == []
