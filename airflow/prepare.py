"""
Makes the metadata database ready, before any part of Airflow starts: migrated, with the connection to the ingest service.

    python prepare.py INGEST_URL [--unpause]

May be repeated. With ``--unpause`` DAGs that an earlier start has left paused are turned on; new ones follow airflow.cfg.
"""

from __future__ import annotations

import argparse
import json
from urllib.parse import urlsplit

from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from airflow.utils.db import upgradedb
from airflow.utils.session import create_session
from sqlalchemy import select, update

CONNECTION = "tributary_default"


def connect(ingest: str) -> None:
    """Make the connection, or have it name this start's address."""
    parts = urlsplit(ingest)
    with create_session() as session:
        connection = session.scalar(select(Connection).where(Connection.conn_id == CONNECTION))
        if connection is None:
            connection = Connection(conn_id=CONNECTION, conn_type="tributary")
            session.add(connection)
        connection.host, connection.port, connection.schema = parts.hostname, parts.port, parts.scheme
        connection.set_extra(json.dumps({"live_page": f"{ingest}/api/v1/runs/{{run}}"}))


def unpause() -> None:
    """Turn on the DAGs that are known already."""
    with create_session() as session:
        session.execute(update(DagModel).values(is_paused=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("ingest")
    parser.add_argument("--unpause", action="store_true")
    asked = parser.parse_args()
    upgradedb()
    connect(asked.ingest)
    if asked.unpause:
        unpause()
