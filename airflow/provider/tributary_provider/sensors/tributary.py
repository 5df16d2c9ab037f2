"""Waiting for what the stream makes of a run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from tributary_provider.api import Run, TributaryRunFailed
from tributary_provider.hooks.tributary import TributaryHook
from tributary_provider.links.tributary import TributaryRunLink
from tributary_provider.triggers.tributary import (
    LATE,
    PATIENCE_SECONDS,
    POLL_SECONDS,
    TributarySettledTrigger,
    raise_for,
)

if TYPE_CHECKING:
    from airflow.sdk import Context


class TributarySettledSensor(BaseSensorOperator):
    """
    Wait until a run has ended and the stream has counted all of it in Cassandra.

    :param run: id of the run (templated)
    :param tributary_conn_id: connection of the service (templated)
    :param deferrable: wait in the triggerer instead of in a worker
    :param patience_seconds: so long the service may be away
    """

    template_fields: Sequence[str] = ("run", "tributary_conn_id")
    ui_color = "#e0f7f4"
    operator_extra_links = (TributaryRunLink(),)

    def __init__(
        self,
        *,
        run: str,
        tributary_conn_id: str = TributaryHook.default_conn_name,
        deferrable: bool = True,
        patience_seconds: float = PATIENCE_SECONDS,
        poke_interval: float = POLL_SECONDS,
        timeout: float = 1_800,
        **kwargs: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, timeout=timeout, **kwargs)
        self.run = run
        self.tributary_conn_id = tributary_conn_id
        self.deferrable = deferrable
        self.patience_seconds = patience_seconds

    def poke(self, context: Context) -> bool:
        """Look once."""
        with TributaryHook(self.tributary_conn_id).client() as client:
            run = client.run(self.run)
        self.log.info("%s", run)
        return run.settled

    def execute(self, context: Context) -> Any:
        """Wait, in the triggerer where it may."""
        TributaryRunLink.remember(context, TributaryHook(self.tributary_conn_id).service().page_of(self.run))
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return None
        self.defer(
            trigger=TributarySettledTrigger(
                tributary_conn_id=self.tributary_conn_id,
                run=self.run,
                deadline=time.time() + self.timeout,
                poll_seconds=self.poke_interval,
                patience_seconds=self.patience_seconds,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Go on when the trigger has told of the run."""
        raise_for(event)
        run = Run(**event["run"])
        if event["outcome"] == LATE:
            raise TributaryRunFailed(f"{run}; Cassandra has not counted the rest within {self.timeout:.0f} s", run.id)
        self.log.info("%s", run)
