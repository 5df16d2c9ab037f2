"""Every window that has reconciled: enough users, few dead letters, fresh in Cassandra. Fails with all that is wrong."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG
from randomuser import TASKS, USERS
from tributary_provider.operators.tributary import TributaryQualityOperator

with DAG(
    dag_id="randomuser_quality",
    description=__doc__,
    schedule=[USERS],
    catchup=False,
    dagrun_timeout=timedelta(minutes=30),
    default_args=TASKS,
    tags=["tributary"],
):
    TributaryQualityOperator(task_id="judge", least_share=0.99, most_dead_letters=0.01, most_delay=timedelta(minutes=15))
