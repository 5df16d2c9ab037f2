"""What is said when a task has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from tributary_provider.links.tributary import XCOM_KEY

if TYPE_CHECKING:
    from airflow.sdk import Context


class TributaryFailureNotifier(BaseNotifier):
    """
    Say which run a failed task was about, which of its pages, and where to look, in one line of the task's log.

    To tell it elsewhere, override :meth:`tell`.
    """

    def notify(self, context: Context) -> None:
        """Say it."""
        self.tell(message_of(context))

    def tell(self, message: str) -> None:
        """Take the message where it is read."""
        self.log.error("%s", message)


def message_of(context: Context) -> str:
    """Give the line: task and window, run and pages, its live page, what happened."""
    ti = context["ti"]
    error = context.get("exception")
    run = getattr(error, "run", None)
    pages = getattr(error, "pages", ())
    where = ti.xcom_pull(task_ids=ti.task_id, key=XCOM_KEY, map_indexes=ti.map_index)
    parts = [
        f"task={ti.dag_id}.{ti.task_id}",
        f"dag_run={ti.run_id}",
        f"run={run or 'none'}",
        f"pages={','.join(str(page) for page in pages) or 'none named'}",
        f"look_at={where or 'nothing was begun'}",
        f"why={error}",
    ]
    return " ".join(parts)
