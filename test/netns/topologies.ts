import { buildWorld } from '../../sim/world/build.ts';
import { checkTopology } from '../../sim/world/check.ts';
import { readDocument } from '../../sim/world/document.ts';
import { checkSchema } from '../../sim/world/document-schema.ts';
import { type Topology, topologySchema } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';

/* Topologies of Linux nodes and bridges, from small to all that the schema has. */

export const PAIR = `# yaml-language-server: $schema=topology.schema.json
#
# Two hosts and a cable.
#
#   host-a eth0 .1 ------- .2 eth0 host-b
#            192.0.2.0/24
name: pair
topology:
  nodes:
    host-a:
      kind: linux
      interfaces: { eth0: { address: 192.0.2.1/24 } }
    host-b:
      kind: linux
      interfaces: { eth0: { address: 192.0.2.2/24, mtu: 1400 } }
      services: [{ port: 7, protocol: udp }]
  links:
    - { endpoints: ["host-a:eth0", "host-b:eth0"] }
`;

/** A router with a bridge, rules of both kinds, a cable that is not plugged in and ports without one. */
export const EVERYTHING = `
name: everything
description: All that a node of kind linux may have.
topology:
  nodes:
    h1:
      kind: linux
      interfaces:
        eth0: { address: 10.0.1.2/24, mac: "02:aa:00:00:00:01" }
        eth1: { address: [192.0.2.1/24, 192.0.2.2/24, 198.51.100.1/30] }
        lo: { address: [10.99.0.1/32, 127.0.0.1/8] }
      routes:
        - default via 10.0.1.1
        - 10.9.0.0/16 via 10.0.1.1 src 10.0.1.2 metric 7 table 100
        - blackhole 10.10.0.0/16
        - 10.11.0.0/16 via 10.0.1.9 dev eth0 onlink proto static
      rules: ["from 10.0.1.2 lookup 100", "fwmark 0x1/0xff lookup 7 priority 50", "to 10.7.0.0/16 prohibit"]
    r:
      kind: linux
      sysctls:
        net.ipv4.conf.eth2.forwarding: 1
        ip_forward: 1
        net.ipv4.conf.eth1.rp_filter: 1
        net.ipv4.conf.default.arp_ignore: 2
        net/ipv4/neigh/eth4.7/mcast_solicit: 9
        net.ipv4.neigh.default.mcast_solicit: 5
        conf/br9/forwarding: 0
        net.netfilter.nf_conntrack_udp_timeout: 7
      interfaces:
        eth0: {}
        eth2: {}
        br9: { kind: bridge, address: 10.0.1.1/24, ports: [eth0, eth2], ageing: 20s }
        br8: { kind: bridge, mtu: 9000 }
        eth1: { address: 10.0.2.1/24, mtu: 1400 }
        eth3: { up: false, address: 10.0.3.1/24 }
        "eth4.7": { address: 10.0.4.1/24 }
      iptables: |
        *filter
        :INPUT ACCEPT [3:252]
        :FORWARD DROP
        :MINE -
        [1:60] -A FORWARD -p icmp -j MINE
        -A MINE -m comment --comment "say \\"$HOME\\" END" -j ACCEPT
        COMMIT
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A POSTROUTING -o eth1 -j MASQUERADE
        COMMIT
      exec:
        - ip neigh add 10.0.2.77 lladdr 02:00:00:00:00:77 dev eth1
        - iptables -A FORWARD -m comment --comment 'a "b" c' -j LOG --log-prefix 'x y '
        - sysctl -w net.ipv4.neigh.default.ucast_solicit=2 net.ipv4.conf.all.arp_ignore=1
        - bridge fdb add 02:00:00:00:00:88 dev eth0 master static
        - ip link set eth1 mtu 1390
        - ip route add 10.20.0.0/16 via 10.0.2.9
    sw: { kind: bridge, ageing: 60s }
    h2:
      kind: linux
      exec: ["ip addr add 10.0.2.3/24 dev x0", "ip route add default via 10.0.2.1"]
  links:
    - { endpoints: ["h1:eth0", "r:eth0"] }
    - { endpoints: ["sw:p1", "r:eth1"], mtu: 1300 }
    - { endpoints: ["h2:x0", "sw:p2"] }
    - { endpoints: ["r:eth2", "h1:eth1"], state: down }
`;

/** What Docker makes of a host: two bridges, containers that publish ports, a network that is cut off from the other. */
export const DOCKER = `
name: docker-like
topology:
  nodes:
    outside: { kind: linux, interfaces: { eth0: { address: 203.0.113.9/24 } } }
    host:
      kind: linux
      sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.docker0.route_localnet: 1 }
      interfaces:
        eth0: { address: 203.0.113.1/24 }
        veth1: {}
        veth2: {}
        veth3: {}
        docker0: { kind: bridge, address: 172.17.0.1/16, ports: [veth1, veth2], mac: "02:42:ac:11:00:01" }
        br-app: { kind: bridge, address: 172.18.0.1/16, ports: [veth3] }
      iptables: |
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :DOCKER - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
        -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
        -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
        -A DOCKER -i docker0 -j RETURN
        -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
        COMMIT
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER - [0:0]
        -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A FORWARD -o docker0 -j DOCKER
        -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
        -A FORWARD -i docker0 -o docker0 -j ACCEPT
        -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
        COMMIT
    c1: { kind: linux, interfaces: { eth0: { address: 172.17.0.2/16 } }, routes: [default via 172.17.0.1] }
    c2: { kind: linux, interfaces: { eth0: { address: 172.17.0.3/16 } }, routes: [default via 172.17.0.1] }
    c3: { kind: linux, interfaces: { eth0: { address: 172.18.0.2/16 } }, routes: [default via 172.18.0.1] }
  links:
    - { endpoints: ["outside:eth0", "host:eth0"] }
    - { endpoints: ["host:veth1", "c1:eth0"] }
    - { endpoints: ["host:veth2", "c2:eth0"] }
    - { endpoints: ["host:veth3", "c3:eth0"] }
`;

/** A node whose two ports are joined by a cable, and a chain of switches. */
export const LOOPED = `
topology:
  nodes:
    box:
      kind: linux
      interfaces: { a: { address: 10.0.0.1/24 }, b: { address: 10.0.0.2/24 }, c: { address: 10.1.0.1/31 } }
      sysctls: { conf.all.arp_filter: 1, icmp_ratelimit: 0 }
    one.1: { kind: bridge }
    two_2: { kind: bridge, ageing: 0s }
    end: { kind: linux, interfaces: { eth0: { address: 10.1.0.0/31, up: false } } }
  links:
    - { endpoints: ["box:a", "box:b"] }
    - { endpoints: ["box:c", "one.1:left"], mtu: 9000 }
    - { endpoints: ["one.1:right", "two_2:left"], mtu: 2000 }
    - { endpoints: ["two_2:right", "end:eth0"] }
`;

/** The topology that a text describes; a test's own text has to be sound. */
export function topologyOf(text: string): Topology {
  const read = readDocument(text, 'test.yaml');
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('; '));
  const checked = checkSchema(read.document, topologySchema);
  if ('problems' in checked) throw new Error(checked.problems.map(({ message }) => message).join('; '));
  const findings = checkTopology(checked.value);
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join('; '));
  return checked.value;
}

/** The topology with its world, right after it was built. */
export function built(text: string): { readonly topology: Topology; readonly world: World } {
  const topology = topologyOf(text);
  const { world, findings } = buildWorld(topology, { seed: 1, trace: false, capture: false });
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join('; '));
  return { topology, world };
}
