"""A metadata database of the tests' own, and the ingest service that is asked: TRIBUTARY_URL, its source TRIBUTARY_SOURCE."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DAGS = PROJECT / "dags"

# Airflow reads its settings when it is imported, so they are there before.
HOME = tempfile.mkdtemp(prefix="tributary-airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
SERVICE = os.environ.get("TRIBUTARY_URL", "")
NOBODY = "http://127.0.0.1:9"
os.environ.update(
    {
        "AIRFLOW_HOME": HOME,
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    }
)


def connection_to(url: str, **more: object) -> str:
    """Give the connection as Airflow reads it from the environment."""
    parts = urlsplit(url)
    told = {"conn_type": "tributary", "host": parts.hostname, "port": parts.port, "schema": parts.scheme, **more}
    return json.dumps(told)


os.environ["AIRFLOW_CONN_TRIBUTARY_DEFAULT"] = connection_to(SERVICE or NOBODY)
os.environ["AIRFLOW_CONN_NOBODY"] = connection_to(NOBODY)
sys.path.insert(0, str(DAGS))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "service: needs a running ingest service (TRIBUTARY_URL, TRIBUTARY_SOURCE)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not SERVICE and os.environ.get("CI"):
        raise pytest.UsageError("TRIBUTARY_URL is not set: the tests marked service would not run")
    for item in items:
        if item.get_closest_marker("service") and not SERVICE:
            item.add_marker(pytest.mark.skip(reason="no ingest service: TRIBUTARY_URL is not set"))


@pytest.fixture(scope="session")
def database() -> None:
    """Make the metadata database, once."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture(scope="session")
def dags() -> dict:
    """Load the DAGs, once."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    return bag.dags
