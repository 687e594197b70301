import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import type { FlowAccount, Leg } from './account.ts';
import type { DecidedBy } from './decided-by.ts';
import type { DropAccount } from './drop-account.ts';
import type { Hop } from './hops.ts';
import { type Layer, layerNamed } from './layers.ts';
import type { DropRecord, TraceRecord, VerdictRecord } from './record-schema.ts';
import { verdictLines } from './verdict-text.ts';

const SCHEMA = 'cutaway/trace/1';

/** An account as lines of JSON: steps and hops of both ways, the steps of `others`, the verdict last. `flow` counts from 1. */
export function recordsOf(account: FlowAccount, flow: number, others: readonly RecordedStep[]): TraceRecord[] {
  const { there, back } = account;
  return [
    ...(there === undefined ? [] : legRecords(there, flow, 'there')),
    ...(back === undefined ? [] : legRecords(back, flow, 'back')),
    ...others.map((step) => stepRecord(step, flow, 'other')),
    verdictRecord(account, flow),
  ];
}

function legRecords(leg: Leg, flow: number, name: 'there' | 'back'): TraceRecord[] {
  return leg.hops.flatMap((hop, index) => [
    ...hop.steps.map((step) => stepRecord(step, flow, name)),
    hopRecord(hop, flow, name, index + 1),
  ]);
}

/** Of every step, and what the fields of its own are called elsewhere. */
const COMMON: readonly string[] = [
  'kind',
  'order',
  'time',
  'packet',
  'place',
  'component',
  'function',
  'rule',
  'reason',
];

export function stepRecord(step: RecordedStep, flow: number, leg: 'there' | 'back' | 'other'): TraceRecord {
  const { kind, order, time, packet, place, component } = step;
  return {
    schema: SCHEMA,
    event: 'step',
    ...{ flow, leg, order, time, packet },
    ...{ node: place.node, netns: place.title },
    ...{ component, function: step.function, kind, text: stepText(step) },
    ...(kind === 'receive' ? { iface_in: step.device } : {}),
    ...(kind === 'transmit' ? { iface_out: step.device } : {}),
    ...(kind === 'drop' ? { reason: step.reason } : {}),
    ...(kind === 'route' && step.table !== '' ? { table: step.table } : {}),
    ...((kind === 'hook' || kind === 'rewrite') && step.rule !== undefined ? ruleFields(step.rule) : {}),
    facts: factsOf(step),
  };
}

function ruleFields(rule: NonNullable<DecidedBy['rule']>) {
  return { table: rule.table, chain: rule.chain, rule_no: rule.number, rule_text: rule.text };
}

/**
 * The rest of a step's fields, by names of one style: `nextHop` is `next_hop`, a place is its title, a list is joined, and
 * of what has fields of its own each is told: `connection_source_port`.
 */
function factsOf(step: RecordedStep): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(step)) {
    if (COMMON.includes(key)) continue;
    const name = snakeCase(key);
    if (key === 'facts') Object.assign(facts, value);
    else if (typeof value === 'number' || typeof value === 'string') facts[name] = value;
    else if (typeof value === 'boolean') facts[name] = Number(value);
    else if (Array.isArray(value)) facts[name] = value.join(',');
    else if (value !== null && typeof value === 'object')
      Object.assign(facts, 'title' in value ? { [name]: String(value.title) } : prefixed(name, value));
  }
  if (step.kind === 'rule') facts.rule = step.rule;
  return facts;
}

function prefixed(name: string, value: object): Record<string, string | number> {
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [`${name}_${snakeCase(key)}`, own]));
}

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function hopRecord(hop: Hop, flow: number, leg: 'there' | 'back', index: number): TraceRecord {
  const { headersIn, headersOut, changes, steps } = hop;
  const packet = steps.at(-1)?.packet ?? 0;
  const ttl = ttlOf(headersOut);
  const address = (field: 'source' | 'destination'): string | undefined =>
    changes.find((change) => change.layer === 'IPv4' && !change.quoted && change.field === field)?.after;
  const [source, destination] = [address('source'), address('destination')];
  return {
    schema: SCHEMA,
    event: 'hop',
    ...{ flow, leg, hop: index, time: hop.time, packet },
    ...{ node: hop.node, netns: hop.place, components: [...hop.boxes] },
    ...{ iface_in: hop.deviceIn, iface_out: hop.deviceOut },
    ...(ttl === undefined ? {} : { ttl }),
    ...(source === undefined ? {} : { translated_src: source }),
    ...(destination === undefined ? {} : { translated_dst: destination }),
    changes: changes.map((change) => ({ ...change })),
    ...(headersIn === undefined ? {} : { headers_in: layers(headersIn) }),
    ...(headersOut === undefined ? {} : { headers_out: layers(headersOut) }),
  };
}

function layers(headers: readonly Layer[]): DropRecord['headers'] {
  return headers.map(({ protocol, quoted, fields }) => ({ protocol, quoted, fields: { ...fields } }));
}

function ttlOf(headers: readonly Layer[] | undefined): number | undefined {
  const ttl = headers === undefined ? undefined : layerNamed(headers, 'IPv4')?.fields.ttl;
  return typeof ttl === 'number' ? ttl : undefined;
}

export function verdictRecord(account: FlowAccount, flow: number): VerdictRecord {
  const { there, back, ttl, roundTrip } = account;
  return {
    schema: SCHEMA,
    event: 'verdict',
    flow,
    ...{ verdict: account.verdict, stage: account.stage, kind: account.kind, protocol: account.protocol },
    ...{ time: account.time, from: account.from, source: account.source, to: account.to, port: account.port },
    ...(there === undefined ? {} : { there: wayOf(there) }),
    ...(back === undefined ? {} : { back: wayOf(back) }),
    ...{ sent: account.sent, received: account.received },
    ...(ttl === undefined ? {} : { ttl }),
    ...(roundTrip === undefined ? {} : { round_trip: roundTrip }),
    silence: account.silencedBy?.text ?? account.silence,
    drops: account.drops.map(dropRecord),
    refusals: account.refusals.map(({ what, to, at, errno, why }) => ({ what, to, netns: at, errno, why })),
    errors: account.errors.map((error) => ({ ...error })),
    text: verdictLines(account).map((line) => line.trim()),
  };
}

function wayOf({ packet, verdict, path }: Leg): { packet: number; verdict: string; path: string[] } {
  return { packet, verdict, path: [...path] };
}

export function dropRecord(drop: DropAccount): DropRecord {
  const { kind, text, rule, facts, resolution } = drop.decidedBy;
  return {
    ...{ packet: drop.packet, role: drop.role, time: drop.time, reason: drop.reason, sentence: drop.sentence },
    ...{ node: drop.node, netns: drop.at, component: drop.component, function: drop.function, detail: drop.detail },
    decided_by: {
      ...{ kind, text },
      ...(rule === undefined ? {} : ruleFields(rule)),
      facts: { ...facts },
      ...(resolution === undefined ? {} : { resolution: [...resolution] }),
    },
    headers: layers(drop.headers),
  };
}
