import { z } from 'zod';

/* What `cutaway diff --json` prints: one document. */

const stations = z.array(z.string()).describe('Stations, such as "eth0@gw" or "Kernel forwarding@gw".');

const outcome = z.strictObject({
  verdict: z.enum(['DELIVERED', 'DROPPED', 'REJECTED', 'FORWARDED_OUT', 'UNDECIDED']),
  answered: z.boolean().describe('The sender got what it asked for.'),
  reason: z.string().describe('What ended it, such as kernel:NETFILTER_DROP or an errno; "" where it was answered.'),
  at: z.string().describe('Title of the place that ended it.'),
  detail: z.string(),
  decidedBy: z
    .string()
    .describe('The rule, route, neighbour, setting or socket that decided, as the device prints it.'),
  path: stations,
  replyPath: stations,
  ttl: z.int().optional().describe('Of the answer.'),
  source: z.string().describe('What the last stack saw as the source.'),
  nodes: z.array(z.string()),
});

const seen = z.strictObject({ from: z.string(), to: z.string(), outcome });

const branch = z.strictObject({
  next: z.string().describe('The next station; "" where the way ends.'),
  decided: z.string().describe('What was decided there and not in the other network.'),
});

const side = z.strictObject({
  file: z.string(),
  changes: z.array(z.strictObject({ verb: z.enum(['set', 'remove']), line: z.string() })),
});

export const diffSchema = z
  .strictObject({
    schema: z.literal('cutaway/diff/1'),
    before: side,
    after: side,
    changed: z.array(
      z.strictObject({
        kind: z
          .enum(['fate', 'way', 'header'])
          .describe('fate: ended otherwise. way: same end, another way or reason. header: another TTL or source.'),
        before: seen,
        after: seen,
        parting: z
          .strictObject({ leg: z.enum(['there', 'back']), last: z.string(), before: branch, after: branch })
          .optional()
          .describe('Where the ways part: the last station in common, and how each goes on.'),
      }),
    ),
    onlyBefore: z.array(z.string()).describe('Flows that the other network does not have.'),
    onlyAfter: z.array(z.string()),
    unchanged: z.int().min(0),
    compared: z.int().min(0).describe('Flows that were sent in both.'),
    left: z.int().min(0).describe('Flows that the limit left out.'),
  })
  .describe('Which flows changed fate between two networks, and where their ways part.');
