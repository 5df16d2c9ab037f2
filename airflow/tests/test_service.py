"""Operators and triggers against the real ingest service with its servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException
from attending import (
    XComOfTis,
    ask,
    context_of,
    deferred,
    first_event,
    fresh_window,
    looked,
    operator,
    restored,
    resumed,
    runs_of,
    source_faults,
    watching,
)
from tributary_provider.api import (
    CANCELLED,
    COMPLETE,
    RUNNING,
    TributaryRefused,
    TributaryRunCancelled,
    TributaryRunFailed,
    TributaryUnreachable,
    instant,
)
from tributary_provider.hooks.tributary import TributaryAsyncClient, TributaryHook
from tributary_provider.links.tributary import XCOM_KEY
from tributary_provider.notifications.tributary import message_of
from tributary_provider.operators.tributary import (
    TributaryQualityOperator,
    TributaryReconcileOperator,
    TributaryReplayOperator,
)
from tributary_provider.sensors.tributary import TributarySettledSensor
from tributary_provider.triggers import tributary as triggers
from tributary_provider.triggers.tributary import OVER, TributaryRunTrigger

pytestmark = pytest.mark.service


@pytest.fixture(autouse=True)
def xcom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let triggers and links find what was pushed to a try of a task."""
    monkeypatch.setattr(triggers, "XCom", XComOfTis)


@pytest.fixture
def state_of_task(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Tell triggers what state their task is in."""

    def state(name: str | None) -> None:
        async def told(self: TributaryRunTrigger) -> str | None:
            return name

        monkeypatch.setattr(TributaryRunTrigger, "_state_of_task", told)

    return state


@pytest.fixture
def slow_source() -> Iterator[None]:
    """Make runs last."""
    source_faults({"kind": "slow-bytes", "times": 0, "amount": 20_000})
    yield
    source_faults()


def test_a_window_is_one_run_however_often_it_is_asked_for():
    window = fresh_window()
    context, again_context = context_of(window), context_of(window)

    done = resumed(operator(), context, deferred(operator(), context))
    again = resumed(operator(), again_context, deferred(operator(), again_context))
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


def test_a_task_that_is_ended_before_a_triggerer_has_it_has_begun_nothing(state_of_task):
    window = fresh_window()
    context = context_of(window)
    left = deferred(operator(), context)
    state_of_task("failed")
    asyncio.run(restored(left.trigger, context).on_kill())
    assert runs_of(window) == []


@pytest.mark.usefixtures("slow_source")
def test_a_task_that_is_ended_while_its_run_is_asked_for_cancels_it(monkeypatch, state_of_task):
    window = fresh_window()
    context = context_of(window)
    trigger = restored(deferred(operator(), context).trigger, context)
    state_of_task("failed")
    create_run = TributaryAsyncClient.create_run

    async def ended_meanwhile() -> None:
        asked = asyncio.Event()

        async def unanswered(client: TributaryAsyncClient, body: dict, key: str) -> None:
            await create_run(client, body, key)
            asked.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as silent:
            silent.setattr(TributaryAsyncClient, "create_run", unanswered)
            seeing = asyncio.ensure_future(anext(trigger.run()))
            await asked.wait()
            seeing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await seeing
        await trigger.on_kill()

    asyncio.run(ended_meanwhile())
    assert [run["state"] for run in runs_of(window)] == [CANCELLED]


@pytest.mark.usefixtures("slow_source")
def test_a_task_that_is_ended_while_it_waits_in_its_worker_cancels_its_run():
    window = fresh_window()
    task = operator(deferrable=False)
    with ThreadPoolExecutor(1) as worker:
        result = worker.submit(task.execute, context_of(window))
        while not runs_of(window):
            assert not result.done()
        task.on_kill()
        with pytest.raises(TributaryRunCancelled):
            result.result(60)
    assert [run["state"] for run in runs_of(window)] == [CANCELLED]


@pytest.mark.usefixtures("slow_source")
def test_a_window_that_was_cancelled_is_begun_again_by_who_asks_next_and_joined_by_the_others():
    window = fresh_window()
    first = watching(context_of(window)).run_id
    ask("cancel", first)
    second = watching(context_of(window)).run_id
    third = watching(context_of(window)).run_id

    assert second != first
    assert third == second
    ask("cancel", second)


@pytest.mark.usefixtures("slow_source")
def test_a_run_that_somebody_cancels_fails_its_task_without_a_retry():
    context = context_of(fresh_window())
    trigger = watching(context)
    ask("cancel", trigger.run_id)
    event = asyncio.run(first_event(trigger))
    with pytest.raises(TributaryRunCancelled, match=f"run {trigger.run_id} was cancelled by somebody") as failed:
        operator().execute_complete(context, event)
    assert isinstance(failed.value, AirflowFailException)


@pytest.mark.usefixtures("slow_source")
def test_a_cancellation_that_was_meant_for_the_try_before_begins_the_window_again():
    window = fresh_window()
    before = watching(context_of(window)).run_id
    joined = watching(context_of(window))
    assert joined.run_id == before
    ask("cancel", before)
    looked(joined)
    assert joined.run_id != before
    assert ask("run", joined.run_id).state == RUNNING
    ask("cancel", joined.run_id)


@pytest.mark.usefixtures("slow_source")
@pytest.mark.parametrize(
    ("state", "then"), [(None, CANCELLED), ("failed", CANCELLED), ("running", RUNNING), ("deferred", RUNNING)]
)
def test_a_users_action_cancels_the_run_unless_another_try_has_it(state_of_task, state, then):
    context = context_of(fresh_window())
    trigger = watching(context)
    state_of_task(state)
    asyncio.run(trigger.on_kill())
    assert ask("run", trigger.run_id).state == then
    asyncio.run(restored(trigger, context).on_kill())  # of a triggerer that has only just taken it over
    assert ask("run", trigger.run_id).state == then
    ask("cancel", trigger.run_id)


@pytest.mark.usefixtures("slow_source")
def test_a_triggerer_that_ends_leaves_the_run_and_the_next_one_sees_its_end():
    context = context_of(fresh_window())
    trigger = watching(context)

    async def end_early() -> None:
        seeing = asyncio.ensure_future(anext(trigger.run()))
        await asyncio.sleep(0)
        seeing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await seeing

    asyncio.run(end_early())
    assert ask("run", trigger.run_id).state == RUNNING
    source_faults()
    event = asyncio.run(first_event(restored(trigger, context)))
    assert event["outcome"] == OVER
    assert event["run"]["id"] == trigger.run_id
    assert event["run"]["state"] == COMPLETE


@pytest.mark.usefixtures("slow_source")
def test_a_run_that_was_cancelled_while_no_triggerer_watched_is_not_begun_again():
    window = fresh_window()
    context = context_of(window)
    trigger = watching(context)
    ask("cancel", trigger.run_id)
    event = asyncio.run(first_event(restored(trigger, context)))
    assert event["run"]["state"] == CANCELLED
    assert len(runs_of(window)) == 1


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
    context = context_of(fresh_window())
    left = deferred(operator(users=0), context)
    with pytest.raises(TributaryRefused, match=r"refused \(422\): users: expected a whole number from 1 to 10,000,000"):
        resumed(operator(), context, left)


def test_a_service_that_stays_away_is_told_with_its_address():
    context = context_of(fresh_window())
    task = operator(tributary_conn_id="nobody", poll_seconds=0.05, patience_seconds=0.2)
    with pytest.raises(TributaryUnreachable, match=r"http://127\.0\.0\.1:9 can not be asked for the run: .*, for 0 s") as failed:
        resumed(task, context, deferred(task, context))
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


def test_a_backfill_goes_through_for_each_window_of_its_range(database, dags):
    first, after_first = fresh_window()
    last = (after_first, after_first + timedelta(minutes=5))
    told = dags["randomuser_backfill"].test(
        run_conf={"from": instant(first), "to": instant(last[1]), "users": 1_000, "page_size": 500}
    )
    assert str(told.state) == "success"
    for window in ((first, after_first), last):
        assert [run["state"] for run in runs_of(window)] == [COMPLETE]
