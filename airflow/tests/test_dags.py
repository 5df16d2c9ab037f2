"""The DAGs as Airflow sees them: they load, their forms refuse what can not be, their arguments come from the form."""

from __future__ import annotations

import ast
import copy
from datetime import timedelta

import pytest
from airflow.sdk import CronDataIntervalTimetable
from airflow.sdk.exceptions import ParamValidationError
from conftest import DAGS

NAMES = {"randomuser_ingest", "randomuser_backfill", "randomuser_replay", "randomuser_quality"}


def test_all_load_and_nothing_else(dags):
    assert set(dags) == NAMES


def test_windows_are_data_intervals_not_trigger_times(dags):
    assert isinstance(dags["randomuser_ingest"].timetable, CronDataIntervalTimetable)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_task_retries_and_says_what_failed(dags, name):
    for task in dags[name].tasks:
        assert task.retries >= 1 or task.task_id == "windows"
        assert task.on_failure_callback
    assert dags[name].dagrun_timeout > timedelta(0)


@pytest.mark.parametrize("file", sorted(DAGS.glob("randomuser_*.py")), ids=lambda file: file.name)
def test_dags_are_wiring_only(file):
    """Neither I/O nor logic of their own: what a DAG file does is done at every parse."""
    tree = ast.parse(file.read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    allowed = ("__future__", "datetime", "pendulum", "airflow.sdk", "randomuser", "tributary_provider")
    assert not [name for name in imported if not name.startswith(allowed)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While | ast.If | ast.Try)]


@pytest.mark.parametrize(
    ("dag", "wrong"),
    [
        ("randomuser_ingest", {"users": 0}),
        ("randomuser_ingest", {"users": 10_000_001}),
        ("randomuser_ingest", {"users": "many"}),
        ("randomuser_ingest", {"page_size": 5_001}),
        ("randomuser_ingest", {"nationality": ["XX"]}),
        ("randomuser_backfill", {"to": "yesterday"}),
        ("randomuser_replay", {"run": "latest"}),
        ("randomuser_replay", {"run": "5f0c1c0e-6d0e-4b6e-9d5c-0d6f3f3a1b11", "topic": "no spaces"}),
    ],
)
def test_the_form_refuses_what_can_not_be(dags, dag, wrong):
    params = copy.deepcopy(dags[dag].params)
    with pytest.raises(ParamValidationError, match=f"Invalid input for param {list(wrong)[-1]}: "):
        params.update(wrong)


def test_two_windows_of_a_backfill_at_a_time(dags):
    assert dags["randomuser_backfill"].get_task("one.run").max_active_tis_per_dagrun == 2
