#!/usr/bin/env bash
# pair, built from network namespaces of Linux. Made by cutaway export.
#
# Two hosts and a cable.
#
#   host-a eth0 .1 ------- .2 eth0 host-b
#            192.0.2.0/24
#
# SCRIPT [--prefix PREFIX] up      builds it; alone, it does so too
# SCRIPT [--prefix PREFIX] down    takes it away
#
# Programs that listen there and that are not started here:
#   host-b: echo at *:7/udp

set -euo pipefail

prefix=ct-
nodes=(host-a host-b)
# Each becomes the namespace of its name with the prefix in front.
namespaces=(host-a host-b)
tools=(sysctl ip)

say() { printf '%s\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }
exists() { [[ -e /var/run/netns/$1 ]]; }

# Runs a command in the namespace of a node.
inside() {
  local node=$1
  shift
  ip netns exec "$prefix$node" "$@" || die "in $node this failed: $*"
}

# Runs a command outside of all of them.
outside() { "$@" || die "this failed: $*"; }

# The same as inside, for what not every machine can do: says what is missing then, if that matters.
try() {
  local missing=$1 node=$2
  shift 2
  ip netns exec "$prefix$node" "$@" >/dev/null 2>&1 || [[ -z $missing ]] || say "note: $missing"
}

made=()

take_away() {
  local name
  for name in "$@"; do
    if exists "$name"; then ip netns del "$name" || say "$name is left"; fi
  done
}

finish() {
  local status=$?
  trap '' HUP INT TERM
  trap - EXIT
  if [[ $status -ne 0 && ${#made[@]} -gt 0 ]]; then
    say 'Taking away what was made.'
    take_away "${made[@]}"
  fi
  exit "$status"
}

down() {
  local name users
  for name in "${namespaces[@]}"; do
    name=$prefix$name
    exists "$name" || continue
    users=$(ip netns pids "$name" | tr '\n' ' ')
    [[ -z $users ]] || say "note: $name lives on until these processes end: $users"
    take_away "$name"
  done
}

mainline=(...)
without_ipv6=(
  net.ipv6.conf.all.disable_ipv6=1
  net.ipv6.conf.default.disable_ipv6=1
  net.bridge.bridge-nf-call-iptables=0
  net.bridge.bridge-nf-call-ip6tables=0
  net.bridge.bridge-nf-call-arptables=0
)

verb=up
while [[ $# -gt 0 ]]; do
  case $1 in
    up | down) verb=$1 ;;
    --prefix)
      [[ $# -gt 1 ]] || die 'after --prefix the beginning of the names of the namespaces is missing'
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    -h | --help)
      printf '%s\n' "usage: $0 [--prefix PREFIX] [up|down]"
      exit 0
      ;;
    *) die "\"$1\" is unknown; usage: $0 [--prefix PREFIX] [up|down]" ;;
  esac
  shift
done

[[ $prefix =~ ^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$ ]] || die 'a prefix is 1 to 40 letters, digits, "-", "_" and "."'
[[ $EUID -eq 0 ]] || die 'only root can make network namespaces'
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || die "$tool is needed, and is not installed"
done

if [[ $verb == down ]]; then
  down
  exit 0
fi

for name in "${namespaces[@]}"; do
  if exists "$prefix$name"; then
    die "there is a namespace $prefix$name already: \"$0 --prefix $prefix down\" takes it away"
  fi
done

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

for name in "${namespaces[@]}"; do
  made+=("$prefix$name")
  ip netns add "$prefix$name"
done

# host-a: the settings of an untouched mainline kernel, and those of the file.
inside host-a sysctl -qw "${mainline[@]}"
inside host-a sysctl -qew "${without_ipv6[@]}"
try 'host-a: another TCP congestion control than cubic stays in use' host-a sysctl -qw net.ipv4.tcp_congestion_control=cubic
inside host-a ip link set dev lo up
try '' host-a ethtool -K lo tx off rx off sg off tso off gso off gro off

# host-b: the settings of an untouched mainline kernel, and those of the file.
inside host-b sysctl -qw "${mainline[@]}"
inside host-b sysctl -qew "${without_ipv6[@]}"
try 'host-b: another TCP congestion control than cubic stays in use' host-b sysctl -qw net.ipv4.tcp_congestion_control=cubic
inside host-b ip link set dev lo up
try '' host-b ethtool -K lo tx off rx off sg off tso off gso off gro off

# Bridges, cables and ports.
outside ip link add name eth0 index 2 address 02:00:00:00:00:01 mtu 1500 netns "$prefix"host-a type veth peer name eth0 index 102 address 02:00:00:00:00:02 mtu 1400 netns "$prefix"host-b
try '' host-a ethtool -K eth0 tx off rx off sg off tso off gso off gro off
try '' host-b ethtool -K eth0 tx off rx off sg off tso off gso off gro off

# host-a: what the file gives it.
inside host-a ip addr add 192.0.2.1/24 dev eth0
inside host-a ip link set dev eth0 up

# host-b: what the file gives it.
inside host-b ip addr add 192.0.2.2/24 dev eth0
inside host-b ip link set dev eth0 up

printf 'Built. To enter a node:\n'
for node in "${nodes[@]}"; do
  printf '  ip netns exec %s bash\n' "$prefix$node"
done
printf 'To take it away: %s --prefix %s down\n' "$0" "$prefix"
