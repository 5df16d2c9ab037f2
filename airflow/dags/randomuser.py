"""What the DAGs have in common. Not a DAG: see .airflowignore."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Param
from tributary_provider.notifications.tributary import TributaryFailureNotifier

USERS = Asset(name="randomuser_users", uri="tributary://randomuser/users", group="tributary")

NATIONALITIES = [
    "AU", "BR", "CA", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE",
    "IN", "IR", "MX", "NL", "NO", "NZ", "RS", "TR", "UA", "US",
]  # fmt: skip

FORM = {
    "users": Param(
        10_000,
        type="integer",
        minimum=1,
        maximum=10_000_000,
        title="Users",
        description="of each window, 1 to 10,000,000",
    ),
    "page_size": Param(
        1_000,
        type="integer",
        minimum=1,
        maximum=5_000,
        title="Page size",
        description="users of one request to the source, 1 to 5,000",
    ),
    "nationality": Param(
        [],
        type="array",
        items={"type": "string", "enum": NATIONALITIES},
        examples=NATIONALITIES,
        title="Nationalities",
        description="none: all",
    ),
}

FROM_FORM: dict[str, Any] = {
    "users": "{{ params.users }}",
    "page_size": "{{ params.page_size }}",
    "nationalities": "{{ params.nationality }}",
    "max_run_time": timedelta(minutes=30),
}

TASKS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=2),
    "on_failure_callback": TributaryFailureNotifier(),
}
