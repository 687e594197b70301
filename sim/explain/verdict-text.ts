import type { ErrorAccount, FlowAccount, RefusalAccount } from './account.ts';
import type { DecidedBy } from './decided-by.ts';
import type { DropAccount } from './drop-account.ts';

/** What became of a flow: the verdict with its reason first, then each death and what decided it. */
export function verdictLines(account: FlowAccount): string[] {
  const { verdict, refusals } = account;
  const drops = decisiveDrops(account);
  const [first, ...rest] = drops;
  const more = rest.flatMap(deathLines);
  const notSent = refusals.flatMap((refusal) => [`not sent: ${refusalText(refusal)}`, ...whyLine(refusal.why)]);
  switch (verdict) {
    case 'DELIVERED':
      return [deliveredText(account)];
    case 'DROPPED': {
      const what =
        account.there?.verdict === 'DELIVERED' ? 'the answer, ' : account.stage === 'data' ? 'its data, ' : '';
      if (first === undefined) return [`DROPPED: it arrived, and the answer could not be sent`, ...notSent];
      return [`DROPPED ${what}at ${dropText(first)}`, decidedLine(first.decidedBy), ...more, ...notSent];
    }
    case 'REJECTED':
      return [
        `REJECTED: ${account.errors.map(errorText).join(', ')}`,
        ...account.errors.flatMap((error) => whyLine(error.why)),
        ...drops.flatMap(deathLines),
        ...notSent,
      ];
    case 'FORWARDED_OUT':
      return [`FORWARDED_OUT: ${foreignText(account)}`];
    case 'UNDECIDED':
      return [`UNDECIDED: ${waitingText(account)}, and nothing came back`];
  }
}

/** Deaths that count for the verdict: of the way that failed; of a request that died those of its copies and of the errors. */
export function decisiveDrops({ verdict, there, back, drops }: FlowAccount): DropAccount[] {
  if (verdict === 'DELIVERED') return [];
  const failed = there?.verdict === 'DELIVERED' ? back : there;
  const main = drops.filter((drop) => drop.packet === failed?.packet);
  // What was no death of the answer is, beside the answer's, no news.
  const others = drops.filter(
    (drop) => !main.includes(drop) && drop.role !== 'further' && !(drop.role === 'answer' && verdict === 'REJECTED'),
  );
  return [...main, ...others];
}

/** `died at b: kernel:NO_SOCKET (...)` and what decided. */
export function deathLines(drop: DropAccount): string[] {
  return [`died at ${dropText(drop)}`, decidedLine(drop.decidedBy)];
}

function deliveredText({ received, ttl, silence, silencedBy, there, protocol }: FlowAccount): string {
  if (received > 0) return ttl === undefined ? 'DELIVERED, and answered' : `DELIVERED, answered with TTL ${ttl}`;
  const why = silencedBy?.text ?? silence;
  const owes = protocol === 'udp' && there?.steps.at(-1)?.kind === 'deliver' ? ': the program did not answer' : '';
  return `DELIVERED, no answer came back${why === '' ? owes : ` (${why})`}`;
}

/** `b: kernel:NO_SOCKET (UDP port 9 of 10.1.0.2)`. */
function dropText({ at, reason, detail }: DropAccount): string {
  return `${at}: ${reason}${detail === '' ? '' : ` (${detail})`}`;
}

/** `ECONNREFUSED (Connection refused) from 10.1.0.2`. */
function errorText({ errno, text, from, packet }: ErrorAccount): string {
  const who = from === '' || packet === 0 ? ', said its own stack' : ` from ${from}`;
  return `${errno} (${text})${who}`;
}

/** `ICMP echo reply to 10.0.0.2 at b: ENETUNREACH`. */
function refusalText({ what, to, at, errno }: RefusalAccount): string {
  return `${what} to ${to} at ${at}: ${errno}`;
}

function whyLine(why: string): string[] {
  return why === '' ? [] : [`  because ${why}`];
}

function decidedLine(decision: DecidedBy): string {
  const isFinding = FINDINGS.includes(decision.kind);
  return `  ${isFinding ? 'because' : 'decided by'} ${decidedText(decision)}`;
}

/** What was looked for and not found, or found in the packet itself: no entry that decided. */
const FINDINGS: readonly DecidedBy['kind'][] = ['no-route', 'sockets', 'ttl', 'header', 'device', 'cable'];

const WHAT: Readonly<Partial<Record<DecidedBy['kind'], string>>> = {
  route: 'the route ',
  neighbour: 'the neighbour ',
  'policy-rule': 'the rule ',
  mtu: 'the MTU: ',
  connection: 'connection tracking: ',
  nat: 'NAT: ',
  port: 'the bridge port: ',
  device: 'the interface ',
};

/** `rule 2 of DOCKER in table filter: -A DOCKER ...`, `net.ipv4.ip_forward = 0`, `the route blackhole 10.1.0.0/16 table main`. */
export function decidedText({ kind, text, rule }: DecidedBy): string {
  if (rule !== undefined) {
    const { table, chain, number } = rule;
    if (number > 0) return `rule ${number} of ${chain} in table ${table}: ${rule.text}`;
    return `the policy of ${chain} in table ${table}: DROP`;
  }
  return `${WHAT[kind] ?? ''}${text}`;
}

/** Whom it was sent to that nobody is. */
function foreignText({ there, back }: FlowAccount): string {
  const leg = there?.verdict === 'DELIVERED' ? back : there;
  const step = leg?.steps.findLast((one) => one.kind === 'neighbour');
  if (step?.kind !== 'neighbour') return 'sent to a station that is not in the model';
  const { nextHop, device, place } = step;
  const frame = leg?.hops.findLast((hop) => hop.headersOut?.[0]?.protocol === 'Ethernet')?.headersOut?.[0];
  const mac = frame === undefined ? '' : ` has the MAC ${frame.fields.destination}`;
  return `no station of the model${mac}, to which ${place.title} sent it for ${nextHop} on ${device}`;
}

function waitingText({ there, back }: FlowAccount): string {
  const leg = there?.verdict === 'DELIVERED' && back !== undefined ? back : there;
  const end = leg?.steps.at(-1);
  const what = leg === back && back !== undefined ? 'the answer' : 'it';
  if (end?.kind === 'hold') return `${what} waits in the ${end.where} at ${end.place.title}`;
  return `${what} is still under way`;
}
