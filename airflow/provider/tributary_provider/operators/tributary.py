"""Runs, reconciliations and replays as tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from tributary_provider.api import (
    COMPLETE,
    INCOMPLETE,
    NewRun,
    Reconciliation,
    Replay,
    Run,
    TributaryDrift,
    TributaryError,
    TributaryRunCancelled,
    TributaryRunFailed,
)
from tributary_provider.hooks.tributary import Service, TributaryHook
from tributary_provider.links.tributary import TributaryRunLink
from tributary_provider.quality import Expectations, complaints
from tributary_provider.triggers.tributary import (
    LATE,
    LOST,
    PATIENCE_SECONDS,
    POLL_SECONDS,
    TributaryReplayTrigger,
    TributaryRunTrigger,
    raise_for,
)
from tributary_provider.windows import WINDOW, parse_count, parse_instant, parse_names, window_of

if TYPE_CHECKING:
    from airflow.sdk import Context

DELIVERY = timedelta(minutes=10)
"""What a run may take beyond its maximum run time: pages that are captured are still delivered."""
SHOWN = 10


class TributaryRunOperator(BaseOperator):
    """
    Have one window ingested, and wait for it without a worker.

    The same window with the same parameters is the same run, whoever asks: schedule, manual run, backfill, retry or clear. A try
    that finds its run going joins it, one that finds it complete ends at once, and one that finds pages given up has them tried
    again. Only a run that was cancelled is over for good: who asks next begins the window again, with a run that is the same for
    all who ask then.

    .. seealso::
        For what the tasks of this provider mean, see its README.

    :param window_start: first instant of the window (templated); default: that of the DAG run, see :func:`window_of`
    :param window_end: first instant after it (templated)
    :param users: users of the run, 1 to 10,000,000 (templated)
    :param page_size: users of one request to the source, 1 to 5,000 (templated)
    :param nationalities: two letters each, a list or text with commas; default: all (templated)
    :param gender: female or male; default: both (templated)
    :param seed: of the source; default: the run gets one of its own (templated)
    :param max_run_time: after which the service asks for no further page; also ends a run that its task has lost
    :param window: length of a window, for DAG runs without a data interval
    :param tributary_conn_id: connection of the service (templated)
    :param deferrable: wait in the triggerer instead of in a worker
    :param cancel_on_kill: whether the run is cancelled with its task
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away while the run is waited for
    """

    template_fields: Sequence[str] = (
        "window_start",
        "window_end",
        "users",
        "page_size",
        "nationalities",
        "gender",
        "seed",
        "tributary_conn_id",
    )
    ui_color = "#e4f1fe"
    operator_extra_links = (TributaryRunLink(),)

    def __init__(
        self,
        *,
        users: int | str,
        page_size: int | str = 1_000,
        window_start: datetime | str | None = None,
        window_end: datetime | str | None = None,
        nationalities: Sequence[str] | str = (),
        gender: str | None = None,
        seed: str | None = None,
        max_run_time: timedelta | None = timedelta(minutes=30),
        window: timedelta = WINDOW,
        tributary_conn_id: str = TributaryHook.default_conn_name,
        deferrable: bool = True,
        cancel_on_kill: bool = True,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.users = users
        self.page_size = page_size
        self.window_start = window_start
        self.window_end = window_end
        self.nationalities = nationalities
        self.gender = gender
        self.seed = seed
        self.max_run_time = max_run_time
        self.window = window
        self.tributary_conn_id = tributary_conn_id
        self.deferrable = deferrable
        self.cancel_on_kill = cancel_on_kill
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds
        self._waiting: tuple[Service, TributaryRunTrigger] | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Leave all of it to the trigger, which begins the run or joins it and waits for its end."""
        new = self._ordered(context)
        service = self.hook.service()  # a connection that is not there or not right is told here
        trigger = TributaryRunTrigger(
            tributary_conn_id=self.tributary_conn_id,
            body=new.body(),
            key=new.key(),
            deadline=time.time() + self.most_seconds,
            cancel_on_kill=self.cancel_on_kill,
            poll_seconds=self.poll_seconds,
            patience_seconds=self.patience_seconds,
        )
        if self.deferrable:
            self.defer(trigger=trigger, method_name="execute_complete")
        trigger.task_instance = context["ti"]
        self._waiting = (service, trigger)
        return self.execute_complete(context, asyncio.run(trigger.event()).payload)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on when the trigger has told of the run."""
        self._waiting = None
        raise_for(event)
        run = Run(**event["run"])
        if event["outcome"] == LATE:
            raise TributaryRunFailed(f"{run}; it is not waited for any longer", run.id)
        return self._ended(run)

    def on_kill(self) -> None:
        """
        Cancel the run with its task, while a worker waits for it; the trigger does it otherwise.

        Called from a signal's handler: Airflow can not be asked for the connection here, as the task may be in the middle of a
        question.
        """
        if self._waiting is None or not self.cancel_on_kill:
            return
        service, trigger = self._waiting
        if trigger.asked_key is None:
            return
        with TributaryHook(self.tributary_conn_id, tries=2).client(service) as client:
            run, _ = client.create_run(trigger.body, trigger.asked_key)
            self.log.info("cancelling run %s: its task is ended", run.id)
            client.cancel(run.id)

    @property
    def hook(self) -> TributaryHook:
        """Give the hook."""
        return TributaryHook(self.tributary_conn_id)

    def _ordered(self, context: Context) -> NewRun:
        """Read the arguments, as templates and forms have left them."""
        if (self.window_start is None) != (self.window_end is None):
            raise AirflowFailException("window_start and window_end: give both or none")
        if self.window_start is None or self.window_end is None:
            start, end = window_of(context["dag_run"], self.window)
        else:
            start = parse_instant("window_start", self.window_start)
            end = parse_instant("window_end", self.window_end)
        return NewRun(
            window_start=start,
            window_end=end,
            users=parse_count("users", self.users),
            page_size=parse_count("page_size", self.page_size),
            nationalities=tuple(parse_names(self.nationalities)),
            gender=self.gender or None,
            seed=self.seed or None,
            max_run_time=self.max_run_time,
        )

    def _ended(self, run: Run) -> dict[str, Any]:
        if run.state == COMPLETE:
            return run.summary()
        if run.state == INCOMPLETE:
            raise TributaryRunFailed(
                f"run {run.id} ended without {run.quarantined} of {run.pages} pages, which the source answered wrongly"
                f" every time; once that is mended, clear this task or call ./etl redrive {run.id}",
                run.id,
            )
        if run.is_overdue:
            raise TributaryRunFailed(f"run {run.id} was {run.cause}: {run.captured:,} of {run.users:,} users came", run.id)
        raise TributaryRunCancelled(
            f"run {run.id} was cancelled by somebody: {run.captured:,} of {run.users:,} users came;"
            " clear this task to begin the window again",
            run.id,
        )

    @property
    def most_seconds(self) -> float:
        """Give the time after which the run is not waited for any longer."""
        return ((self.max_run_time or timedelta(days=1)) + DELIVERY).total_seconds()


class TributaryReconcileOperator(BaseOperator):
    """
    Compare a run over its four stores; any difference fails the task, with store and page in its log.

    Each asset among the task's outlets gets an event with the run's counts and digest.

    :param run: id of the run (templated)
    :param deep: also read every user back from Cassandra, by key and field by field
    :param tributary_conn_id: connection of the service (templated)
    """

    template_fields: Sequence[str] = ("run", "tributary_conn_id")
    ui_color = "#e8f8e8"
    operator_extra_links = (TributaryRunLink(),)

    def __init__(
        self,
        *,
        run: str,
        deep: bool = False,
        tributary_conn_id: str = TributaryHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.deep = deep
        self.tributary_conn_id = tributary_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Compare, tell the outlets, give what was found."""
        hook = TributaryHook(self.tributary_conn_id)
        service = hook.service()
        with hook.client(service) as client:
            TributaryRunLink.remember(context, service.page_of(self.run))
            found = client.reconcile(self.run, self.deep)
            run = client.run(self.run)
        for store, users in found.users.items():
            self.log.info("%-10s %s users", store, f"{users:,}")
        if not found.equal:
            raise _drift(found)
        told = {**run.summary(), "counted": found.users["cassandra"], "digest": found.digest}
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = told
        self.log.info("run %s reconciles: %s users, digest %s", run.id, f"{found.users['ledger']:,}", found.digest)
        return told


class TributaryReplayOperator(BaseOperator):
    """
    Publish a run again from its stored responses: same keys, same bytes, same event times.

    :param run: id of the run (templated)
    :param topic: where to; default: the topic that runs are published to (templated)
    :param within: after which the replay is not waited for any longer
    :param tributary_conn_id: connection of the service (templated)
    :param deferrable: wait in the triggerer instead of in a worker
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away while the replay is waited for
    """

    template_fields: Sequence[str] = ("run", "topic", "tributary_conn_id")
    ui_color = "#fff4e0"
    operator_extra_links = (TributaryRunLink(),)

    def __init__(
        self,
        *,
        run: str,
        topic: str | None = None,
        within: timedelta = timedelta(hours=1),
        tributary_conn_id: str = TributaryHook.default_conn_name,
        deferrable: bool = True,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.topic = topic
        self.within = within
        self.tributary_conn_id = tributary_conn_id
        self.deferrable = deferrable
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds

    def execute(self, context: Context) -> dict[str, Any]:
        """Begin the replay; wait for its end."""
        hook = TributaryHook(self.tributary_conn_id)
        service = hook.service()
        with hook.client(service) as client:
            TributaryRunLink.remember(context, service.page_of(self.run))
            replay = client.start_replay(self.run, self.topic or None)
        self.log.info("replay %s of run %s into %s", replay.id, replay.run, replay.topic)
        trigger = TributaryReplayTrigger(
            tributary_conn_id=self.tributary_conn_id,
            replay=replay.id,
            deadline=time.time() + self.within.total_seconds(),
            poll_seconds=self.poll_seconds,
            patience_seconds=self.patience_seconds,
        )
        if self.deferrable:
            self.defer(trigger=trigger, method_name="execute_complete")
        return self.execute_complete(context, asyncio.run(trigger.event()).payload)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on when the trigger has told of the replay."""
        if event["outcome"] == LOST:
            raise TributaryError(
                f"the ingest service was started again under the replay of run {self.run}; the same replay again does no harm"
            )
        raise_for(event)
        replay = Replay(**event["replay"])
        if event["outcome"] == LATE:
            raise TributaryRunFailed(f"replay {replay.id} of run {replay.run} has not ended within {self.within}", replay.run)
        return self._ended(replay)

    def _ended(self, replay: Replay) -> dict[str, Any]:
        if replay.state != COMPLETE:
            raise TributaryRunFailed(
                f"replay {replay.id} of run {replay.run} is {replay.state} after {replay.pages} pages: {replay.cause}",
                replay.run,
            )
        return {"run": replay.run, "replay": replay.id, "topic": replay.topic, "records": replay.records}


class TributaryQualityOperator(BaseOperator):
    """
    Judge the asset events that have started this DAG run: volume, share of dead letters, freshness.

    :param least_share: of the users asked for that have to be in every store, 0 to 1
    :param most_dead_letters: share of users that may be set aside, 0 to 1
    :param most_delay: the newest window in Cassandra may be so much older than the end of the run
    :param tributary_conn_id: connection of the service (templated)
    """

    template_fields: Sequence[str] = ("tributary_conn_id",)
    ui_color = "#f3e8ff"

    def __init__(
        self,
        *,
        least_share: float = 1.0,
        most_dead_letters: float = 0.01,
        most_delay: timedelta = timedelta(minutes=15),
        tributary_conn_id: str = TributaryHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.expectations = Expectations(least_share, most_dead_letters, most_delay)
        self.tributary_conn_id = tributary_conn_id

    def execute(self, context: Context) -> list[str]:
        """Look at each event; fail with everything that is wrong, give the runs that are right."""
        told = [event.extra for events in context["triggering_asset_events"].values() for event in events]
        if not told:
            raise AirflowFailException("no asset event has started this DAG run, so there is nothing to judge")
        with TributaryHook(self.tributary_conn_id).client() as client:
            newest = client.newest_window()
        wrong = [complaint for extra in told for complaint in complaints(extra, newest, self.expectations)]
        for complaint in wrong:
            self.log.error("%s", complaint)
        if wrong:
            raise AirflowFailException("; ".join(wrong[:SHOWN]))
        return [extra["run"] for extra in told]


def _drift(found: Reconciliation) -> TributaryDrift:
    shown = "; ".join(str(drift) for drift in found.drift[:SHOWN])
    more = f"; and {found.drift_total - SHOWN:,} more" if found.drift_total > SHOWN else ""
    pages = sorted({drift.page for drift in found.drift})
    return TributaryDrift(f"run {found.run} does not reconcile: {shown}{more}", found.run, pages)
