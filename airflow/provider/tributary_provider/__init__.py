"""Airflow opens Tributary's run windows; the ingest service does the work."""

from __future__ import annotations

__version__ = "0.1.0"
