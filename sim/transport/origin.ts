import type { Step } from '../packet/trace.ts';
import type { SendRequest } from './socket.ts';

/** The first step of a packet that a stack builds for a request. */
export function originStep(request: SendRequest): Step {
  const { by, program } = request;
  if (program === undefined) return { kind: 'originate', by, origin: 'stack' };
  return { kind: 'originate', by, origin: 'program', program };
}
