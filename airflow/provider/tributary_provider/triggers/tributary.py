"""Waiting without a worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Any

from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.sdk.execution_time.xcom import XCom
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from tributary_provider.api import (
    CANCELLED,
    INCOMPLETE,
    RUNNING,
    Run,
    TributaryError,
    TributaryRefused,
    TributaryUnreachable,
    take_of,
)
from tributary_provider.hooks.tributary import TributaryAsyncClient, TributaryHook
from tributary_provider.links.tributary import XCOM_KEY

POLL_SECONDS = 2.0
FIRST_LOOK_SECONDS = 1.0
"""An event that comes before Airflow has recorded the deferral would look like a task that was killed."""
PATIENCE_SECONDS = 300.0
"""So long a service may be away before the task fails."""
BEGIN_PATIENCE_SECONDS = 10.0
"""The same before anything was begun: Airflow's retries come after it, and nothing is lost by them."""
MOST_TAKES = 20
"""So often a window is begun again after its run was cancelled."""
TAKEN_OVER_SECONDS = 30.0
"""A cancellation this soon after a try has found a run going was meant for the try before it."""

OVER = "over"
LATE = "late"
UNREACHABLE = "unreachable"
REFUSED = "refused"
FAILED = "failed"
LOST = "lost"

RUN_KEY = "tributary_run"
"""Of the XCom that tells which run a try has begun or joined: for the triggerer that goes on after this one."""


def raise_for(event: Mapping[str, Any]) -> None:
    """Raise where a trigger tells that it could not see the end."""
    if event["outcome"] == UNREACHABLE:
        raise TributaryUnreachable(event["message"])
    if event["outcome"] == REFUSED:
        raise TributaryRefused(**event["refusal"])
    if event["outcome"] == FAILED:
        raise TributaryError(event["message"])


class _Patient(BaseTrigger):
    """Looks again and again; a service that is away is waited for, not longer than ``patience_seconds``."""

    def __init__(self, tributary_conn_id: str, deadline: float, poll_seconds: float, patience_seconds: float) -> None:
        super().__init__()
        self.tributary_conn_id = tributary_conn_id
        self.deadline = deadline
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds

    def _waits_for(self) -> dict[str, Any]:
        """Give the arguments that only this trigger has."""
        raise NotImplementedError

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what the next triggerer needs to go on."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "tributary_conn_id": self.tributary_conn_id,
                "deadline": self.deadline,
                "poll_seconds": self.poll_seconds,
                "patience_seconds": self.patience_seconds,
                **self._waits_for(),
            },
        )

    async def _look(self, client: TributaryAsyncClient) -> TriggerEvent | None:
        """Give the event if it is time for it."""
        raise NotImplementedError

    @property
    def _patience(self) -> float:
        """Give the seconds that the service may be away now."""
        return self.patience_seconds

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until there is something to tell, then tell it once."""
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        yield await self.event()

    async def event(self) -> TriggerEvent:
        """Look until there is something to tell; for a task that waits in its worker too."""
        answered = time.monotonic()
        async with TributaryHook(self.tributary_conn_id).async_client() as client:
            while True:
                try:
                    event = await self._look(client)
                    answered = time.monotonic()
                except TributaryRefused as e:
                    event = TriggerEvent({"outcome": REFUSED, "refusal": e.told})
                except TributaryUnreachable as e:
                    event = None
                    self.log.warning("%s", e)
                    if time.monotonic() - answered > self._patience:
                        event = TriggerEvent({"outcome": UNREACHABLE, "message": f"{e}, for {self._patience:.0f} s"})
                except TributaryError as e:
                    event = TriggerEvent({"outcome": FAILED, "message": str(e)})
                if event is not None:
                    return event
                await asyncio.sleep(self.poll_seconds)


class TributaryRunTrigger(_Patient):
    """
    Have a window's run begun or join it, and wait for its end, without a worker.

    It is this that begins the run, because it is this that can cancel it: what a user does to the task is told to a trigger that
    a triggerer has, and to nobody between a task's deferral and that. A task that is ended in between has begun nothing.

    Only a user's action on the task cancels the run (:meth:`on_kill`). A triggerer that ends, is killed or hands the trigger over
    leaves it alone, and the next one goes on with the same run.

    :param tributary_conn_id: connection of the service
    :param body: what is asked of the run, as the service reads it
    :param key: under which it is asked for
    :param deadline: seconds since 1970 after which the wait is given up
    :param cancel_on_kill: whether the run ends with its task
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away once the run is begun; before that ``BEGIN_PATIENCE_SECONDS``
    """

    def __init__(
        self,
        tributary_conn_id: str,
        body: dict[str, Any],
        key: str,
        deadline: float,
        cancel_on_kill: bool = True,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(tributary_conn_id, deadline, poll_seconds, patience_seconds)
        self.body = body
        self.key = key
        self.cancel_on_kill = cancel_on_kill
        self.asked_key: str | None = None
        """Of the run that was last asked for, also while the answer is awaited."""
        self.run_id: str | None = None
        self._joined_at: float | None = None

    def _waits_for(self) -> dict[str, Any]:
        return {"body": self.body, "key": self.key, "cancel_on_kill": self.cancel_on_kill}

    @property
    def _patience(self) -> float:
        return self.patience_seconds if self.run_id else min(BEGIN_PATIENCE_SECONDS, self.patience_seconds)

    async def _look(self, client: TributaryAsyncClient) -> TriggerEvent | None:
        self.run_id = self.run_id or await self._recalled()
        run = await (client.run(self.run_id) if self.run_id else self._begun(client))
        if run.state == CANCELLED and self._was_meant_for_the_try_before(run):
            self.log.info("run %s was cancelled with the try before this one: the window is begun again", run.id)
            run = await self._begun(client)
        if run.is_over:
            return TriggerEvent({"outcome": OVER, "run": asdict(run)})
        if time.time() > self.deadline:
            return TriggerEvent({"outcome": LATE, "run": asdict(run)})
        self.log.info("%s", run)
        return None

    async def _begun(self, client: TributaryAsyncClient) -> Run:
        """Begin the run or find it; one that was cancelled is followed by the next of its key."""
        for take in range(1, MOST_TAKES + 1):
            self.asked_key = take_of(self.key, take)
            run, existed = await client.create_run(self.body, self.asked_key)
            if run.state == INCOMPLETE:
                self.log.info("run %s ended without %d of %d pages: they are tried again", run.id, run.quarantined, run.pages)
                run = await client.redrive(run.id)
            if run.state != CANCELLED:
                self.run_id = run.id
                self._joined_at = time.monotonic() if existed else None
                self.log.info("%s %s", "joined" if existed else "began", run)
                await self._remember(run.id, client.service.page_of(run.id))
                return run
            self.log.info("run %s of this window was cancelled (%s): the window is begun again", run.id, run.cause)
        raise TributaryError(f"the window was cancelled {MOST_TAKES} times; the last run is {run.id}")

    def _was_meant_for_the_try_before(self, run: Run) -> bool:
        return not run.is_overdue and self._joined_at is not None and time.monotonic() - self._joined_at < TAKEN_OVER_SECONDS

    async def on_kill(self) -> None:
        """
        Cancel the run when a user has cleared the task or marked it, unless another try of it has taken the run over.

        Airflow also calls this where a triggerer that was stopped for a while finds its triggers with another one
        (apache/airflow#73454): the task is still deferred then, and nothing is cancelled.
        """
        if not self.cancel_on_kill:
            return
        state = await self._state_of_task()
        if state in ("running", "deferred"):
            self.log.info("the run is left alone: its task is %s", state)
            return
        run = self.run_id or await self._recalled()
        if run is None and self.asked_key is None:
            return
        async with TributaryHook(self.tributary_conn_id).async_client() as client:
            if run is None:  # asked for, and the answer had not come
                run = (await client.create_run(self.body, str(self.asked_key)))[0].id
            self.log.info("cancelling run %s: its task is %s", run, state or "cleared")
            await client.cancel(run)

    async def _remember(self, run: str, page: str) -> None:
        """Keep the run for the next triggerer, and its page for the link."""
        if self.task_instance is not None:
            for key, value in ((RUN_KEY, run), (XCOM_KEY, page)):
                await sync_to_async(XCom.set)(key=key, value=value, **self._place())

    async def _recalled(self) -> str | None:
        """Give the run that this try has had with another triggerer; Airflow forgets it where the next try begins."""
        if self.task_instance is None:
            return None
        return await sync_to_async(XCom.get_one)(key=RUN_KEY, **self._place())

    def _place(self) -> dict[str, Any]:
        ti = self.task_instance
        map_index = -1 if ti.map_index is None else ti.map_index
        return {"dag_id": ti.dag_id, "task_id": ti.task_id, "run_id": ti.run_id, "map_index": map_index}

    async def _state_of_task(self) -> str | None:
        """Give the state of the task now, of whatever try."""
        ti = self.task_instance
        if ti is None:
            return None
        mapped = ti.map_index is not None and ti.map_index >= 0
        states = await sync_to_async(RuntimeTaskInstance.get_task_states)(
            dag_id=ti.dag_id,
            task_ids=[ti.task_id],
            run_ids=[ti.run_id],
            map_index=ti.map_index if mapped else None,
        )
        name = f"{ti.task_id}_{ti.map_index}" if mapped else ti.task_id
        state = states.get(ti.run_id, {}).get(name)
        return str(getattr(state, "value", state)) if state else None


class TributarySettledTrigger(_Patient):
    """
    Wait until a run has ended and the stream has counted all of it, without a worker.

    :param tributary_conn_id: connection of the service
    :param run: id of the run
    :param deadline: seconds since 1970 after which the wait is given up
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away
    """

    def __init__(
        self,
        tributary_conn_id: str,
        run: str,
        deadline: float,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(tributary_conn_id, deadline, poll_seconds, patience_seconds)
        self.run_id = run

    def _waits_for(self) -> dict[str, Any]:
        return {"run": self.run_id}

    async def _look(self, client: TributaryAsyncClient) -> TriggerEvent | None:
        run = await client.run(self.run_id)
        if run.settled:
            return TriggerEvent({"outcome": OVER, "run": asdict(run)})
        if time.time() > self.deadline:
            return TriggerEvent({"outcome": LATE, "run": asdict(run)})
        self.log.info("%s", run)
        return None


class TributaryReplayTrigger(_Patient):
    """
    Wait for a replay, without a worker. A replay can not be cancelled; it does no harm.

    :param tributary_conn_id: connection of the service
    :param replay: id of the replay
    :param deadline: seconds since 1970 after which the wait is given up
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away
    """

    def __init__(
        self,
        tributary_conn_id: str,
        replay: str,
        deadline: float,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(tributary_conn_id, deadline, poll_seconds, patience_seconds)
        self.replay = replay

    def _waits_for(self) -> dict[str, Any]:
        return {"replay": self.replay}

    async def _look(self, client: TributaryAsyncClient) -> TriggerEvent | None:
        try:
            replay = await client.replay(self.replay)
        except TributaryRefused as e:
            if e.status == 404:  # it ended with its instance
                return TriggerEvent({"outcome": LOST, "message": str(e)})
            raise
        if replay.state != RUNNING:
            return TriggerEvent({"outcome": OVER, "replay": asdict(replay)})
        if time.time() > self.deadline:
            return TriggerEvent({"outcome": LATE, "replay": asdict(replay)})
        return None
