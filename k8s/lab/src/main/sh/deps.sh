# Sourced by lab: the Debian packages of the lab and of the tests, and their installation.
# Each line: package | how to see that it is there | needed (by build and lab) or wanted (tests, benchmarks, people) | what for
lab_packages='gcc|cmd gcc|needed|compiles the CNI plugin
libc6-dev|file /usr/include/stdio.h|needed|C headers and the static libc of the CNI plugin
libnftables1|lib libnftables.so.1|needed|the agent writes its nftables rules through it
iproute2|cmd ip|needed|the simulated VPC makes links, routes and namespaces with ip
nftables|cmd nft|needed|the simulated VPC checks source addresses with nft; tests read rules with it
util-linux|cmd nsenter|needed|unshare and nsenter: the namespaces of the lab
iputils-ping|cmd ping|wanted|ICMP checks of the demo and the tests
conntrack|cmd conntrack|wanted|tests read the connection table with it
iptables|cmd iptables-restore|wanted|tests run the chains of kube-proxy beside pods with it
curl|cmd curl|wanted|lab run -- curl, tests of the HTTP endpoints
containernetworking-plugins|file /usr/lib/cni/ptp|wanted|the peer of the CNI benchmark, and portmap and bandwidth for chains
iperf3|cmd iperf3|wanted|throughput benchmarks
tcpdump|cmd tcpdump|wanted|looking at packets in pods and nodes
ethtool|cmd ethtool|wanted|looking at links in pods and nodes
kubernetes-client|cmd kubectl|wanted|tests drive the embedded API and render the manifests with kubectl
nghttp2-client|cmd h2load|wanted|tests ask the HTTP proxy of policy in HTTP/2
nghttp2-server|cmd nghttpd|wanted|and a server of HTTP/2 answers them
nodejs|cmd node|wanted|tests drive the simulated cloud with the official SDKs for Node
npm|cmd npm|wanted|fetches those SDKs into the build directory
user-mode-linux|cmd linux.uml|wanted|tests run the IPVlan and VLAN datapaths in its guest kernel
ipvsadm|cmd ipvsadm|wanted|tests set up Services by IPVS in that guest kernel with it
kmod|file /usr/sbin/modprobe|wanted|loads the modules of the guest kernels
qemu-system-x86|cmd qemu-system-x86_64|wanted|tests run IPVlan and VLAN pods under policy in a guest with a kernel of Debian
linux-image-amd64|file /usr/lib/terway-guest/ready|wanted|is that kernel: unpacked there, not installed
containerd|cmd containerd|wanted|tests have pods made by it, through its CRI
podman|cmd podman|wanted|tests have containers made by it, through its CNI backend
runc|cmd runc|wanted|makes the containers of both
busybox-static|file /bin/busybox|wanted|is all that the image of those containers holds
prometheus|cmd promtool|wanted|tests check the alerts with promtool'

lab_present() {
  case $1 in
  cmd) command -v "$2" >/dev/null 2>&1 ;;
  file) [ -e "$2" ] ;;
  lib) ldconfig -p 2>/dev/null | grep -q "$2" || ls /usr/lib/*/"$2"* /lib/*/"$2"* >/dev/null 2>&1 ;;
  esac
}

# Prints the missing packages; with an argument only those of that level (needed, wanted).
lab_missing() {
  local package probe level purpose
  while IFS='|' read -r package probe level purpose; do
    [ -z "${1-}" ] || [ "$1" = "$level" ] || continue
    # shellcheck disable=SC2086 # the probe is two words
    lab_present $probe || printf '%s ' "$package"
  done <<<"$lab_packages"
}

lab_install() {
  if [ "$(id -u)" != 0 ]; then
    echo "lab: missing packages: $*; install them as root: apt-get install $*" >&2
    return 1
  fi
  if ! command -v apt-get >/dev/null; then
    echo "lab: missing $*, and there is no apt-get here: install what provides them" >&2
    return 1
  fi
  case " $* " in
  *" linux-image-amd64 "*)
    # shellcheck disable=SC2046 # a list of words
    set -- $(printf '%s\n' "$@" | grep -vx linux-image-amd64)
    [ $# = 0 ] || lab_install "$@" || return 1
    lab_unpack_kernel || echo "lab: going on without the kernel of linux-image-amd64; a test that needs it will be skipped" >&2
    return 0
    ;;
  esac
  echo "lab: installing $*" >&2
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # Package lists may be absent or old: fetch them only when the first try fails.
  if apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1 </dev/null ||
    { apt-get update -q >>"$log" 2>&1 </dev/null && apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; }; then
    rm -f "$log"
    return 0
  fi
  grep -E '^(E|W): ' "$log" >&2 || tail -n 5 "$log" >&2
  rm -f "$log"
  echo "lab: apt-get could not install $*" >&2
  return 1
}

# A kernel is not installed: that might change what the machine boots. Only its files are taken.
lab_unpack_kernel() (
  set -e
  echo "lab: unpacking linux-image-amd64 into /usr/lib/terway-guest" >&2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  cd "$work"
  # Its name has the version of the lists; they may be absent or old.
  lab_download_kernel || { apt-get update -q && lab_download_kernel; } >/dev/null 2>&1
  package=$(dpkg-deb -f ./*.deb Package)
  rm -rf /usr/lib/terway-guest
  dpkg-deb -x ./*.deb "$work/tree"
  mkdir -p /usr/lib/terway-guest
  mv "$work/tree/boot" "$work/tree/lib" /usr/lib/terway-guest/
  depmod -b /usr/lib/terway-guest "${package#linux-image-}"
  touch /usr/lib/terway-guest/ready
)

lab_download_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
  [ -n "$package" ] && apt-get download -q "$package" >/dev/null 2>&1
}

# For demo: what it needs is installed by root, or named; what is only wanted is tried once and never fails it.
lab_deps_needed() {
  local needed wanted
  needed=$(lab_missing needed)
  # shellcheck disable=SC2086 # a list of words
  [ -z "$needed" ] || lab_install $needed || return 1
  wanted=$(lab_missing wanted)
  case " $wanted" in
  *" iputils-ping "*)
    [ "$(id -u)" != 0 ] || lab_install iputils-ping || echo "lab: going on without ping" >&2
    ;;
  esac
  return 0
}

lab_deps() {
  local install=no json=no argument
  for argument in "$@"; do
    case $argument in
    --install) install=yes ;;
    --json) json=yes ;;
    -h | --help)
      echo "Usage: lab deps [--install] [--json]"
      echo "Lists the Debian packages of the lab and the tests; --install installs the missing ones (as root)."
      return 0
      ;;
    *)
      echo "lab: deps has no argument '$argument'; it takes --install and --json" >&2
      return 2
      ;;
    esac
  done
  local missing
  missing=$(lab_missing)
  if [ $install = yes ] && [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # a list of words
    lab_install $missing || return 1
  fi
  local package probe level purpose state separator=
  [ $json = no ] || printf '{"packages":['
  while IFS='|' read -r package probe level purpose; do
    # shellcheck disable=SC2086 # the probe is two words
    if lab_present $probe; then state=present; else state=missing; fi
    if [ $json = yes ]; then
      printf '%s{"name":"%s","state":"%s","level":"%s","purpose":"%s"}' "$separator" "$package" "$state" "$level" "$purpose"
      separator=,
    else
      printf '%-28s %-8s %-7s %s\n' "$package" "$state" "$level" "$purpose"
    fi
  done <<<"$lab_packages"
  [ $json = no ] || printf ']}\n'
}
