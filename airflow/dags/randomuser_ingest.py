"""Every five minutes, one window: run, counted in Cassandra, reconciled in four stores, told to whoever waits for users."""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable
from randomuser import FORM, FROM_FORM, TASKS, USERS
from tributary_provider.operators.tributary import TributaryReconcileOperator, TributaryRunOperator
from tributary_provider.sensors.tributary import TributarySettledSensor

with DAG(
    dag_id="randomuser_ingest",
    description=__doc__,
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone="UTC"),
    start_date=pendulum.datetime(2000, 1, 1),  # of an earlier window Airflow makes a run without tasks, and calls it a success
    catchup=False,
    max_active_runs=3,
    dagrun_timeout=timedelta(hours=2),
    params=FORM,
    default_args=TASKS,
    render_template_as_native_obj=True,
    tags=["tributary"],
):
    run = TributaryRunOperator(task_id="run", **FROM_FORM)
    counted = TributarySettledSensor(task_id="counted", run="{{ ti.xcom_pull(task_ids='run')['run'] }}")
    reconcile = TributaryReconcileOperator(task_id="reconcile", run="{{ ti.xcom_pull(task_ids='run')['run'] }}", outlets=[USERS])
    run >> counted >> reconcile
