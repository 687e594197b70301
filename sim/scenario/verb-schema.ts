import { z } from 'zod';
import { parseImageReference } from '../program/image-reference.ts';
import { parseIpv4 } from '../wire/address.ts';
import { manners, tcpSocket } from '../world/manners-schema.ts';
import { duration, ipv4, port, text } from '../world/schema-values.ts';

/* The programs that a step of a scenario may run, each with its options. */

export const stack = z
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
  .describe('IPv4 address, with :PORT for udp and tcp.');

const url = text(
  (value) => {
    const [, host = '', number = '80', path = '/'] =
      /^http:\/\/([\d.]+)(?::(\d{1,5}))?(\/[\x21-\x7e]*)?$/.exec(value) ?? [];
    const address = parseIpv4(host);
    const port = Number(number);
    return address === undefined || port < 1 || port > 65535 ? undefined : { address, port, path };
  },
  'a URL of an address',
  'What to fetch.',
  'http://192.0.2.1:8080/containers/',
);

const image = text(
  parseImageReference,
  'REGISTRY[:PORT]/REPOSITORY[:TAG] with an address for the registry',
  'The image to pull; the registry is asked in plain HTTP.',
  '2.2.2.2/cadvisor:latest',
);

const socketOptions = {
  ttl: z.int().min(1).max(255).optional(),
  tos: z.int().min(0).max(255).optional(),
  device: z.string().optional().describe('Send by this interface only.'),
  df: z.enum(['want', 'do', 'dont']).optional().describe('Path MTU discovery, as ping -M.'),
};

const source = ipv4.optional().describe('Source address; default as the stack chooses.');

const options = {
  from: stack,
  to: target,
  count: z.int().min(1).max(1000).optional(),
  interval: duration.optional(),
  source,
  ...socketOptions,
  timeout: duration.optional().describe('How long after the last request an answer is waited for.'),
};

export const ping = z.strictObject({
  ...options,
  size: z.int().min(0).max(65507).optional().describe('Payload bytes; default 56.'),
  broadcast: z.boolean().optional().describe('The address is one of broadcast (-b); Linux refuses it otherwise.'),
  identifier: z.int().min(1).max(65535).optional().describe('Of the echo requests, as ping -e; default a free one.'),
});

const hex = z
  .string()
  .max(4_194_304)
  .regex(/^([0-9a-f]{2})*$/, 'bytes are pairs of the digits 0 to 9 and a to f')
  .optional()
  .describe('Bytes to send, in hexadecimal, instead of a text.');

export const udp = z.strictObject({
  ...options,
  payload: z.string().max(1000).optional().describe('Text to send.'),
  hex,
  size: z.int().min(0).max(65507).optional().describe('Payload bytes; the text is repeated or cut to this size.'),
  source_port: port.optional(),
});

/** Bytes that a connection or a file transfer can be asked to carry. */
const size = z.int().min(0).max(2_097_152).optional();

const connect = {
  from: stack,
  source,
  source_port: port.optional(),
  ...socketOptions,
  timeout: duration.optional().describe('How long the handshake may take; default as long as the stack tries.'),
  silence: duration
    .optional()
    .describe('How long the server may be silent before it is given up; default 30s, on a held connection 1s.'),
};

const send = z.string().max(10_000).optional().describe('Text to send.');

const dial = z
  .strictObject({
    ...connect,
    to: target,
    send,
    hex,
    size: size.describe('Bytes to send; the text is repeated or cut to this size.'),
    ...manners,
    ...tcpSocket,
    hold: duration
      .optional()
      .describe(
        'The connection stays open in the background for so long, and later steps may use it by its name. Without it: ' +
          'everything is sent, then the answer is read until the server closes.',
      ),
    name: z.string().min(1).max(40).optional().describe('What later steps call the connection that is held.'),
  })
  .superRefine((value, context) => {
    if (value.hold === undefined) return;
    for (const key of Object.keys(manners)) {
      if (value[key as keyof typeof manners] === undefined) continue;
      context.addIssue({ code: 'custom', message: `${key} does not go with hold`, path: [key] });
    }
  });

const held = z.strictObject({
  on: z.string().min(1).describe('The name of a connection that an earlier step holds.'),
  send,
  hex,
  size: size.describe('Bytes to send; the text is repeated or cut to this size.'),
  finish: z
    .enum(['close', 'abort'])
    .optional()
    .describe('After that: close it (FIN) or abort it (RST); default neither.'),
});

export const tcp = z.union([dial, held]);

export const http = z.strictObject({ ...connect, get: url });

export const tftp = z
  .strictObject({
    from: stack,
    to: target.describe('The server, with :PORT where it is not 69.'),
    put: z.string().min(1).max(200).optional().describe('A file to send, by its name.'),
    get: z.string().min(1).max(200).optional().describe('A file to fetch, by its name.'),
    content: z.string().max(100_000).optional().describe('Text of the file to send; default its name.'),
    size: size.describe('Bytes of the file to send; the text is repeated or cut to this size.'),
    as: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Name of the file to send at the server, where it is another one.'),
    mode: z.enum(['octet', 'netascii']).optional(),
    source,
  })
  .superRefine((value, context) => {
    const { put, get, content, size: bytes, as } = value;
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', message, path: [path] });
    if (put !== undefined && get !== undefined) complain('get', 'tftp sends one file or fetches one: put or get');
    if (put === undefined && get === undefined) complain('to', 'tftp needs a file: put: NAME or get: NAME');
    if (put !== undefined) return;
    if (content !== undefined) complain('content', 'content goes with put');
    if (bytes !== undefined) complain('size', 'size goes with put');
    if (as !== undefined) complain('as', 'as goes with put');
  });

export const traceroute = z.strictObject({
  from: stack,
  to: target,
  first_ttl: z.int().min(1).max(255).optional(),
  max_hops: z.int().min(1).max(255).optional().describe('Default 30.'),
  queries: z.int().min(1).max(10).optional().describe('Probes for each hop; default 3.'),
  port: port.optional().describe('Destination port of the first probe; default 33434.'),
  size: z.int().min(28).max(65535).optional().describe('Bytes of each packet; default 60, on Comware 40.'),
  wait: duration.optional().describe('How long an answer is waited for; default 5s.'),
  source,
});

export const pull = z.strictObject({
  on: stack.describe('Whose Docker pulls: NODE/host of a Comware device, or any Linux node.'),
  image,
  source,
});

export const arping = z
  .strictObject({
    from: stack.describe('A Linux stack; the program is that of iputils.'),
    to: ipv4.describe('The address that is asked for, or announced.'),
    device: z.string().min(1).describe('The interface it speaks by.'),
    mode: z
      .enum(['request', 'unsolicited', 'answer', 'dad'])
      .optional()
      .describe(
        'request (default): who has it? unsolicited: announce an own address by a request (-U). answer: announce it by ' +
          'a reply (-A). dad: ask from 0.0.0.0 whether it is taken, until the first answer (-D).',
      ),
    count: z.int().min(1).max(1000).optional().describe('Frames to send; default 1.'),
    interval: duration
      .refine((value) => value > 0 && value % 1e9 === 0, { message: 'arping counts in whole seconds' })
      .optional()
      .describe('Between two frames, and after the last one; whole seconds, default 1s.'),
    source: ipv4
      .optional()
      .describe('Sender address; default as the stack chooses, of announcements the address itself.'),
    broadcast: z
      .boolean()
      .optional()
      .describe('Every request is broadcast (-b); else only those before the first answer.'),
  })
  .describe('ARP by hand.');

export type ArpingSpec = z.output<typeof arping>;
export type PingSpec = z.output<typeof ping>;
export type UdpSpec = z.output<typeof udp>;
export type TcpSpec = z.output<typeof dial>;
export type HeldTcpSpec = z.output<typeof held>;
export type HttpSpec = z.output<typeof http>;
export type TftpSpec = z.output<typeof tftp>;
export type TracerouteSpec = z.output<typeof traceroute>;
export type PullSpec = z.output<typeof pull>;
