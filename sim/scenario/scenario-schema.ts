import { z } from 'zod';
import { TABLE_NAMES } from '../show/table-of.ts';
import { parseIpv4 } from '../wire/address.ts';
import { duration, ipv4, topologySchema } from '../world/topology-schema.ts';
import { deviceSteps } from './device-step-schema.ts';

/*
 * The one description of a scenario file: what happens, and what must be seen. Outcomes are written here and compared
 * with the run after it has run; nothing in a scenario changes what a packet does.
 */

const stack = z
  .string()
  .min(1)
  .describe('Where: a node, a container (container3 or device-a/container3), NODE/comware or NODE/host.');

const target = z
  .string()
  .transform((value, context) => {
    const match = /^([\d.]+)(?::(\d{1,5}))?$/.exec(value);
    const address = parseIpv4(match?.[1] ?? '');
    const port = Number(match?.[2] ?? 0);
    if (address !== undefined && port <= 65535) return { address, port };
    context.addIssue({ code: 'custom', message: `expected ADDRESS or ADDRESS:PORT, found "${value}"` });
    return z.NEVER;
  })
  .describe('IPv4 address, with :PORT for udp.');

const options = {
  from: stack,
  to: target,
  count: z.int().min(1).max(1000).optional(),
  interval: duration.optional(),
  ttl: z.int().min(1).max(255).optional(),
  tos: z.int().min(0).max(255).optional(),
  source: ipv4.optional().describe('Source address; default as the stack chooses.'),
  device: z.string().optional().describe('Send by this interface only.'),
  df: z.enum(['want', 'do', 'dont']).optional().describe('Path MTU discovery, as ping -M.'),
  timeout: duration.optional().describe('How long after the last request an answer is waited for.'),
};

const ping = z.strictObject({
  ...options,
  size: z.int().min(0).max(65507).optional().describe('Payload bytes; default 56.'),
});

const udp = z.strictObject({
  ...options,
  payload: z.string().max(1000).optional().describe('Text to send.'),
  size: z.int().min(0).max(65507).optional().describe('Payload bytes; the text is repeated or cut to this size.'),
  source_port: z.int().min(1).max(65535).optional(),
});

const stations = z
  .array(z.string().min(1))
  .describe('Stations: "Kernel forwarding@container3", "eth0@container3", "TPA bridge", "Comware stack@device-a", ...');

const headerFields = z
  .strictObject({
    ttl: z.int().optional(),
    tos: z.int().optional(),
    source: ipv4.optional(),
    destination: ipv4.optional(),
    protocol: z.int().optional(),
    length: z.int().optional().describe('Total length of the IP packet.'),
    df: z.boolean().optional(),
    source_port: z.int().optional(),
    destination_port: z.int().optional(),
  })
  .describe('Fields of the packet as captured there.');

const dropExpectation = z.union([
  z.literal('none'),
  z.strictObject({
    reason: z.string().regex(/^(kernel|comware|link):[A-Z_]+$/, 'expected a reason such as kernel:IP_INNOROUTES'),
    at: stack.optional(),
  }),
]);

const probeExpectation = z
  .strictObject({
    replies: z.int().min(0).optional().describe('How many answers came back.'),
    reply_ttl: z.int().optional().describe('TTL with which the first answer arrived.'),
    reply_from: ipv4.optional(),
    error: z
      .string()
      .optional()
      .describe('errno of the first error: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE ...'),
    error_from: ipv4.optional(),
    path: stations.optional().describe('Every station of the first request, none left out.'),
    passes: stations
      .optional()
      .describe('Stations that the first request passes in this order; others may lie between.'),
    avoids: stations.optional(),
    reply_path: stations.optional(),
    reply_passes: stations.optional(),
    reply_avoids: stations.optional(),
    dropped: dropExpectation.optional().describe('What the first request, or its answer, died of; none: neither did.'),
    header: z
      .array(
        z.strictObject({
          at: z.string().describe('Capture point, such as device-a:GE1/0/1 or device-a/comware:eth1.'),
          direction: z.enum(['in', 'out']).optional(),
          of: z.enum(['request', 'reply']).default('request'),
          is: headerFields,
        }),
      )
      .optional(),
  })
  .describe('What the first request of this step must have met.');

const base = {
  name: z.string().min(1).max(60).optional(),
  at: duration.optional().describe('When; default: as soon as the step before has ended.'),
};

const figure = z
  .string()
  .optional()
  .describe("Compare the request and its answer with a flow of the whitepaper's figures, such as 11 or 10.");

const step = z.union([
  z.strictObject({ ...base, ping, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, udp, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, exec: z.strictObject({ on: stack, commands: z.array(z.string().min(1)).min(1) }) }),
  z.strictObject({ ...base, configure: z.strictObject({ on: stack, lines: z.string() }) }),
  z.strictObject({ ...base, start: z.strictObject({ on: stack, service: z.string().optional() }) }),
  z.strictObject({ ...base, stop: z.strictObject({ on: stack, service: z.string().optional() }) }),
  z.strictObject({ ...base, restart: z.strictObject({ on: stack }) }),
  z.strictObject({
    ...base,
    link: z.strictObject({
      endpoint: z.string().describe('Either end, NODE:INTERFACE.'),
      state: z.enum(['up', 'down']),
    }),
  }),
  z.strictObject({ ...base, wait: duration }),
  z.strictObject({ ...base, ...deviceSteps.docker }),
  z.strictObject({ ...base, ...deviceSteps.reboot }),
  z.strictObject({ ...base, ...deviceSteps.save }),
  z.strictObject({ ...base, ...deviceSteps.write }),
]);

const tables = z.enum(TABLE_NAMES);

const expectation = z
  .strictObject({
    name: z.string().optional(),
    show: tables,
    of: stack,
    style: z.enum(['linux', 'comware']).optional(),
    is: z.string().optional().describe('The whole table, as the device prints it; spaces at line ends do not count.'),
    has: z.array(z.string()).optional().describe('Lines the table must have; runs of spaces count as one.'),
    lacks: z.array(z.string()).optional(),
  })
  .refine((one) => one.is !== undefined || one.has !== undefined || one.lacks !== undefined, {
    message: 'nothing is expected of this table: add is, has or lacks',
  });

/** A scenario file. */
export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a name is letters, digits, "-", "_" and "."')
      .max(60),
    title: z.string().optional(),
    description: z.string().optional(),
    topology: z
      .union([z.string().min(1), topologySchema])
      .describe('Path of a topology file, from this file; or inline.'),
    seed: z.int().min(0).default(1).describe('Seed of everything that is random.'),
    figure: z.int().optional().describe('The figure of the whitepaper it replays.'),
    until: duration.optional().describe('Run on until then; default: until the last step has ended.'),
    steps: z.array(step).default([]),
    expect: z.array(expectation).default([]).describe('What the tables must hold at the end.'),
  })
  .describe('What happens in a topology, and what must be seen.');

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioStep = z.output<typeof step>;
export type ProbeExpectation = z.output<typeof probeExpectation>;
export type TableExpectation = z.output<typeof expectation>;
export type PingSpec = z.output<typeof ping>;
export type UdpSpec = z.output<typeof udp>;
