import { z } from 'zod';
import { TABLE_NAMES } from '../show/table-names.ts';
import { ipv4 } from '../world/schema-values.ts';
import { stack } from './verb-schema.ts';

/* What a scenario may expect: of a step's program, and of what is there at the end. */

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

const fileExpectation = z
  .strictObject({
    at: z.string().min(1).describe('The TFTP service that must have it: STACK, or STACK:SERVICE where it has several.'),
    name: z.string().min(1).optional().describe('Default the name that the step gave it.'),
    equals: z.enum(['sent', 'received']).optional().describe('Byte for byte what this step sent, or received.'),
    is: z.string().optional().describe('Its whole text.'),
    size: z.int().min(0).optional(),
    absent: z.boolean().optional().describe('true: there must be no such file.'),
  })
  .refine((one) => Object.keys(one).some((key) => ['equals', 'is', 'size', 'absent'].includes(key)), {
    message: 'nothing is expected of this file: add equals, is, size or absent',
  });

/** What is expected of programs that connect, fetch or trace. */
const applicationExpectation = {
  connected: z.boolean().optional().describe('tcp, http, pull: whether the handshake was completed.'),
  closed: z.boolean().optional().describe('tcp: whether the server has ended, or the connection is gone.'),
  received: z.string().optional().describe('tcp: everything the server said; tftp: the file, as text.'),
  received_has: z.string().optional(),
  received_size: z.int().min(0).optional().describe('tcp, tftp: how many bytes came.'),
  status: z.int().min(100).max(599).optional().describe('http: status of the answer.'),
  location: z.string().optional().describe('http: where a redirect leads.'),
  body_has: z.string().optional(),
  body_is: z.string().optional(),
  prints: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Parts of lines that the tool prints, such as "Error code 1: File not found" or "Connection refused".'),
  file: fileExpectation.optional(),
  hops: z
    .array(z.string().min(1))
    .optional()
    .describe('traceroute: who answered at each hop, "*" for nobody, "20.1.1.2 !N" with a mark. No hop left out.'),
};

export const probeExpectation = z
  .strictObject({
    replies: z.int().min(0).optional().describe('How many answers came back.'),
    reply_ttl: z.int().optional().describe('TTL with which the first answer arrived.'),
    reply_from: ipv4.optional(),
    error: z
      .string()
      .optional()
      .describe('errno of the first error: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE, ETIMEDOUT ...; or none.'),
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
    ...applicationExpectation,
  })
  .describe('What the first request of this step must have met: of tcp, http and pull the SYN, of tftp its request.');

const tables = z.enum(TABLE_NAMES);

const tableExpectation = z
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

const sighting = z
  .strictObject({
    at: z.string().min(1).describe('Capture point, such as host-b:eth0 or device-a:GE1/0/1.'),
    direction: z.enum(['in', 'out']).optional(),
    address: ipv4.describe('In an IP header, in ARP, or in the packet that an ICMP error quotes.'),
  })
  .describe('An address at a capture point.');

const seenExpectation = z.strictObject({
  name: z.string().optional(),
  seen: z.array(sighting).min(1).describe('Each address is carried by at least one packet captured there.'),
});

const neverSeenExpectation = z.strictObject({
  name: z.string().optional(),
  never_seen: z.array(sighting).min(1).describe('No packet captured there carries the address.'),
});

export const expectation = z.union([tableExpectation, seenExpectation, neverSeenExpectation]);

export type ProbeExpectation = z.output<typeof probeExpectation>;
export type FileExpectation = z.output<typeof fileExpectation>;
export type TableExpectation = z.output<typeof tableExpectation>;
export type Expectation = z.output<typeof expectation>;
export type Sighting = z.output<typeof sighting>;
