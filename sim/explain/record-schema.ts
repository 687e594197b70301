import { z } from 'zod';

/*
 * What `trace --json` prints: one object a line. The JSON Schema that `cutaway schema trace` prints is made from this, and a test
 * holds real output against it. Names of fields are added to, never renamed.
 */

const nanoseconds = z.int().min(0).describe('Nanoseconds of simulated time.');
const packet = z.int().min(0).describe('Number of a packet: never repeats in a run. 0: there is none.');
const flow = z.int().min(1).describe('Counts the flows of the output from 1.');
const leg = z.enum(['there', 'back', 'other']).describe('The request, what came back, or another packet around them.');
const facts = z.record(z.string(), z.union([z.string(), z.number()])).describe('The values it was decided on.');

const headers = z.array(
  z.strictObject({
    protocol: z.enum(['Ethernet', 'ARP', 'IPv4', 'ICMP', 'TCP', 'UDP']),
    quoted: z.boolean().describe('Part of the packet that an ICMP error quotes.'),
    fields: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
);

const rule = {
  table: z.string().optional().describe('Of a rule of iptables its table; of a route its routing table.'),
  chain: z.string().optional(),
  rule_no: z.int().min(0).optional().describe('Counts from 1 within its chain; 0 is the policy.'),
  rule_text: z.string().optional().describe('As iptables-save prints it.'),
};

const decidedBy = z.strictObject({
  kind: z.string().describe('rule, policy, route, no-route, policy-rule, neighbour, sysctl, sockets, mtu, ttl, ...'),
  text: z.string().describe('The entry as the device prints it.'),
  ...rule,
  facts,
  resolution: z.array(z.string()).optional().describe('Of a neighbour: how the ARP requests ended.'),
});

const drop = z.strictObject({
  packet,
  role: z.enum(['request', 'answer', 'error', 'further']),
  time: nanoseconds,
  reason: z.string().describe('kernel: and the SKB_DROP_REASON of Linux 6.18, comware: or link: and a reason of ours.'),
  sentence: z.string(),
  node: z.string(),
  netns: z.string(),
  component: z.string(),
  function: z.string(),
  detail: z.string(),
  decided_by: decidedBy,
  headers: headers.describe('As they were when the packet died, outermost first.'),
});

const place = {
  node: z.string().describe('The node of the topology.'),
  netns: z.string().describe('The network stack: host-b, device-a/container3, device-a/comware.'),
};

const step = z.strictObject({
  schema: z.literal('cutaway/trace/1'),
  event: z.literal('step'),
  flow,
  leg,
  order: z.int().min(0).describe('Counts all steps of the run.'),
  time: nanoseconds,
  packet,
  ...place,
  component: z.string().describe("A box of the white paper's figures."),
  function: z.string().describe('The modelled function.'),
  kind: z.string(),
  text: z.string().describe('The step in words.'),
  iface_in: z.string().optional(),
  iface_out: z.string().optional(),
  reason: z.string().optional(),
  ...rule,
  facts: facts.describe('What the step says beside: names depend on its kind.'),
});

const hop = z.strictObject({
  schema: z.literal('cutaway/trace/1'),
  event: z.literal('hop'),
  flow,
  leg,
  hop: z.int().min(1).describe('Counts the hops of its leg.'),
  time: nanoseconds,
  packet,
  ...place,
  components: z.array(z.string()),
  iface_in: z.string(),
  iface_out: z.string(),
  ttl: z.int().optional().describe('As it left.'),
  translated_src: z.string().optional().describe('Source address that NAT put in here.'),
  translated_dst: z.string().optional().describe('Destination address that NAT put in here.'),
  changes: z.array(
    z.strictObject({
      layer: z.string(),
      quoted: z.boolean(),
      field: z.string().describe('Empty where the whole header was put on or taken off.'),
      before: z.string(),
      after: z.string(),
      by: z.string().describe('The step that made it.'),
    }),
  ),
  headers_in: headers.optional(),
  headers_out: headers.optional(),
});

const way = z
  .strictObject({ packet, verdict: z.string(), path: z.array(z.string()).describe('WHAT@PLACE, station by station.') })
  .optional();

const verdict = z.strictObject({
  schema: z.literal('cutaway/trace/1'),
  event: z.literal('verdict'),
  flow,
  verdict: z.enum(['DELIVERED', 'DROPPED', 'REJECTED', 'FORWARDED_OUT', 'UNDECIDED']),
  stage: z.enum(['request', 'data']).describe('data: the connection was opened, and its data was lost.'),
  kind: z.string().describe('The program that sent.'),
  protocol: z.enum(['icmp', 'udp', 'tcp', 'arp']),
  time: nanoseconds,
  from: z.string(),
  source: z.string().describe('Empty while nothing was sent.'),
  to: z.string(),
  port: z.int(),
  there: way,
  back: way,
  sent: z.int(),
  received: z.int(),
  ttl: z.int().optional().describe('Of the answer.'),
  round_trip: nanoseconds.optional(),
  silence: z.string().describe('Why a request that arrived has no answer.'),
  drops: z.array(drop),
  refusals: z.array(
    z.strictObject({ what: z.string(), to: z.string(), netns: z.string(), errno: z.string(), why: z.string() }),
  ),
  errors: z.array(z.strictObject({ errno: z.string(), text: z.string(), from: z.string(), packet, why: z.string() })),
  text: z.array(z.string()).describe('The verdict in words, as the text output has it.'),
});

const outcome = z.strictObject({ verdict: z.string(), reason: z.string(), at: z.string(), detail: z.string() });
const remedy = z.strictObject({
  kind: z.string(),
  text: z.string().describe('As options of `cutaway diff`: --set "gw: net.ipv4.ip_forward=1".'),
  after: outcome.describe('What became of the flow with the change made.'),
});

/** The document that `explain --json` prints. */
export const explanationSchema = z.strictObject({
  schema: z.literal('cutaway/explain/1'),
  flows: z.array(
    z.strictObject({
      step: z.int().min(1).optional().describe('Of a scenario: which step sent it, from 1.'),
      title: z.string(),
      account: verdict,
      ways: z.strictObject({ there: z.array(z.string()), back: z.array(z.string()) }).describe('A line for each hop.'),
      what_if: z
        .strictObject({
          runs: z.int().min(0).describe('Times that the flow was sent again, each in a fresh world with a change.'),
          exhausted: z.boolean().describe('Not every candidate was tried.'),
          remedies: z.array(remedy).describe('Changes with which it passed. Empty: none that was tried does.'),
          further: remedy.optional(),
          pair: remedy.optional().describe('Two changes that do together.'),
        })
        .optional(),
    }),
  ),
  /** Of --packet. */
  packet: drop.optional(),
});

export type Explanation = z.infer<typeof explanationSchema>;

export const traceRecordSchema = z.discriminatedUnion('event', [step, hop, verdict]);

/** One line of `trace --json`. */
export type TraceRecord = z.infer<typeof traceRecordSchema>;

/** The last line of a flow. */
export type VerdictRecord = z.infer<typeof verdict>;

/** A death, as every command prints it. */
export type DropRecord = z.infer<typeof drop>;
