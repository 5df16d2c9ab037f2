"""What a worker and a triggerer do for a task, without them."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import random
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest
from airflow.sdk.exceptions import TaskDeferred
from tributary_provider.api import instant
from tributary_provider.hooks.tributary import TributaryHook
from tributary_provider.operators.tributary import TributaryRunOperator


class Ti:
    """One try of a task. Takes what is pushed; each try begins without."""

    dag_id, task_id, map_index, try_number = "dag", "task", -1, 1
    of_run: dict[str, Ti] = {}

    def __init__(self) -> None:
        self.run_id = f"dag_run_{uuid.uuid4()}"
        self.pushed: dict[str, Any] = {}
        Ti.of_run[self.run_id] = self

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, key: str, **_: Any) -> Any:
        return self.pushed.get(key)


class XComOfTis:
    """What a triggerer does for ``XCom``."""

    @staticmethod
    def set(key: str, value: Any, *, run_id: str, **_: Any) -> None:
        Ti.of_run[run_id].xcom_push(key, value)

    @staticmethod
    def get_one(*, key: str, run_id: str, **_: Any) -> Any:
        return Ti.of_run[run_id].xcom_pull(key)


def fresh_window() -> tuple[datetime, datetime]:
    """Give a window that no other test has, of the years in which the DAGs were not yet written."""
    start = datetime(2001, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=5 * random.SystemRandom().randrange(2_500_000))
    return start, start + timedelta(minutes=5)


def context_of(window: tuple[datetime, datetime]) -> dict[str, Any]:
    """Give what Airflow hands to a task of that data interval."""
    dag_run = SimpleNamespace(data_interval_start=window[0], data_interval_end=window[1], run_after=window[1])
    return {"dag_run": dag_run, "ti": Ti(), "outlet_events": {}}


def operator(**changed: Any) -> TributaryRunOperator:
    """Give a task for 2,000 users."""
    return TributaryRunOperator(**{"task_id": "run", "users": 2_000, "page_size": 500, "poll_seconds": 0.2, **changed})


def deferred(task: Any, context: dict[str, Any]) -> TaskDeferred:
    """Execute until the task is deferred."""
    with pytest.raises(TaskDeferred) as left:
        task.execute(context)
    return left.value


def restored(trigger: Any, context: dict[str, Any]) -> Any:
    """Do with a trigger what Airflow does between worker and triggerer, and between two triggerers."""
    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    again = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))
    again.task_instance = context["ti"]
    return again


def looked(trigger: Any) -> Any:
    """Have a trigger look once; give it."""

    async def look() -> None:
        async with TributaryHook(trigger.tributary_conn_id).async_client() as client:
            await trigger._look(client)

    asyncio.run(look())
    return trigger


def watching(context: dict[str, Any], **changed: Any) -> Any:
    """Give the trigger of a task for 2,000 users, which has begun the run or joined it."""
    return looked(restored(deferred(operator(**changed), context).trigger, context))


async def first_event(trigger: Any, within: float = 60) -> dict[str, Any]:
    """Run a trigger until it tells something."""
    return (await asyncio.wait_for(anext(trigger.run()), within)).payload


def resumed(task: Any, context: dict[str, Any], left: TaskDeferred) -> Any:
    """Wait as a triggerer, go on as a worker."""
    event = asyncio.run(first_event(restored(left.trigger, context)))
    return getattr(task, left.method_name)(context, event=event, **(left.kwargs or {}))


def ask(method: str, *arguments: Any) -> Any:
    """Ask the service as the hook does."""
    with TributaryHook().client() as client:
        return getattr(client, method)(*arguments)


def source_faults(*faults: dict[str, Any]) -> None:
    """Have the stand-in source do wrong from now on; nothing: right again."""
    url = urljoin(os.environ["TRIBUTARY_SOURCE"], "/_control/faults")
    request = urllib.request.Request(url, json.dumps(list(faults)).encode(), method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def runs_of(window: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    """Give the runs that the service has for a window."""
    with urllib.request.urlopen(os.environ["TRIBUTARY_URL"] + "/api/v1/runs?limit=500", timeout=10) as answer:  # noqa: S310
        runs = json.load(answer)["runs"]
    return [run for run in runs if run["windowStart"] == instant(window[0])]
