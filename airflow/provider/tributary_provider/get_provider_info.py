"""What Airflow reads of this provider, without importing anything else of it."""

from __future__ import annotations

from typing import Any

INTEGRATION = "Tributary"


def get_provider_info() -> dict[str, Any]:
    """Describe the provider in the form of Airflow's ``provider_info.schema.json``."""
    return {
        "package-name": "tributary-airflow-provider",
        "name": INTEGRATION,
        "description": "Runs, reconciliations and replays of Tributary's ingest service.",
        "integrations": [{"integration-name": INTEGRATION, "tags": ["service"]}],
        "hooks": [_modules("tributary_provider.hooks.tributary")],
        "operators": [_modules("tributary_provider.operators.tributary")],
        "sensors": [_modules("tributary_provider.sensors.tributary")],
        "triggers": [_modules("tributary_provider.triggers.tributary")],
        "notifications": ["tributary_provider.notifications.tributary.TributaryFailureNotifier"],
        "extra-links": ["tributary_provider.links.tributary.TributaryRunLink"],
        "connection-types": [
            {
                "connection-type": "tributary",
                "hook-class-name": "tributary_provider.hooks.tributary.TributaryHook",
                "hook-name": INTEGRATION,
                "conn-fields": {
                    "ca_file": {
                        "label": "CA file",
                        "schema": {"type": ["string", "null"]},
                        "description": "PEM; https is then trusted by these authorities alone",
                    },
                    "live_page": {
                        "label": "Live page",
                        "schema": {"type": ["string", "null"]},
                        "description": "address of a run's page with {run} in it, if not the service's own",
                    },
                },
                "ui-field-behaviour": {
                    "hidden-fields": ["login", "extra"],
                    "relabeling": {"password": "Token", "schema": "Scheme"},
                    "placeholders": {"host": "127.0.0.1", "port": "8080", "schema": "http or https"},
                },
            }
        ],
    }


def _modules(module: str) -> dict[str, Any]:
    return {"integration-name": INTEGRATION, "python-modules": [module]}
