"""
Whether a part of Airflow is healthy, as Airflow's own health tells; without a name, whether metrics.py answers.

    python healthy.py [metadatabase|scheduler|triggerer|dag_processor]

The standard library alone: `airflow jobs check` would load all of Airflow every ten seconds.
"""

from __future__ import annotations

import json
import os
import sys
from urllib.request import urlopen

SECONDS = 5
API = os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://localhost:8080/execution/")
METRICS = "http://localhost:9102/health"

if len(sys.argv) == 1:
    with urlopen(METRICS, timeout=SECONDS):  # 200, or an error
        sys.exit(0)
with urlopen(API.removesuffix("/execution/") + "/api/v2/monitor/health", timeout=SECONDS) as answer:
    health = json.load(answer)
said = health.get(sys.argv[1]) or {}
print(said)
sys.exit(said.get("status") != "healthy")
