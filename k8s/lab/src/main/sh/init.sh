# First process of a lab, started by outer.sh in its own mount, network and PID namespaces (and user namespace when not root).
# Arguments: state directory, then the command of the supervisor. Lays out /run, starts the supervisor, reaps.
set -eu
state=$1
shift

# A private /run with its own /run/netns, everything else of the host's /run showing through; nothing is
# written to the host. Entries that cannot be bound (stale mounts) are left out.
mount --make-rprivate /
shadow=$state/run
mkdir -p "$shadow"
mount -t tmpfs -o mode=0755 lab-run "$shadow"
mkdir "$shadow/netns"
for entry in /run/* /run/.[!.]*; do
  name=${entry#/run/}
  [ "$name" != netns ] || continue
  if [ -L "$entry" ]; then
    ln -s "$(readlink "$entry")" "$shadow/$name"
  elif [ -d "$entry" ]; then
    mkdir -p "$shadow/$name"
    mount --rbind "$entry" "$shadow/$name" 2>/dev/null || rmdir "$shadow/$name" 2>/dev/null || true
  elif [ -e "$entry" ]; then
    : >"$shadow/$name"
    mount --bind "$entry" "$shadow/$name" 2>/dev/null || rm -f "$shadow/$name" 2>/dev/null || true
  fi
done
mount --rbind "$shadow" /run
# sysfs shows the links of the namespace it was mounted in.
mount -t sysfs lab-sys /sys 2>/dev/null || true
ip link set lo up

# bash reaps every orphan of the lab while it waits; the supervisor reaps its own children.
"$@" &
supervisor=$!
trap 'kill -TERM $supervisor 2>/dev/null' TERM INT HUP
set +e
while kill -0 $supervisor 2>/dev/null; do
  wait $supervisor
  code=$?
done
exit "${code:-1}"
