"""A run published again from its stored responses, and reconciled: repeated records count once."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param
from randomuser import TASKS
from tributary_provider.operators.tributary import TributaryReconcileOperator, TributaryReplayOperator

with DAG(
    dag_id="randomuser_replay",
    description=__doc__,
    schedule=None,
    max_active_runs=2,  # as many replays at once as the service takes
    dagrun_timeout=timedelta(hours=3),
    params={
        "run": Param(
            type="string",
            pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
            title="Run",
            description="its id, a UUID",
        ),
        "topic": Param(
            None,
            type=["null", "string"],
            pattern="^[a-zA-Z0-9._-]{1,249}$",
            title="Topic",
            description="none: the one that runs are published to",
        ),
    },
    default_args=TASKS,
    tags=["tributary"],
):
    replay = TributaryReplayOperator(
        task_id="replay", run="{{ params.run }}", topic="{{ params.topic or '' }}", within=timedelta(hours=1)
    )
    reconcile = TributaryReconcileOperator(task_id="reconcile", run="{{ params.run }}")
    replay >> reconcile
