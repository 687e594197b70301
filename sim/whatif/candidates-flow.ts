import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import type { Scene } from './scene.ts';

/** What the flow asked of its packets that another flow would not: a small TTL, DF, an address of its own. */
export function flows(scene: Scene, stack: Stack): Candidate[] {
  const { flow } = scene.attempt;
  if (flow === undefined || stack !== scene.sender) return [];
  const change = (line: string, cost: number): Candidate => ({ kind: 'flow', verb: 'set', line, cost });
  const reasons = scene.deaths.map(({ death }) => death.reason);
  const isOld = reasons.some((reason) => reason === 'kernel:IP_INHDR' || reason === 'comware:TTL_EXPIRED');
  const isLarge = reasons.some((reason) => reason === 'kernel:PKT_TOO_BIG' || reason === 'comware:DF_SET');
  const errors = scene.attempt.probe.sent.map(({ errno }) => errno);
  return [
    ...(flow.ttl !== undefined && flow.ttl < 64 ? [change('flow ttl 64', isOld ? 1 : 30)] : []),
    ...(flow.df === 'do' && (isLarge || errors.includes('EMSGSIZE')) ? [change('flow df dont', 26)] : []),
    ...(flow.source === undefined ? [] : [change('flow source 0.0.0.0', errors.includes('EADDRNOTAVAIL') ? 9 : 38)]),
  ];
}
