"""Waiting without a worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from tributary_provider.api import RUNNING, Run, TributaryRefused, TributaryUnreachable
from tributary_provider.hooks.tributary import TributaryAsyncClient, TributaryHook

POLL_SECONDS = 2.0
FIRST_LOOK_SECONDS = 1.0
"""An event that comes before Airflow has recorded the deferral would look like a task that was killed."""
PATIENCE_SECONDS = 300.0
"""So long a service may be away before the task fails."""

ENDED = "ended"
SETTLED = "settled"

OVER = "over"
LATE = "late"
UNREACHABLE = "unreachable"
REFUSED = "refused"
LOST = "lost"


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

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until there is something to tell, then tell it once."""
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        yield await self._await_event()

    async def _await_event(self) -> TriggerEvent:
        answered = time.monotonic()
        async with TributaryHook(self.tributary_conn_id).async_client() as client:
            while True:
                try:
                    event = await self._look(client)
                    answered = time.monotonic()
                except TributaryRefused as e:
                    event = TriggerEvent({"outcome": REFUSED, "message": str(e)})
                except TributaryUnreachable as e:
                    event = None
                    self.log.warning("%s", e)
                    if time.monotonic() - answered > self.patience_seconds:
                        event = TriggerEvent({"outcome": UNREACHABLE, "message": f"{e}, for {self.patience_seconds:.0f} s"})
                if event is not None:
                    return event
                await asyncio.sleep(self.poll_seconds)


class TributaryRunTrigger(_Patient):
    """
    Wait for a run, without a worker.

    Only a user's action on the task cancels the run (:meth:`on_kill`); a triggerer that ends, is killed or hands the trigger
    over leaves it alone, and the next one goes on where the service is.

    :param tributary_conn_id: connection of the service
    :param run: id of the run
    :param until: ``ended``: no page is open any more; ``settled``: and the stream has counted all of it
    :param deadline: seconds since 1970 after which the wait is given up
    :param cancel_on_kill: whether the run ends with its task
    :param poll_seconds: between two looks
    :param patience_seconds: so long the service may be away
    """

    def __init__(
        self,
        tributary_conn_id: str,
        run: str,
        until: str,
        deadline: float,
        cancel_on_kill: bool = False,
        poll_seconds: float = POLL_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(tributary_conn_id, deadline, poll_seconds, patience_seconds)
        if until not in (ENDED, SETTLED):
            raise ValueError(f"until={until!r}, expected {ENDED!r} or {SETTLED!r}")
        self.run_id = run
        self.until = until
        self.cancel_on_kill = cancel_on_kill

    def _waits_for(self) -> dict[str, Any]:
        return {"run": self.run_id, "until": self.until, "cancel_on_kill": self.cancel_on_kill}

    async def _look(self, client: TributaryAsyncClient) -> TriggerEvent | None:
        run = await client.run(self.run_id)
        if is_reached(run, self.until):
            return TriggerEvent({"outcome": OVER, "run": asdict(run)})
        if time.time() > self.deadline:
            return TriggerEvent({"outcome": LATE, "run": asdict(run)})
        self.log.info("%s", run)
        return None

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
            self.log.info("run %s is left alone: its task is %s", self.run_id, state)
            return
        self.log.info("cancelling run %s: its task is %s", self.run_id, state or "cleared")
        async with TributaryHook(self.tributary_conn_id).async_client() as client:
            await client.cancel(self.run_id)

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


def is_reached(run: Run, until: str) -> bool:
    """Whether what is waited for has come."""
    if until == ENDED:
        return run.is_over
    return run.settled
