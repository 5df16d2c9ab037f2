#!/bin/sh
# check.sh: ruff with Airflow's own rules, then the tests; those of operators and triggers where TRIBUTARY_URL names a service.
set -eu
cd "$(dirname "$0")"
python=$(./venv.sh)
"$python" -m ruff check --quiet .
"$python" -m ruff format --quiet --check .
exec "$python" -m pytest "$@"
