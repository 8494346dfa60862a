# Stays outside the lab's namespaces for as long as they live: makes them, notes the PID by which commands enter, and
# clears the state directory of an ephemeral lab, whatever ended it.
# Arguments: init.sh, state directory, keep|ephemeral, then the command of the supervisor.
init=$1
state=$2
fate=$3
shift 3

flags=(--net --mount --pid --fork --mount-proc --kill-child)
[ "$(id -u)" = 0 ] || flags+=(--user --map-root-user)
unshare "${flags[@]}" bash "$init" "$state" "$@" </dev/null &
unshare=$!
trap 'kill -TERM $first 2>/dev/null' TERM INT HUP
first=
while [ -z "$first" ] && kill -0 $unshare 2>/dev/null; do
  read -r first _ <"/proc/$unshare/task/$unshare/children" || sleep 0.01
done 2>/dev/null
first=${first%% *}
[ -z "$first" ] || echo "$first" >"$state/pid"
while kill -0 $unshare 2>/dev/null; do
  wait $unshare
  code=$?
done
[ "$fate" = keep ] || rm -rf --one-file-system "$state"
exit "${code:-1}"
