#!/bin/sh
# check.sh: docker compose's own view of the file for every profile, then linters of Dockerfiles, compose files, YAML and scripts, a search for
# literal secrets, and schemas of what is for Kubernetes. Tools are fetched by check/tools.sh. Says what is wrong and goes on to the end.
set -eu

deploy=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
tools=$("$deploy/check/tools.sh")
bin=$tools/venv/bin
PATH=$bin:$tools/node_modules/.bin:$PATH
cd "$deploy"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
passed=0

# check WHAT COMMAND...
check() {
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "deploy: $what" >&2
        head -n 40 "$work/said" >&2
    fi
}

if [ -x "$tools/docker-compose" ]; then
    compose=$tools/docker-compose
else
    compose="docker compose"
fi
sed -e 's/^TRIBUTARY_UID=.*/TRIBUTARY_UID=10001/' .env.example >"$work/env"
for profile in "" monitoring control-center ha jobs '*'; do
    # shellcheck disable=SC2086 # two words where it is docker's
    check "compose config, profile ${profile:-default}" env "COMPOSE_PROFILES=$profile" \
        $compose --env-file "$work/env" -f docker-compose.yml config --quiet
done
# shellcheck disable=SC2086
check "compose config of the test" $compose --env-file "$work/env" -f docker-compose.yml -f compose.test.yml config --quiet

check hadolint hadolint --config check/hadolint.yml images/*.Dockerfile test/*.Dockerfile
# dclint takes the file's many aliases for an attack: it is shown what they stand for
# shellcheck disable=SC2086
COMPOSE_PROFILES='*' $compose --env-file "$work/env" -f docker-compose.yml config --no-interpolate --no-path-resolution \
    >"$work/docker-compose.yml"
check dclint dclint --config check/dclint.json --max-warnings 0 "$work/docker-compose.yml"
check yamllint yamllint --strict --config-file check/yamllint.yml docker-compose.yml compose.test.yml cassandra observability kubernetes \
    check/*.yml
find . -type f ! -path '*/target/*' ! -path './secrets/*' ! -path './check/.tools/*' ! -path '*/src/*' ! -name '.env' ! -name '*lock*' >"$work/files"
# a variable that is called PASSWORD_FILE is no secret, nor is a place for one in a format
check detect-secrets xargs -a "$work/files" detect-secrets-hook --disable-plugin KeywordDetector --exclude-lines ':%s@'
check kubernetes-validate kubernetes-validate --strict --quiet -k 1.33.0 kubernetes/namespace.yaml kubernetes/prepare.yaml \
    kubernetes/ingest.yaml kubernetes/stream.yaml kubernetes/schema-registry.yaml kubernetes/network-policies.yaml
check shellcheck shellcheck --severity=style secrets.sh check.sh check/tools.sh compose.test.sh images/healthy images/jars.sh \
    images/airflow-entrypoint test/*.sh

echo "deploy: $passed checks passed, $failed failed"
exit "$((failed > 0))"
