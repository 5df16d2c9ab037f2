#!/bin/bash
# compose.test.sh: brings docker-compose.yml up on a real engine with the stand-ins of compose.test.yml, and tries it: everything healthy, a
# run through Airflow reconciled; another, in the midst of which ingest and the leading Spark master are killed and restarted by the engine;
# README.md's backup restored into an empty stack and a run rebuilt, to the letter, all runs reconciled again; everything gone after down -v.
#
#   deploy/compose.test.sh artifacts   with a network: builds the project, gathers jars, servers and packages in target/compose-test
#   deploy/compose.test.sh run         without one: needs docker with compose, DOCKER_HOST, and the image TEST_BASE_IMAGE
#                                      (tributary-test/base:1): Debian 12 with openjdk-17-jre-headless, openssl, python3-venv.
#                                      Where packages can be installed in a build, test/base.Dockerfile makes it.
#   deploy/compose.test.sh ha          as run, of profile ha: ingest and a ZooKeeper node stopped, a run through the second ingest, the leading
#                                      Spark master killed, the other leads
#
# Takes 7 GiB of memory and 15 to 25 minutes on two cores. KEEP=1 leaves the stack up.
set -euo pipefail

deploy=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
home=$(dirname "$deploy")
work=$home/target/compose-test
artifacts=$work/artifacts
base=${TEST_BASE_IMAGE:-tributary-test/base:1}
users=${USERS:-20000}

say() { printf 'compose.test: %4d s  %s\n' "$SECONDS" "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }

compose() {
    docker compose --env-file "$work/.env" -p tributary-test -f "$deploy/docker-compose.yml" -f "$deploy/compose.test.yml" "$@"
}

etl() {
    ((SECONDS < deadline)) || die "not done in time: etl $*"
    "$home/etl" "$@" --url "https://localhost:${ingest_port:-8443}" --token-file "$work/secrets/ingest-token" --ca-file "$work/secrets/ca.pem"
}

# ---- what is handed in -------------------------------------------------------------------------------------------------------

server_jars() {
    mkdir -p "$artifacts/jars/$1"
    tr : '\n' <"$home/deploy/embedded/servers/$1/target/runtime.classpath" | xargs -I{} cp {} "$artifacts/jars/$1/"
}

gather() {
    "$home/etl" --help >/dev/null # builds what is not built
    rm -rf "$artifacts"
    mkdir -p "$artifacts/postgres" "$artifacts/wheels"
    "$deploy/images/jars.sh" reactive-ingest "$artifacts/jars/ingest"
    "$deploy/images/jars.sh" spark-stream "$artifacts/jars/spark-stream"
    "$deploy/images/jars.sh" deploy/embedded "$artifacts/jars/source"
    server_jars kafka
    server_jars cassandra
    server_jars zookeeper
    cp -r "$home/deploy/embedded/servers/registry/target/registry" "$artifacts/registry"
    python=$("$home/airflow/venv.sh")
    for lock in installer requirements; do
        "$python" -m pip -q download --disable-pip-version-check --no-deps --require-hashes -r "$home/airflow/$lock.lock" -d "$artifacts/wheels"
    done
    "$python" -m pip -q download --disable-pip-version-check --no-deps --require-hashes -r "$deploy/test/postgres.lock" -d "$artifacts/postgres"
    unzip -q "$artifacts"/postgres/*.whl '*/pginstall/bin/*' '*/pginstall/lib/*' '*/pginstall/share/*' '*.libs/*' -d "$artifacts/postgres"
    rm "$artifacts"/postgres/*.whl
    chmod -R a+rX "$artifacts"
    say "$(du -sh "$artifacts" | cut -f1) in $artifacts"
}

# ---- the test ----------------------------------------------------------------------------------------------------------------

# within SECONDS: what is waited for from now on has to have come by then
within() { deadline=$((SECONDS + $1)); }

start() {
    compose up -d --wait --wait-timeout 420 || { compose ps -a; compose logs --tail 20; die "up"; }
    say "up"
}

healthy() {
    if compose ps --format '{{.Service}} {{.Health}}' | awk '$2 != "healthy"' | grep .; then
        die "not healthy"
    fi
    say "all $(compose ps -q | wc -l) containers are healthy"
}

airflow_run() {
    within 900
    run=$(python3 "$deploy/test/airflow_run.py" http://localhost:8080 "$work/secrets/airflow-password" "$1") || die "Airflow's run of $1 users"
    etl reconcile "$run" --deep || die "the stores differ"
    say "a run of $1 users through Airflow, reconciled"
}

# kill_java SERVICE: SIGKILL to its JVM, as the kernel would; the engine's restart policy has to bring it back
kill_java() {
    within 120
    container=$(compose ps -q "$1")
    before=$(docker inspect -f '{{.RestartCount}}' "$container")
    # shellcheck disable=SC2016 # for the shell in there
    compose exec -T "$1" bash -c 'for p in /proc/[0-9]*; do [[ $(readlink "$p/exe") != */java ]] || kill -9 "${p#/proc/}"; done'
    until [[ $(docker inspect -f '{{.RestartCount}} {{.State.Health.Status}}' "$container") == "$((before + 1)) healthy" ]]; do
        ((SECONDS < deadline)) || die "$1 did not come back"
        sleep 1
    done
    say "$1 killed, restarted by the engine, healthy"
}

leader() {
    for port in 8081 8082; do
        if curl -fsS --max-time 5 "http://localhost:$port/json/" 2>/dev/null | grep -q '"ALIVE"'; then
            echo "spark-master-$((port - 8080))"
            return
        fi
    done
}

# The leading master killed, until one leads.
lead_again() {
    first=$(leader)
    kill_java "$first"
    until second=$(leader) && [[ -n $second ]]; do
        ((SECONDS < deadline)) || die "no master leads"
        sleep 1
    done
    say "$first led, $second leads"
}

# A run of $1 users through Airflow, in the midst of which ingest and the leading master are killed.
killed_under_way() {
    airflow_run "$1" &
    going=$!
    within 180
    until [[ $(compose exec -T postgres psql -U postgres -d tributary -Atc \
        "select exists (select from run join page on run_id = id where run.state = 'RUNNING' and page.state <> 'PLANNED')") == t ]]; do
        ((SECONDS < deadline)) || die "no run is under way"
    done
    kill_java ingest
    lead_again
    wait "$going" || die "the run that was under way"
}

# shown SECTION N: the commands of README.md's N-th console block in the section
shown() {
    awk -v section="## $1" -v wanted="$2" '
        /^## / { here = $0 == section }
        here && /^```console/ { block++ }
        here && block == wanted && sub(/^\$ /, "")' "$deploy/README.md" | grep . || die "README.md shows no command in $1, block $2"
}

# What README.md's commands call, on the stack of the test.
docker() {
    if [[ "$1 $2 ${3:-}" == "compose -f deploy/docker-compose.yml" ]]; then
        compose "${@:4}"
    else
        command docker "$@"
    fi
}

backup_and_rebuild() {
    cd "$work"
    # shellcheck disable=SC2034 # README.md's commands use it
    etl=etl
    backup=$(shown "Backup and rebuild" 1)
    restore=$(shown "Backup and rebuild" 2)
    rebuild=$(shown Commands 1)
    # no "|| die" behind these: bash would then go on after a command in them that fails
    eval "$backup"
    say "backup of $(du -h tributary.dump | cut -f1)"
    within 900
    eval "$restore"
    # shellcheck disable=SC2154 # it is read there
    say "restored into an empty stack, $(wc -w <<<"$runs") runs reconciled"
    eval "${rebuild//RUN/$run}"
    etl reconcile "$run" --deep || die "the stores differ after a rebuild"
    say "run $run rebuilt, reconciled"
}

images() {
    docker image inspect "$base" >/dev/null 2>&1 \
        || docker build -q -t "$base" -f "$deploy/test/base.Dockerfile" "$deploy/test" >/dev/null || die "no image $base"
    [[ -d $artifacts ]] || die "no artifacts: compose.test.sh artifacts makes them"
    rm -rf "$work/secrets" "$work/.env"
    "$deploy/secrets.sh" "$work/secrets" "$work/.env"
    tar -C "$artifacts" -c . | docker import - tributary-test/artifacts:1 >/dev/null
    say "artifacts imported"
    compose build -q
    say "images built: $(docker images --format '{{.Repository}} {{.Size}}' | grep ^tributary/ | paste -sd, -)"
    [[ -n ${KEEP:-} ]] || trap 'compose --profile "*" down -v --timeout 20 >/dev/null 2>&1 || true' EXIT
}

memory() {
    docker stats --no-stream --format '{{.Name}} {{.MemUsage}}'
}

gone() {
    compose down -v --timeout 30
    left=$(docker ps -aq --filter label=com.docker.compose.project=tributary-test; docker volume ls -q --filter label=com.docker.compose.project=tributary-test
        docker network ls -q --filter label=com.docker.compose.project=tributary-test)
    [[ -z $left ]] || die "left over: $left"
    say "down -v left nothing; passed"
}

whole() {
    images
    start
    healthy
    airflow_run "$users"
    killed_under_way "$users"
    healthy
    memory
    backup_and_rebuild
    healthy
    gone
}

ha() {
    images
    sed -i 's/^#\([A-Z_]*=\)/\1/' "$work/.env" # the three lines at its end
    start
    healthy
    memory
    compose stop zookeeper-1 ingest
    ingest_port=8444
    airflow_run 1000
    lead_again
    airflow_run 1000
    gone
}

case ${1:-} in
    artifacts) gather ;;
    run) whole ;;
    ha) ha ;;
    *) sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
