"""A range of windows, two at a time: each is run, counted and reconciled. What was there before is found, not made again."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, task, task_group
from randomuser import FORM, FROM_FORM, TASKS
from tributary_provider.operators.tributary import TributaryReconcileOperator, TributaryRunOperator
from tributary_provider.sensors.tributary import TributarySettledSensor
from tributary_provider.windows import windows_between

AT_A_TIME = 2
THE_RUN = "{{ ti.xcom_pull(task_ids='one.run', map_indexes=ti.map_index)['run'] }}"
INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$"  # a format alone is not checked

with DAG(
    dag_id="randomuser_backfill",
    description=__doc__,
    schedule=None,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=1),
    params={
        "from": Param(
            type="string",
            format="date-time",
            pattern=INSTANT,
            title="From",
            description="start of the first window, a whole five minutes",
        ),
        "to": Param(
            type="string",
            format="date-time",
            pattern=INSTANT,
            title="To",
            description="end of the last window, at most 1,000 windows on",
        ),
        **FORM,
    },
    default_args=TASKS,
    render_template_as_native_obj=True,
    tags=["tributary"],
):

    @task(retries=0)
    def windows(params: dict) -> list[dict[str, str]]:
        """Cut the range into windows."""
        return windows_between(params["from"], params["to"])

    @task_group
    def one(window_start: str, window_end: str) -> None:
        """Do one window."""
        run = TributaryRunOperator(
            task_id="run",
            window_start=window_start,
            window_end=window_end,
            max_active_tis_per_dagrun=AT_A_TIME,
            **FROM_FORM,
        )
        counted = TributarySettledSensor(task_id="counted", run=THE_RUN)
        reconcile = TributaryReconcileOperator(task_id="reconcile", run=THE_RUN, max_active_tis_per_dagrun=AT_A_TIME)
        run >> counted >> reconcile

    one.expand_kwargs(windows())
