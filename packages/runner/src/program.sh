#!/bin/sh
# Runs one program inside its container: enforces its time limit, passes its output on live, keeps the beginning of it,
# and writes down how it ended. Any POSIX shell with mkfifo, tee, head, wc and sleep will do: the image is a stranger's.
# It runs as the program's own user, so what it writes is read by stage-out like anything a program wrote.
# Whatever became of the program, it exits with 0: Step Functions takes a task for failed, and runs it again, when any of
# its containers exits otherwise.
set -u
control=${1:-/benchgen/control}
report=${2:-/benchgen/report}
[ -e "$control/over" ] && exit 0
. "$control/launch.sh"

# As process 1 of a container we would not hear it otherwise.
trap 'exit 143' TERM
unset HOSTNAME

# Programs say `python`; many systems only have python3.
if ! command -v python >/dev/null 2>&1 && python3=$(command -v python3); then
  mkdir -p "$report/bin" && ln -sf "$python3" "$report/bin/python" && PATH=$PATH:$report/bin
fi

uptime() { read -r seconds _ </proc/uptime && echo "$seconds"; }

# Limits the kernel keeps, where this shell can set them: it may lack one, or be held to a lower one already.
limit() {
  (ulimit "$@") 2>/dev/null && ulimit "$@"
}

# stream → our own stdout or stderr, a count of all its bytes, and a file with the first of them
relay() {
  mkfifo "$report/$1.pipe" "$report/$1.count" "$report/$1.keep"
  wc -c <"$report/$1.count" >"$report/$1.bytes" &
  keepers="$keepers $!"
  { head -c "$log_bytes" >"$report/$1.log"; cat >/dev/null; } <"$report/$1.keep" &
  keepers="$keepers $!"
  tee "$report/$1.count" "$report/$1.keep" <"$report/$1.pipe" &
  relays="$relays $!"
}

# The relay listens in a container of its own, which may take longer to start than ours.
relay_url='' tries=0
until [ -z "$relay_file" ] || { [ -r "$relay_file" ] && read -r relay_url <"$relay_file"; }; do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ]; then
    echo 'fault=The relay to the gateway did not come to listen.' >"$report/exit"
    exit 0
  fi
  sleep 0.1 2>/dev/null || sleep 1
done

keepers='' relays='' timed_out=''
relay stdout
relay stderr >&2

trap 'timed_out=1' USR1
{
  trap 'kill "$nap"; exit' TERM
  sleep "$time_seconds" &
  nap=$!
  wait "$nap" || exit
  # Until it is heard: a signal that comes before the program is waited for does not end the wait.
  while kill -USR1 $$; do
    sleep 1 &
    nap=$!
    wait "$nap"
  done
} >/dev/null 2>&1 &
clock=$!

# From here on the program counts as started. Where we cannot say so, it does not start.
rm -f "$report/unstarted" || exit 0
started=$(uptime)
{
  limit -c 0
  limit -f "$file_blocks"
  # Shells differ in its name.
  [ -z "$processes" ] || limit -u "$processes" || limit -p "$processes"
  launch
} </dev/null >"$report/stdout.pipe" 2>"$report/stderr.pipe" &
program=$!
wait "$program"
code=$?
trap '' USR1
if [ -n "$timed_out" ] && kill -0 "$program" 2>/dev/null; then
  kill -TERM "$program" 2>/dev/null
  for _ in 1 2; do kill -0 "$program" 2>/dev/null && sleep 1; done
  kill -KILL "$program" 2>/dev/null
  wait "$program"
  code=$?
fi
ended=$(uptime)
kill "$clock" 2>/dev/null

# Whoever takes our output may be slow to take the rest of it; and a process left behind may hold it open for ever. They
# get a few seconds, and die with the container.
tries=0
while [ "$tries" -lt 50 ]; do
  open=''
  for relay in $relays; do kill -0 "$relay" 2>/dev/null && open=1; done
  [ -z "$open" ] && break
  tries=$((tries + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
for relay in $relays; do kill "$relay" 2>/dev/null; done
for keeper in $keepers; do wait "$keeper"; done

killed_for_memory=0
for events in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  [ -r "$events" ] && grep -q '^oom_kill [1-9]' "$events" && killed_for_memory=1
done

{
  echo "exit_code=$code"
  echo "timed_out=${timed_out:-0}"
  echo "out_of_memory=$killed_for_memory"
  echo "started=$started"
  echo "ended=$ended"
} >"$report/exit.part" && mv "$report/exit.part" "$report/exit"
exit 0
