/** Topologies of Comware devices for the stories of this folder; none has an address of the whitepaper's. */

/** A host with one interface and a default route, and a UDP echo service on port 7. */
export function host(address: string, gateway: string, more: object = {}): object {
  return {
    kind: 'linux',
    interfaces: { eth0: { address } },
    routes: [`default via ${gateway}`],
    services: [{ port: 7, name: 'echo' }],
    ...more,
  };
}

export const container = { services: [{ port: 7, name: 'echo' }] } as const;

/** One device with containers in 172.20.0.0/24, a router beyond it, and a host beyond that one. */
export const single = {
  nodes: {
    dev: {
      kind: 'comware',
      interfaces: {
        'Virtual-Eth-Group0': { address: '172.20.0.1/24' },
        'GE1/0/1': { address: '10.9.0.1/30' },
      },
      routes: ['default via 10.9.0.2'],
      applications: [
        { name: 'snmp', port: 161, stack: 'comware' },
        { name: 'telemetry', port: 50051, stack: 'kernel' },
      ],
      containers: { c1: container, c2: container, c3: container, c4: container },
    },
    router: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.9.0.2/30' }, eth1: { address: '192.168.7.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      routes: ['172.20.0.0/24 via 10.9.0.1'],
      services: [{ port: 7, name: 'echo' }],
    },
    far: host('192.168.7.77/24', '192.168.7.1'),
  },
  links: [{ endpoints: ['dev:GE1/0/1', 'router:eth0'] }, { endpoints: ['router:eth1', 'far:eth0'] }],
};

/** Two devices in a row, each with containers of its own, and static routes towards each other. */
export const twoDevices = {
  nodes: {
    left: {
      kind: 'comware',
      interfaces: {
        'GE1/0/1': { address: '10.12.0.1/30' },
        'Virtual-Eth-Group0': { address: '10.1.0.254/24' },
      },
      routes: ['10.2.0.0/16 via 10.12.0.2'],
      containers: { alpha: container },
    },
    right: {
      kind: 'comware',
      interfaces: {
        'GE1/0/9': { address: '10.12.0.2/30' },
        'Virtual-Eth-Group0': { address: '10.2.0.254/24' },
        'GE1/0/2': { address: '10.30.0.1/24' },
      },
      routes: ['10.1.0.0/16 via 10.12.0.1'],
      containers: { beta: container },
    },
    plain: host('10.30.0.30/24', '10.30.0.1'),
  },
  links: [{ endpoints: ['left:GE1/0/1', 'right:GE1/0/9'] }, { endpoints: ['right:GE1/0/2', 'plain:eth0'] }],
};

/** Two hosts with one device between them: nothing but Comware forwarding. */
export function between(more: object = {}, links: readonly [object, object] = [{}, {}]) {
  return {
    nodes: {
      a: host('10.0.1.2/24', '10.0.1.1'),
      dev: {
        kind: 'comware',
        interfaces: { 'GE1/0/1': { address: '10.0.1.1/24' }, 'GE1/0/2': { address: '10.0.2.1/24' } },
        ...more,
      },
      b: host('10.0.2.2/24', '10.0.2.1'),
    },
    links: [
      { endpoints: ['a:eth0', 'dev:GE1/0/1'], ...links[0] },
      { endpoints: ['dev:GE1/0/2', 'b:eth0'], ...links[1] },
    ],
  };
}
