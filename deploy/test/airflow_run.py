"""
Has Airflow run one window of so many users now, and waits until its DAG run has ended well: run, counted, reconciled. The schedule opens
one of its own as soon as the DAG is turned on; that is waited for too. The last line is the id of ingest's run.

    python3 airflow_run.py AIRFLOW_URL PASSWORD_FILE USERS
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

WITHIN_SECONDS = 600
LOOK_SECONDS = 3
DAG = "randomuser_ingest"

base, password_file, users = sys.argv[1:]


def ask(method: str, path: str, body: object = None, token: str | None = None) -> dict:
    """Ask Airflow's API."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(base + path, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


password = Path(password_file).read_text().strip()
token = ask("POST", "/auth/token", {"username": "admin", "password": password})["access_token"]
ask("PATCH", f"/api/v2/dags/{DAG}", {"is_paused": False}, token)
asked = {"logical_date": None, "conf": {"users": int(users), "page_size": 1000}}
run = ask("POST", f"/api/v2/dags/{DAG}/dagRuns", asked, token)["dag_run_id"]
until = time.monotonic() + WITHIN_SECONDS
open_runs = 1
while open_runs and time.monotonic() < until:
    time.sleep(LOOK_SECONDS)
    open_runs = ask("GET", f"/api/v2/dags/{DAG}/dagRuns?state=queued&state=running", token=token)["total_entries"]
state = ask("GET", f"/api/v2/dags/{DAG}/dagRuns/{run}", token=token)["state"]
ask("PATCH", f"/api/v2/dags/{DAG}", {"is_paused": True}, token)
print(f"airflow: {run} {state}", file=sys.stderr)
if state != "success":
    sys.exit(1)
value = ask("GET", f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/run/xcomEntries/return_value", token=token)["value"]
print((json.loads(value) if isinstance(value, str) else value)["run"])
