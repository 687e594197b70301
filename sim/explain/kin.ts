import type { Recorder } from '../packet/recorder.ts';
import { descendants } from '../packet/stations.ts';
import type { Lineage } from '../packet/trace.ts';

/**
 * What a packet is to a request: itself or a copy or piece of it; what answers it; an ICMP error about it; or something
 * that follows from these, such as a redirect, an error about the answer, or the next segment of a connection.
 */
export type Role = 'request' | 'answer' | 'error' | 'further';

/** The packets around one request. Address resolution is not among them. */
export interface Kin {
  readonly request: number;
  /** Each with its role, in the order of their birth. */
  readonly roles: ReadonlyMap<number, Role>;
  /** Packets that were not made from another one: one for each answer or error. */
  readonly answers: readonly number[];
  readonly errors: readonly number[];
}

/** Finds what a request led to, by the parents and causes that were recorded at birth; nothing for packet 0. */
export function kinOf(recorder: Recorder, request: number): Kin {
  const roles = new Map<number, Role>();
  const answers: number[] = [];
  const errors: number[] = [];
  if (request === 0) return { request, roles, answers, errors };
  for (const number of descendants(recorder, request)) roles.set(number, 'request');
  for (const lineage of recorder.packets()) {
    if (roles.has(lineage.number)) continue;
    const role = roleOf(recorder, lineage, roles);
    if (role === undefined) continue;
    roles.set(lineage.number, role);
    if (lineage.parent !== 0) continue;
    if (role === 'answer') answers.push(lineage.number);
    if (role === 'error') errors.push(lineage.number);
  }
  return { request, roles, answers, errors };
}

function roleOf(
  recorder: Recorder,
  { number, parent, cause }: Lineage,
  roles: ReadonlyMap<number, Role>,
): Role | undefined {
  if (parent !== 0) return roles.get(parent);
  const about = roles.get(cause);
  if (about === undefined) return undefined;
  const birth = recorder.stepsOf(number)[0];
  if (birth?.kind !== 'originate' || birth.origin === 'arp') return undefined;
  if (about !== 'request' || birth.by.startsWith('ICMP error type 5 ')) return 'further';
  return birth.by.startsWith('ICMP error ') ? 'error' : 'answer';
}
