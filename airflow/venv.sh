#!/bin/sh
# venv.sh: makes airflow/.venv from requirements.lock, each package by its hash, and prints its python. Does nothing where it is made
# already. Nothing is installed elsewhere; downloads stay in the caches of pip and uv. PYTHON names another interpreter.
set -eu

home=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
venv=$home/.venv
made=$venv/made-from

say() {
    echo "airflow: $*" >&2
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
        python=$(command -v "$candidate" || true)
        [ -n "$python" ] && fits "$python" && return
    done
    say "Python 3.10 to 3.13 is needed for Airflow and its tests, found ${PYTHON:-$(python3 --version 2>/dev/null || echo none)};" \
        "install one, or name it: PYTHON=/path/to/python3.11. Without Airflow nothing here needs Python."
    exit 2
}

find_python
wanted=$("$python" -c '
import hashlib, sys
print(sys.version.split()[0], *(hashlib.sha256(open(name, "rb").read()).hexdigest() for name in sys.argv[1:]))
' "$home/requirements.lock" "$home/installer.lock" "$home/provider/pyproject.toml")
wanted="$wanted $home"

# one at a time; a lock whose owner is gone counts for nothing
while ! mkdir "$home/.venv.lock" 2>/dev/null; do
    other=$(cat "$home/.venv.lock/pid" 2>/dev/null || true)
    if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
        rm -rf "$home/.venv.lock"
    fi
    sleep 1
done
echo $$ >"$home/.venv.lock/pid"
trap 'rm -rf "$home/.venv.lock"' EXIT
trap 'exit 130' INT TERM HUP

if [ "$(cat "$made" 2>/dev/null)" != "$wanted" ]; then
    say "making $venv from requirements.lock with $python, about 250 MB"
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >&2; then
        say "$python can not make an environment; on Debian and Ubuntu: apt-get install python3-venv"
        exit 3
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$home/installer.lock" >&2
    uv="$venv/bin/uv pip install --quiet --python $venv/bin/python"
    $uv --require-hashes -r "$home/requirements.lock" >&2
    $uv --no-deps --no-build-isolation --editable "$home/provider" >&2
    echo "$wanted" >"$made"
fi
echo "$venv/bin/python"
