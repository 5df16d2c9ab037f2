"""Operators and triggers against the real ingest service with its servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException
from attending import (
    ask,
    context_of,
    deferred,
    first_event,
    fresh_window,
    operator,
    restored,
    resumed,
    runs_of,
    source_faults,
)
from tributary_provider.api import CANCELLED, COMPLETE, RUNNING, TributaryRefused, TributaryRunCancelled, TributaryRunFailed
from tributary_provider.hooks.tributary import TributaryHook
from tributary_provider.links.tributary import XCOM_KEY
from tributary_provider.notifications.tributary import message_of
from tributary_provider.operators.tributary import (
    TributaryQualityOperator,
    TributaryReconcileOperator,
    TributaryReplayOperator,
)
from tributary_provider.sensors.tributary import TributarySettledSensor
from tributary_provider.triggers.tributary import OVER, UNREACHABLE, TributaryRunTrigger

pytestmark = pytest.mark.service


@pytest.fixture
def slow_source() -> Iterator[None]:
    """Make runs last."""
    source_faults({"kind": "slow-bytes", "times": 0, "amount": 20_000})
    yield
    source_faults()


def test_a_window_is_one_run_however_often_it_is_asked_for():
    window = fresh_window()
    context = context_of(window)
    task = operator()

    done = resumed(task, context, deferred(task, context))
    again = operator().execute(context_of(window))
    other = operator(users=1_999, deferrable=False).execute(context_of(window))

    assert done["state"] == COMPLETE
    assert done["captured"] == 2_000
    assert again == done
    assert other["run"] != done["run"]
    assert context["ti"].pushed[XCOM_KEY].endswith(done["run"])


def test_all_who_ask_at_once_get_one_run():
    window = fresh_window()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: operator(deferrable=False).execute(context_of(window)), range(8)))
    assert len({result["run"] for result in results}) == 1


@pytest.mark.usefixtures("slow_source")
def test_a_task_that_is_ended_in_its_worker_cancels_its_run_and_the_next_try_begins_the_window_again():
    window = fresh_window()
    task = operator()
    first = deferred(task, context_of(window)).trigger.run_id
    task.on_kill()
    second = deferred(operator(), context_of(window))
    third = deferred(operator(), context_of(window))

    assert ask("run", first).state == CANCELLED
    assert second.trigger.run_id != first
    assert third.trigger.run_id == second.trigger.run_id
    assert (second.kwargs["joined"], third.kwargs["joined"]) == (False, True)
    source_faults()
    resumed(operator(), context_of(window), second)


@pytest.mark.usefixtures("slow_source")
def test_a_run_that_somebody_cancels_fails_its_task_without_a_retry():
    context = context_of(fresh_window())
    task = operator()
    left = deferred(task, context)
    ask("cancel", left.trigger.run_id)
    with pytest.raises(TributaryRunCancelled, match=f"run {left.trigger.run_id} was cancelled by somebody") as failed:
        resumed(task, context, left)
    assert isinstance(failed.value, AirflowFailException)


@pytest.mark.usefixtures("slow_source")
def test_a_cancellation_that_was_meant_for_the_try_before_begins_the_window_again():
    window = fresh_window()
    before = deferred(operator(), context_of(window)).trigger.run_id
    context, task = context_of(window), operator()
    left = deferred(task, context)
    assert left.kwargs["joined"]
    ask("cancel", before)
    event = asyncio.run(first_event(left.trigger))
    with pytest.raises(type(left)) as again:
        task.execute_complete(context, event=event, **left.kwargs)
    assert again.value.trigger.run_id != before
    assert not again.value.kwargs["joined"]
    ask("cancel", again.value.trigger.run_id)


@pytest.mark.usefixtures("slow_source")
@pytest.mark.parametrize(
    ("state", "then"), [(None, CANCELLED), ("failed", CANCELLED), ("running", RUNNING), ("deferred", RUNNING)]
)
def test_a_users_action_cancels_the_run_unless_another_try_has_it(monkeypatch, state, then):
    trigger = restored(deferred(operator(), context_of(fresh_window())).trigger)

    async def state_of_task(self: TributaryRunTrigger) -> str | None:
        return state

    monkeypatch.setattr(TributaryRunTrigger, "_state_of_task", state_of_task)
    asyncio.run(trigger.on_kill())
    assert ask("run", trigger.run_id).state == then
    asyncio.run(trigger.on_kill())
    ask("cancel", trigger.run_id)


@pytest.mark.usefixtures("slow_source")
def test_a_triggerer_that_ends_leaves_the_run_and_the_next_one_sees_its_end():
    trigger = restored(deferred(operator(), context_of(fresh_window())).trigger)

    async def end_early() -> None:
        watching = asyncio.ensure_future(anext(trigger.run()))
        await asyncio.sleep(0)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    asyncio.run(end_early())
    assert ask("run", trigger.run_id).state == RUNNING
    source_faults()
    event = asyncio.run(first_event(restored(trigger)))
    assert event["outcome"] == OVER
    assert event["run"]["state"] == COMPLETE


def test_pages_that_were_given_up_are_tried_again_by_who_asks_next():
    window = fresh_window()
    source_faults({"kind": "wrong-page", "times": 0, "page": 2})
    try:
        with pytest.raises(TributaryRunFailed, match=r"ended without 1 of 4 pages.*/etl redrive") as failed:
            operator(deferrable=False).execute(context_of(window))
    finally:
        source_faults()
    done = operator(deferrable=False).execute(context_of(window))
    assert done["run"] == failed.value.run
    assert done["captured"] == 2_000


@pytest.mark.usefixtures("slow_source")
def test_a_run_that_is_over_its_time_fails_its_task_which_may_be_tried_again():
    context = context_of(fresh_window())
    with pytest.raises(TributaryRunFailed, match="over its maximum run time of 1 s"):
        operator(deferrable=False, max_run_time=timedelta(seconds=1)).execute(context)


def test_what_the_service_refuses_fails_at_once_with_the_field():
    with pytest.raises(TributaryRefused, match=r"refused \(422\): users: expected a whole number from 1 to 10,000,000"):
        operator(users=0).execute(context_of(fresh_window()))


def test_a_service_that_stays_away_is_told_with_its_address():
    trigger = TributaryRunTrigger("nobody", "r", "ended", deadline=2e9, poll_seconds=0.05, patience_seconds=0.2)
    event = asyncio.run(first_event(trigger))
    assert event["outcome"] == UNREACHABLE
    assert "http://127.0.0.1:9 can not be asked for run r" in event["message"]
    context = context_of(fresh_window())
    with pytest.raises(Exception, match=r"http://127\.0\.0\.1:9 can not be asked for the run") as failed:
        operator(tributary_conn_id="nobody").execute(context)
    assert "why=http://127.0.0.1:9" in message_of({**context, "exception": failed.value})


def test_a_run_settles_reconciles_replays_and_is_judged():
    window = fresh_window()
    run = operator(deferrable=False).execute(context_of(window))["run"]
    users = Asset(name="users", uri="tributary://test/users")
    context = context_of(window)
    context["outlet_events"] = {users: SimpleNamespace(extra={})}

    settled = TributarySettledSensor(task_id="counted", run=run, poke_interval=0.2)
    try:
        settled.execute(context)
    except BaseException as left:
        resumed(settled, context, left)
    told = TributaryReconcileOperator(task_id="reconcile", run=run, deep=True, outlets=[users]).execute(context)
    replay = TributaryReplayOperator(task_id="replay", run=run, poll_seconds=0.2)
    replayed = resumed(replay, context, deferred(replay, context))
    after = TributaryReconcileOperator(task_id="reconcile", run=run).execute(context)
    context["triggering_asset_events"] = {users: [SimpleNamespace(extra=told)]}

    assert (told["counted"], told["dead_letters"]) == (2_000, 0)
    assert context["outlet_events"][users].extra == told
    assert replayed["records"] == 2_000
    assert after["digest"] == told["digest"]
    assert TributaryQualityOperator(task_id="judge").execute(context) == [run]
    with pytest.raises(AirflowFailException, match=f"run {run}: volume: 2,000 of 2,000 users, expected 110.0% at least"):
        TributaryQualityOperator(task_id="judge", least_share=1.1).execute(context)


def test_a_worker_may_not_wait_for_ever():
    """The slowest run that a task waits for is bounded by its own maximum and the time of delivery."""
    assert operator().most_seconds == timedelta(minutes=40).total_seconds()


def test_the_test_button_is_green():
    assert TributaryHook().test_connection()[0] is True


def test_a_dag_run_goes_through_and_again_makes_nothing_new(database, dags):
    window = fresh_window()
    dag = dags["randomuser_ingest"]
    told = [
        dag.test(logical_date=window[1], run_conf={"users": 1_000, "page_size": 500, "nationality": ["US", "GB"]})
        for _ in range(2)
    ]
    assert [str(run.state) for run in told] == ["success", "success"]
    (run,) = runs_of(window)
    assert (run["state"], run["users"], run["nat"]) == (COMPLETE, 1_000, ["GB", "US"])
    assert ask("reconcile", run["id"]).users["cassandra"] == 1_000
