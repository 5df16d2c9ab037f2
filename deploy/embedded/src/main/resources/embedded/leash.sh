#!/bin/sh
# leash.sh PIDFILE LOG SIGNAL COMMAND...
#
# Becomes COMMAND, so that its process id and exit status are those of COMMAND itself, and leaves behind a watcher that reads
# this script's standard input, a pipe whose other end only the launcher holds. Its end of file says that the launcher is gone,
# by whatever means, or wants COMMAND to stop: the watcher then sends SIGNAL, QUIT 10 s later (a JVM prints its threads,
# PostgreSQL ends at once) and KILL 6 s after that. The line "gone" says that COMMAND has ended by itself. Either way the watcher's
# last act is to kill what is left of the session and of the process group, which is COMMAND's, its children's and the watcher's own.
#
# PIDFILE (not there at first) gets two lines, the id of the watcher and that of COMMAND; LOG gets the output of COMMAND.
#
# POSIX sh. A session of its own comes from setsid (Linux) or perl (macOS), otherwise Ctrl-C in a terminal would reach COMMAND
# before the launcher. "set -m" is no way to it: dash has it only with a terminal, and then takes the terminal away from the
# launcher. No id can be reused by the system while the watcher lives, as it is a member of the group with that id.

if [ "${LEASH_SESSION:-}" != own ]; then
    LEASH_SESSION=own
    export LEASH_SESSION
    if command -v setsid >/dev/null 2>&1; then
        exec setsid /bin/sh "$0" "$@"
    elif command -v perl >/dev/null 2>&1; then
        exec perl -e 'use POSIX (); POSIX::setsid(); exec { $ARGV[0] } @ARGV' /bin/sh "$0" "$@"
    fi
    trap '' INT HUP
    own_group=
else
    own_group=yes
fi
unset LEASH_SESSION

pidfile=$1
log=$2
signal=$3
shift 3

# ends_within TENTHS: waits for the end of the command, at most that long
ends_within() {
    tenths=$1
    while kill -0 $$ 2>/dev/null; do
        [ "$tenths" -gt 0 ] || return 1
        sleep 0.1
        tenths=$((tenths - 1))
    done
}

stop() {
    # not before the launcher can know whom to wait for
    tenths=50
    while [ ! -s "$pidfile" ] && [ "$tenths" -gt 0 ]; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
    kill -s "$signal" $$ 2>/dev/null
    kill -s CONT $$ 2>/dev/null
    ends_within 100 && return
    echo "leash: still there 10 s after $signal, sending QUIT" >&2
    kill -s QUIT $$ 2>/dev/null
    ends_within 60 && return
    echo "leash: still there 6 s after QUIT, sending KILL" >&2
    kill -s KILL $$ 2>/dev/null
}

watch() {
    trap '' INT HUP TERM QUIT
    word=
    while read -r word && [ "$word" != gone ]; do :; done
    [ "$word" = gone ] || stop
    [ -n "$own_group" ] || return
    end_strays
    kill -s KILL -- -$$
}

# What has left the group but not the session: Airflow gives each task a group of its own. Linux only, for its /proc.
end_strays() {
    for stat in /proc/[0-9]*/stat; do
        read -r line 2>/dev/null <"$stat" || continue
        # pid (name) state parent group session ...; the name may hold anything
        # shellcheck disable=SC2086
        set -- ${line##*) }
        [ "${4:-}" = $$ ] && [ "$3" != $$ ] || continue
        stray=${stat#/proc/}
        kill -s KILL "${stray%/stat}" 2>/dev/null
    done
}

exec 3<&0
watcher=$(
    {
        exec <&3 3<&- >>"$log" 2>&1
        watch
    } &
    echo $!
)
printf '%s\n%s\n' "$watcher" $$ >"$pidfile"
exec "$@" </dev/null >>"$log" 2>&1 3<&-
