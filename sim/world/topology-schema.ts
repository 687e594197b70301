import { z } from 'zod';
import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { parseCpuset, parseMemory } from '../container/limits.ts';
import { parseRestartPolicy } from '../container/restart-policy.ts';
import type { InterfaceAddress } from '../wire/address.ts';
import { bitsPerSecond } from './rate.ts';
import { duration, interfaceAddress, ipv4, mac, text } from './schema-values.ts';
import { applicationSchema, serviceSchema } from './service-schema.ts';

/*
 * The one description of a topology file: what is accepted, what it becomes, and (by z.toJSONSchema) what editors
 * complete. Words are containerlab's and Compose's.
 */

const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const nodeName = z.string().regex(NODE_NAME, 'a name is letters, digits, "-", "_" and "."').max(40);

const mtu = z.int().min(68).max(65535).describe('Largest IP packet, in bytes.');
const addresses = z
  .union([interfaceAddress, z.array(interfaceAddress).min(1)])
  .describe('One address with its prefix length, or a list of them.');

const sysctls = z
  .record(z.string(), z.union([z.int(), z.array(z.int()).min(2)]))
  .describe(
    'Kernel settings by name, such as net.ipv4.ip_forward: 1 or net.ipv4.conf.eth0.rp_filter: 1; those that are several ' +
      'numbers as a list: net.ipv4.ip_local_port_range: [40000, 40009].',
  );

const exec = z
  .array(z.string().min(1))
  .describe(
    'Commands run at start, in order: ip route|rule|addr|link|neigh ..., sysctl -w ..., bridge fdb|link ..., iptables ...',
  );

const iptables = z
  .string()
  .describe(
    'Tables of the packet filter and of NAT, as iptables-save writes them, loaded before the commands of exec.',
  );

const routes = z.array(z.string().min(1)).describe('Routes as `ip route add` takes them: "default via 192.0.2.1".');

const maxLearned = z
  .int()
  .min(0)
  .max(0xffffffff)
  .describe(
    'MACs that may be learnt, as `ip link add type bridge` takes it; default 0, no limit. What is not learnt is flooded.',
  );

const linuxInterface = z.strictObject({
  kind: z.enum(['ethernet', 'bridge']).default('ethernet').describe('bridge: a bridge device with ports.'),
  address: addresses.optional(),
  mac: mac.optional(),
  mtu: mtu.optional(),
  up: z.boolean().default(true),
  ports: z.array(z.string().min(1)).optional().describe('Of a bridge: the interfaces of this node that are its ports.'),
  ageing: duration.optional().describe('Of a bridge: how long a learnt MAC stays; default 300s.'),
  fdb_max_learned: maxLearned.optional(),
});

const linuxNode = z.strictObject({
  kind: z.literal('linux'),
  interfaces: z.record(z.string().min(1).max(15), linuxInterface).default({}),
  routes: routes.default([]),
  rules: z.array(z.string().min(1)).default([]).describe('Policy rules as `ip rule add` takes them.'),
  sysctls: sysctls.default({}),
  services: z.array(serviceSchema).default([]),
  iptables: iptables.optional(),
  exec: exec.default([]),
});

const bridgeNode = z.strictObject({
  kind: z.literal('bridge').describe('A learning switch: every interface that a link names is a port.'),
  ageing: duration.optional().describe('How long a learnt MAC stays; default 300s.'),
  fdb_max_learned: maxLearned.optional(),
});

const interfaceName = z.string().refine((value) => parseInterfaceName(value) !== undefined, {
  message: 'expected an interface such as GE1/0/1, LoopBack0 or Virtual-Eth-Group0',
});

const comwareInterface = z.strictObject({
  address: interfaceAddress.optional(),
  shutdown: z.boolean().default(false),
  mac: mac.optional(),
  mtu: mtu.optional(),
});

const memory = z.union([z.int().min(0), text(parseMemory, 'an amount of memory', 'Bytes, with k, m or g.', '512m')]);
const cpuset = z
  .string()
  .refine((value) => parseCpuset(value) !== undefined, { message: 'expected CPUs such as 0-3,7' })
  .describe('CPUs by number: 0-3,7');

const limits = {
  mem_limit: memory.optional().describe('Memory the container may use; never more than the quota of the device.'),
  cpus: z.number().min(0).optional(),
  cpu_shares: z.int().min(0).optional(),
  cpuset: cpuset.optional(),
};

const networkMode = z
  .string()
  .regex(
    /^(none|host|bridge|default|container:.+)$/,
    'expected none, host, bridge, container:comware or container:NAME',
  )
  .describe(
    'none: lo alone. host: the namespace of the host. container:comware shares the namespace of Comware, ' +
      'container:NAME that of another container. bridge: the only Virtual-Eth-Group, as without this key.',
  );

const publishedPort = z.union([z.int().min(1).max(65535), z.string().min(1)]);

const container = z.strictObject({
  image: z.string().min(1).optional().describe('One of images, whose services it runs unless it lists its own.'),
  network_mode: networkMode.optional(),
  networks: z
    .union([
      z.array(z.string()).length(1),
      z.record(z.string(), z.strictObject({ ipv4_address: ipv4.optional() }).nullable()),
    ])
    .optional()
    .describe('The Virtual-Eth-Group interface whose TPA bridge it joins; may be left out when there is only one.'),
  restart: z
    .union([
      z.literal(false).transform(() => ({ name: 'no', retries: 0 }) as const),
      text(parseRestartPolicy, 'a restart policy', 'no, always, on-failure[:RETRIES] or unless-stopped.', 'always'),
    ])
    .optional()
    .describe('Whether it starts again when it fails, and when the device boots.'),
  ports: z
    .array(publishedPort)
    .optional()
    .describe('Refused with a hint: on this device Comware publishes ports (nat server), not Docker.'),
  ...limits,
  sysctls: sysctls.optional(),
  services: z.array(serviceSchema).default([]),
  iptables: iptables.optional(),
  exec: exec.default([]),
  autostart: z.boolean().default(true).describe('false: created, but not running until a start step.'),
});

const image = z
  .strictObject({
    services: z.array(serviceSchema).default([]).describe('What a container made from it runs.'),
    exec: exec.default([]),
    files: z.record(z.string().min(1), z.string()).default({}).describe('Files it holds, by path, with their text.'),
    size: memory.default(0).describe('As docker images lists it.'),
    local: z.boolean().default(true).describe('false: not on the device until it has been pulled.'),
  })
  .describe('An image containers are made from.');

const quota = z
  .strictObject({ memory: memory.optional(), cpus: limits.cpus, cpu_shares: limits.cpu_shares, cpuset: limits.cpuset })
  .describe('What the device came with as the most that a third-party container may use.');

const hostPort = text(
  (value) => {
    const match = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(value);
    const target = Number(match?.[2]);
    const published = Number(match?.[1] ?? match?.[2]);
    if (match === null || target < 1 || target > 65535 || published < 1 || published > 65535) return undefined;
    return { published, target, protocol: match[3] === 'udp' ? 'udp' : 'tcp' } as const;
  },
  'PORT or PUBLISHED:PORT, with /tcp or /udp',
  "A port of LoopBack0's address that leads to an application on the host.",
  '8080:80/tcp',
);

const host = z
  .strictObject({
    services: z.array(serviceSchema).default([]).describe('Applications on the host itself.'),
    iptables: iptables.optional(),
    exec: exec.default([]).describe('Commands run in the namespace of the host at start.'),
    snat_at: z
      .enum(['host', 'comware'])
      .default('host')
      .describe("Where the host's traffic to the outside takes LoopBack0's address."),
    ports: z.array(hostPort).default([]),
  })
  .describe('The host of the device: what runs there beside the containers.');

const comwareNode = z.strictObject({
  kind: z.literal('comware'),
  sysname: z.string().min(1).max(64).optional().describe('Name in prompts; default the name of the node.'),
  interfaces: z
    .record(interfaceName, comwareInterface)
    .default({})
    .describe(
      'In this order each interface with an address takes the next kernel name: the first is eth1. ' +
        'Virtual-Eth-GroupN makes a TPA bridge.',
    ),
  routes: z
    .array(z.string().min(1))
    .default([])
    .describe('Static routes: "PREFIX via NEXT-HOP [preference N]", PREFIX may be default; or "PREFIX dev NULL0".'),
  configuration: z
    .string()
    .optional()
    .describe('Lines of Comware configuration, applied after interfaces and routes. Unknown lines are errors.'),
  applications: z.array(applicationSchema).default([]).describe("Comware's own applications."),
  containers: z.record(nodeName, container).default({}).describe('Third-party containers, started in this order.'),
  images: z
    .record(z.string().min(1), image)
    .default({})
    .describe('Images of the Docker instance, by NAME or NAME:TAG.'),
  quota: quota.default({}),
  flash: z.boolean().default(true).describe('false: no disk or flash of its own, so containers cannot be saved.'),
  host: host.default({ services: [], exec: [], snat_at: 'host', ports: [] }),
  exec: exec
    .default([])
    .describe("Commands run in the kernel of Comware's namespace at every boot; lines of docker are given once."),
});

const node = z.discriminatedUnion('kind', [linuxNode, bridgeNode, comwareNode]);

const endpoint = text(
  (value) => {
    const colon = value.indexOf(':');
    if (colon < 1 || colon === value.length - 1) return undefined;
    return { node: value.slice(0, colon), interface: value.slice(colon + 1) };
  },
  'NODE:INTERFACE',
  'One end of a cable.',
  'host-b:eth0',
);

const link = z.strictObject({
  endpoints: z.tuple([endpoint, endpoint]).describe('The two ends, "NODE:INTERFACE" each.'),
  rate: z
    .string()
    .regex(/^\d+(\.\d+)?(kbit|mbit|gbit)$/, { error: 'expected a rate such as 100mbit or 1gbit', abort: true })
    .refine((value) => bitsPerSecond(value) !== undefined, 'expected a rate from 1kbit to 1000000gbit')
    .optional()
    .describe('Bits per second, as kbit, mbit or gbit; default: no serialisation time.'),
  delay: duration.optional().describe('One way; default 10us.'),
  jitter: duration.optional().describe('Up to this much is added to each frame, by seeded chance; may reorder.'),
  loss: z.number().min(0).max(100).optional().describe('Percent of frames lost, by seeded chance.'),
  mtu: mtu.optional().describe('Sets the MTU of both ends that do not set their own.'),
  state: z.enum(['up', 'down']).default('up').describe('down: unplugged at start.'),
});

/** A topology file, or the inline topology of a scenario. */
export const topologySchema = z
  .strictObject({
    name: nodeName.optional(),
    description: z.string().optional(),
    topology: z.strictObject({
      nodes: z.record(nodeName, node),
      links: z.array(link).default([]),
    }),
  })
  .describe('What exists: nodes and the cables between them.');

export type Topology = z.output<typeof topologySchema>;
/** As it is written, before the schema has read it. */
export type TopologyInput = z.input<typeof topologySchema>;
export type TopologyNode = z.output<typeof node>;
export type LinuxNode = z.output<typeof linuxNode>;
export type ComwareNode = z.output<typeof comwareNode>;
export type ContainerSpec = z.output<typeof container>;
export type ImageSpec = z.output<typeof image>;
export type LinkSpec = z.output<typeof link>;
export type Endpoint = z.output<typeof endpoint>;

/** The addresses of an interface, whether it lists one, several or none. */
export function addressesOf(value: InterfaceAddress | InterfaceAddress[] | undefined): InterfaceAddress[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
