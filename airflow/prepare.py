"""
Makes the metadata database ready, before any part of Airflow starts: migrated, with the connection to the ingest service.

    python prepare.py INGEST_URL [--token-file FILE] [--ca-file FILE] [--page URL] [--unpause]

May be repeated; what is not given is not set. ``--ca-file`` is a path on every worker; ``--page`` is where a browser finds
ingest, where that is not INGEST_URL. With ``--unpause`` DAGs that an earlier start has left paused are turned on; new ones follow
airflow.cfg.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from urllib.parse import urlsplit

from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from airflow.utils.db import upgradedb
from airflow.utils.session import create_session
from sqlalchemy import select, update

CONNECTION = "tributary_default"


def connect(ingest: str, token: str | None = None, ca_file: str | None = None, page: str | None = None) -> None:
    """Make the connection, or have it name this start's address, token and authorities."""
    parts = urlsplit(ingest)
    with create_session() as session:
        connection = session.scalar(select(Connection).where(Connection.conn_id == CONNECTION))
        if connection is None:
            connection = Connection(conn_id=CONNECTION, conn_type="tributary")
            session.add(connection)
        connection.host, connection.port, connection.schema = parts.hostname, parts.port, parts.scheme
        connection.password = token
        extra = {"live_page": f"{page or ingest}/api/v1/runs/{{run}}"}
        connection.set_extra(json.dumps({**extra, "ca_file": ca_file} if ca_file else extra))


def unpause() -> None:
    """Turn on the DAGs that are known already."""
    with create_session() as session:
        session.execute(update(DagModel).values(is_paused=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("ingest")
    parser.add_argument("--token-file", type=Path)
    parser.add_argument("--ca-file")
    parser.add_argument("--page")
    parser.add_argument("--unpause", action="store_true")
    asked = parser.parse_args()
    upgradedb()
    connect(asked.ingest, asked.token_file.read_text().strip() if asked.token_file else None, asked.ca_file, asked.page)
    if asked.unpause:
        unpause()
