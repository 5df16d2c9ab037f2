#!/bin/sh
# secrets.sh [FOLDER [ENV_FILE]]: makes what deploy/docker-compose.yml needs and is nobody else's: passwords, tokens, keys, an authority
# with its certificates, and .env. Files of mode 600 in deploy/secrets; what is there already is never touched, so it may be called again.
# To have one made anew, delete it and call again; README.md says what else it takes.
#
# The containers that read them run as the user who owns them: the one who calls this, or 10001 where that is root.
set -eu
umask 077

deploy=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
secrets=${1:-$deploy/secrets}
env_file=${2:-$deploy/.env}
uid=$(id -u)
gid=$(id -g)
if [ "$uid" = 0 ]; then
    uid=10001
    gid=10001
fi

say() {
    echo "secrets: $*" >&2
}

if ! command -v openssl >/dev/null; then
    say "openssl is needed and not there; install it"
    exit 2
fi

# make FILE COMMAND...: the command's output becomes the file, whole or not at all
make() {
    file=$secrets/$1
    shift
    [ -e "$file" ] && return 0
    "$@" >"$file.new"
    [ -s "$file.new" ] || { say "$file could not be made"; exit 1; }
    mv "$file.new" "$file"
    made="${made:-} ${file##*/}"
}

# 24 bytes; without a newline, which not everybody takes away
random() {
    openssl rand -hex 24 | tr -d '\n'
}

# 32 bytes as Fernet wants them
fernet_key() {
    openssl rand -base64 32 | tr '+/' '-_' | tr -d '\n'
}

content() {
    tr -d '\n' <"$secrets/$1"
}

tokens() {
    echo "runs:read,runs:write,metrics $(content ingest-token)"
    echo "runs:read,runs:write $(content ingest-airflow-token)"
    echo "metrics $(content ingest-metrics-token)"
}

database_url() {
    printf 'postgresql+psycopg2://airflow:%s@postgres:5432/airflow' "$(content postgres-airflow-password)"
}

passwords() {
    echo "{\"admin\": \"$(content airflow-password)\"}"
}

key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null
}

authority() {
    openssl req -x509 -new -key "$secrets/ca.key" -sha256 -days 3650 -subj "/CN=Tributary on $(uname -n)" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
}

# certificate NAME HOST...: two years, for these hosts and this machine
certificate() {
    name=$1
    shift
    names=DNS:localhost,IP:127.0.0.1
    for host; do
        names=$names,DNS:$host
    done
    extensions=$secrets/$name.ext
    {
        printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n' "$names"
        printf 'basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n'
    } >"$extensions"
    openssl req -new -key "$secrets/$name.key" -subj "/CN=$name" |
        openssl x509 -req -CA "$secrets/ca.pem" -CAkey "$secrets/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 730 \
            -sha256 -extfile "$extensions" 2>/dev/null
    rm -f "$extensions"
}

# Cassandra wants the key and its certificates in one file.
keystore() {
    cat "$secrets/cassandra.key" "$secrets/cassandra.crt" "$secrets/ca.pem"
}

environment() {
    sed -e "s/^TRIBUTARY_UID=.*/TRIBUTARY_UID=$uid/" -e "s/^TRIBUTARY_GID=.*/TRIBUTARY_GID=$gid/" \
        -e "s|^TRIBUTARY_SECRETS=.*|TRIBUTARY_SECRETS=$secrets|" "$deploy/.env.example"
}

mkdir -p "$secrets"
rm -f "$secrets"/*.new "$secrets"/*.ext
for name in postgres-password postgres-tributary-password postgres-airflow-password cassandra-admin-password \
    cassandra-ingest-password cassandra-stream-password ingest-token ingest-airflow-token ingest-metrics-token airflow-password \
    airflow-session-key airflow-jwt-key grafana-password; do
    make "$name" random
done
make airflow-fernet-key fernet_key
make airflow-database-url database_url
make airflow-passwords.json passwords
make ingest-tokens tokens
make ca.key key
make ca.pem authority
make ingest.key key
make ingest.crt certificate ingest ingest ingest-2
make cassandra.key key
make cassandra.crt certificate cassandra cassandra
make cassandra.pem keystore

if [ "$(id -u)" = 0 ]; then
    find "$secrets" -type f ! -user "$uid" -exec chown "$uid:$gid" {} +
fi
if [ ! -e "$env_file" ]; then
    environment >"$env_file.new"
    mv "$env_file.new" "$env_file"
    made="${made:-} .env"
fi
if [ -n "${made:-}" ]; then
    say "made$made"
else
    say "nothing to make, all are there"
fi
