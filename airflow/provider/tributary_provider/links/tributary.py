"""From a task to what it started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context
    from airflow.sdk.types import TaskInstanceKey

XCOM_KEY = "tributary_run_page"


class TributaryRunLink(BaseOperatorLink):
    """The run's live page; known from the moment the run is, while the task is still waiting for it."""

    name = "Tributary run"

    @property
    def xcom_key(self) -> str:
        """Give the key under which Airflow looks for the link."""
        return XCOM_KEY

    @staticmethod
    def remember(context: Context, page: str) -> None:
        """Keep the address for :meth:`get_link`, which may not look at the connection."""
        context["ti"].xcom_push(key=XCOM_KEY, value=page)

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Give the address that the task has remembered, nothing before."""
        return XCom.get_value(ti_key=ti_key, key=XCOM_KEY) or ""
