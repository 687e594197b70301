/* Topologies for hostile frames: between them every kind of device, and every function that looks into a packet. */

const cable = (one: string, other: string, more: object = {}) => ({ endpoints: [one, other], ...more });

const host = (address: string, gateway: string, more: object = {}) => ({
  kind: 'linux',
  interfaces: { eth0: { address } },
  routes: [`default via ${gateway}`],
  ...more,
});

const STATEFUL = [
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -p icmp -m limit --limit 50/second -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 7 -j ACCEPT',
  '-A INPUT -p udp -m udp --dport 7 -j ACCEPT',
  '-A INPUT -p tcp -j REJECT --reject-with tcp-reset',
  '-A INPUT -j REJECT --reject-with icmp-port-unreachable',
  '-A FORWARD -m conntrack --ctstate INVALID -j DROP',
  '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT',
  '-A FORWARD -s 10.0.0.0/16 -j ACCEPT',
  '-A FORWARD -p icmp -j ACCEPT',
];

/** An office behind a stateful firewall with MASQUERADE and published ports, a plain router and a server behind it. */
const natRouter = {
  nodes: {
    pc1: host('10.0.0.2/24', '10.0.0.1'),
    pc2: host('10.0.0.3/24', '10.0.0.1'),
    sw: { kind: 'bridge' },
    gw: {
      kind: 'linux',
      interfaces: { lan: { address: '10.0.0.1/24' }, wan: { address: '203.0.113.2/29' } },
      routes: ['default via 203.0.113.1'],
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.rp_filter': 1, 'net.netfilter.nf_conntrack_max': 5000 },
      iptables: [
        '*nat',
        ':PREROUTING ACCEPT [0:0]',
        ':POSTROUTING ACCEPT [0:0]',
        ':OUTPUT ACCEPT [0:0]',
        ':INPUT ACCEPT [0:0]',
        '-A PREROUTING -i wan -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:7',
        '-A PREROUTING -i wan -p udp -m udp --dport 8080 -j DNAT --to-destination 10.0.0.3:7',
        '-A POSTROUTING -o wan -j MASQUERADE',
        'COMMIT',
        '*filter',
        ':INPUT DROP [0:0]',
        ':FORWARD DROP [0:0]',
        ':OUTPUT ACCEPT [0:0]',
        ...STATEFUL,
        'COMMIT',
        '',
      ].join('\n'),
    },
    isp: {
      kind: 'linux',
      interfaces: { eth0: { address: '203.0.113.1/29' }, eth1: { address: '192.0.2.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
    },
    srv: host('192.0.2.7/24', '192.0.2.1'),
  },
  links: [
    cable('pc1:eth0', 'sw:p1'),
    cable('pc2:eth0', 'sw:p2'),
    cable('sw:p0', 'gw:lan'),
    cable('gw:wan', 'isp:eth0'),
    cable('isp:eth1', 'srv:eth0'),
  ],
};

/** Two switches in a row, and a Linux bridge with br_netfilter and rules of its own between hosts. */
const bridges = {
  nodes: {
    a: host('10.1.0.2/24', '10.1.0.1'),
    b: host('10.1.0.3/24', '10.1.0.1'),
    c: host('10.1.0.4/24', '10.1.0.1'),
    d: host('10.1.0.5/24', '10.1.0.1'),
    sw1: { kind: 'bridge' },
    sw2: { kind: 'bridge', ageing: '20s' },
    wall: {
      kind: 'linux',
      interfaces: {
        br0: { kind: 'bridge', address: '10.1.0.1/24', ports: ['p0', 'p1', 'p2'] },
        p0: {},
        p1: {},
        p2: { mtu: 1400 },
        up: { address: '10.9.0.1/30' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.bridge.bridge-nf-call-iptables': 1 },
      exec: [
        'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP',
        'iptables -A FORWARD -p tcp -m tcp --dport 9 -j REJECT --reject-with tcp-reset',
        'iptables -A FORWARD -p udp -m udp --dport 9 -j REJECT',
        'iptables -t nat -A PREROUTING -p tcp -m tcp --dport 8007 -j DNAT --to-destination 10.1.0.5:7',
        'iptables -t nat -A PREROUTING -p tcp -m tcp --dport 8008 -j REDIRECT --to-ports 7',
        'iptables -t mangle -A PREROUTING -p icmp -j MARK --set-mark 5',
        'bridge link set dev p1 hairpin on',
      ],
    },
    far: { kind: 'linux', interfaces: { eth0: { address: '10.9.0.2/30' } }, routes: ['default via 10.9.0.1'] },
  },
  links: [
    cable('a:eth0', 'sw1:p1'),
    cable('b:eth0', 'sw1:p2'),
    cable('sw1:p3', 'sw2:p1'),
    cable('c:eth0', 'sw2:p2'),
    cable('sw2:p0', 'wall:p0'),
    cable('d:eth0', 'wall:p1'),
    cable('wall:up', 'far:eth0'),
  ],
};

/** Policy rules, routes of every type, proxy ARP, a narrow link with loss beside it, redirects on a shared segment. */
const policy = {
  nodes: {
    left: {
      kind: 'linux',
      interfaces: { eth0: { address: ['10.3.0.2/24', '10.3.5.2/24'] } },
      routes: ['default via 10.3.0.1'],
      sysctls: { 'net.ipv4.conf.all.accept_redirects': 1, 'net.ipv4.icmp_echo_ignore_broadcasts': 0 },
    },
    seg: { kind: 'bridge' },
    r1: {
      kind: 'linux',
      interfaces: {
        eth0: { address: '10.3.0.1/24' },
        eth1: { address: '10.4.0.1/30', mtu: 700 },
        eth2: { address: '10.5.0.1/30' },
      },
      sysctls: {
        'net.ipv4.ip_forward': 1,
        'net.ipv4.conf.eth0.proxy_arp': 1,
        'net.ipv4.conf.all.accept_local': 1,
        'net.ipv4.conf.all.route_localnet': 1,
        'net.ipv4.conf.all.arp_ignore': 1,
        'net.ipv4.conf.all.arp_announce': 2,
      },
      routes: ['10.6.0.0/24 via 10.4.0.2', '10.7.0.0/24 via 10.3.0.9'],
      rules: [
        'pref 100 fwmark 7 lookup 100',
        'pref 110 ipproto udp dport 7 lookup 110',
        'pref 120 from 10.3.5.0/24 lookup 100',
      ],
      exec: [
        'ip route add 10.6.0.0/24 via 10.5.0.2 table 100',
        'ip route add 10.6.0.0/24 via 10.5.0.2 table 110',
        'ip route add unreachable 10.66.0.0/24',
        'ip route add prohibit 10.67.0.0/24',
        'ip route add blackhole 10.68.0.0/24',
        'iptables -t mangle -A PREROUTING -p tcp -j MARK --set-mark 7',
        'iptables -t raw -A PREROUTING -p icmp -j CT --notrack',
        'iptables -A FORWARD -m conntrack --ctstate INVALID -j LOG',
      ],
    },
    r2: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.3.0.9/24' }, eth1: { address: '10.7.0.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      routes: ['default via 10.3.0.1'],
    },
    end: host('10.7.0.2/24', '10.7.0.1'),
    right: {
      kind: 'linux',
      interfaces: {
        eth0: { address: '10.4.0.2/30', mtu: 700 },
        eth1: { address: '10.5.0.2/30' },
        eth2: { address: '10.6.0.1/24' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.rp_filter': 2 },
      routes: ['default via 10.5.0.1'],
    },
    srv: host('10.6.0.2/24', '10.6.0.1'),
  },
  links: [
    cable('left:eth0', 'seg:p1'),
    cable('seg:p2', 'r1:eth0'),
    cable('seg:p3', 'r2:eth0'),
    cable('r2:eth1', 'end:eth0'),
    cable('r1:eth1', 'right:eth0'),
    cable('r1:eth2', 'right:eth1'),
    cable('right:eth2', 'srv:eth0'),
  ],
};

/** What Docker sets up on a Linux host: docker0, MASQUERADE, a published port. */
const docker0 = {
  nodes: {
    c1: host('172.17.0.2/16', '172.17.0.1'),
    c2: host('172.17.0.3/16', '172.17.0.1'),
    host: {
      kind: 'linux',
      interfaces: {
        eth0: { address: '192.0.2.10/24' },
        vethc1: {},
        vethc2: {},
        docker0: { kind: 'bridge', ports: ['vethc1', 'vethc2'], address: '172.17.0.1/16' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.bridge.bridge-nf-call-iptables': 1 },
      exec: [
        'iptables -P FORWARD DROP',
        'iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        'iptables -A FORWARD -i docker0 -j ACCEPT',
        'iptables -A FORWARD -d 172.17.0.2/32 -p tcp -m tcp --dport 7 -j ACCEPT',
        'iptables -t nat -N DOCKER',
        'iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
        'iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
        'iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
        'iptables -t nat -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:7',
        'bridge link set dev vethc1 hairpin on',
      ],
    },
    ext: { kind: 'linux', interfaces: { eth0: { address: '192.0.2.20/24' } } },
  },
  links: [cable('ext:eth0', 'host:eth0'), cable('c1:eth0', 'host:vethc1'), cable('c2:eth0', 'host:vethc2')],
};

/** A Comware device with all it can do: two TPA bridges, a shared and a host container, NAT of every kind. */
const comware = {
  nodes: {
    dev: {
      kind: 'comware',
      interfaces: {
        'GE1/0/1': { address: '203.0.113.1/24' },
        'GE1/0/2': { address: '10.0.2.1/24' },
        'GE1/0/3': { address: '10.0.3.1/24', mtu: 600 },
        LoopBack0: { address: '10.10.10.10/32' },
        'Virtual-Eth-Group0': { address: '172.20.0.1/24' },
        'Virtual-Eth-Group1': { address: '172.21.0.1/24' },
      },
      routes: ['default via 203.0.113.9', '10.99.0.0/16 dev NULL0'],
      configuration: [
        'ip ttl-expires enable',
        'ip unreachables enable',
        'ip redirects enable',
        'ftp server enable',
        'nat address-group 1',
        ' address 203.0.113.20 203.0.113.22',
        'acl advanced 3000',
        ' rule 0 permit ip source 10.0.2.0 0.0.0.255',
        ' rule 5 permit ip source 172.20.0.0 0.0.0.255',
        'nat static outbound 172.21.0.2 203.0.113.66',
        'interface GigabitEthernet1/0/1',
        ' nat outbound 3000 address-group 1',
        ' nat server protocol tcp global 203.0.113.1 8080 inside 10.0.2.2 7',
        ' nat server protocol udp global 203.0.113.1 8080 inside 172.20.0.2 7',
        ' nat static enable',
      ].join('\n'),
      applications: [
        { name: 'snmp', port: 161, stack: 'comware' },
        { name: 'agent', protocol: 'tcp', port: 50051, stack: 'kernel' },
      ],
      containers: {
        c1: { networks: ['Virtual-Eth-Group0'] },
        c2: { networks: ['Virtual-Eth-Group0'] },
        c3: { networks: ['Virtual-Eth-Group1'] },
        shared: { network_mode: 'container:comware' },
        onhost: { network_mode: 'host' },
        alone: { network_mode: 'none' },
      },
      host: { services: [{ name: 'kubelet', protocol: 'tcp', port: 10250 }], ports: ['10250/tcp'] },
    },
    out: {
      kind: 'linux',
      interfaces: { eth0: { address: '203.0.113.9/24' }, eth1: { address: '192.0.2.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      routes: ['10.10.10.10/32 via 203.0.113.1', '172.20.0.0/24 via 203.0.113.1'],
    },
    far: host('192.0.2.7/24', '192.0.2.1'),
    a: host('10.0.2.2/24', '10.0.2.1'),
    b: host('10.0.2.3/24', '10.0.2.1'),
    narrow: host('10.0.3.2/24', '10.0.3.1'),
    office: { kind: 'bridge' },
    provider: { kind: 'bridge' },
  },
  links: [
    cable('dev:GE1/0/1', 'provider:p0'),
    cable('out:eth0', 'provider:p1'),
    cable('out:eth1', 'far:eth0'),
    cable('dev:GE1/0/2', 'office:p0'),
    cable('a:eth0', 'office:p1'),
    cable('b:eth0', 'office:p2'),
    cable('dev:GE1/0/3', 'narrow:eth0', { mtu: 600 }),
  ],
};

/** Two devices in a row, without NAT, with containers behind both. */
const twoDevices = {
  nodes: {
    left: {
      kind: 'comware',
      interfaces: { 'GE1/0/1': { address: '10.12.0.1/30' }, 'Virtual-Eth-Group0': { address: '10.1.0.254/24' } },
      routes: ['10.2.0.0/16 via 10.12.0.2', '10.30.0.0/24 via 10.12.0.2'],
      containers: { alpha: {}, gamma: {} },
    },
    right: {
      kind: 'comware',
      interfaces: {
        'GE1/0/9': { address: '10.12.0.2/30' },
        'Virtual-Eth-Group0': { address: '10.2.0.254/24' },
        'GE1/0/2': { address: '10.30.0.1/24' },
      },
      routes: ['10.1.0.0/16 via 10.12.0.1'],
      containers: { beta: {}, inside: { network_mode: 'container:comware' } },
    },
    plain: host('10.30.0.30/24', '10.30.0.1'),
  },
  links: [
    cable('left:GE1/0/1', 'right:GE1/0/9', { jitter: '30us' }),
    cable('right:GE1/0/2', 'plain:eth0', { rate: '1gbit', delay: '50us' }),
  ],
};

/** By name: what stands under `topology` in a file. */
export const TOPOLOGIES: Readonly<Record<string, object>> = {
  'nat-router': natRouter,
  bridges,
  policy,
  docker0,
  comware,
  'two-devices': twoDevices,
};
