import { DEFAULT_LIMITS, type Limits } from '../../core/limits.ts';
import type { SimTime } from '../../core/time.ts';
import { memoryGauge } from '../memory.ts';

/** How far a run may go, as the options say; shared by all commands that run something. */
export interface LimitOptions {
  readonly maxEvents?: number;
  readonly maxTime?: SimTime;
  readonly maxCaptureBytes?: number;
  readonly maxMemory?: number;
  readonly maxTransmissions?: number;
}

/** Those of the options of a command, and nothing else of them. */
export function limitsGiven(options: LimitOptions): LimitOptions {
  const names = ['maxEvents', 'maxTime', 'maxCaptureBytes', 'maxMemory', 'maxTransmissions'] as const;
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

export function limitsOf(options: LimitOptions): Limits {
  return {
    events: options.maxEvents ?? DEFAULT_LIMITS.events,
    time: options.maxTime ?? DEFAULT_LIMITS.time,
    captureBytes: options.maxCaptureBytes ?? DEFAULT_LIMITS.captureBytes,
    transmissions: options.maxTransmissions ?? DEFAULT_LIMITS.transmissions,
    memory: memoryGauge(options.maxMemory),
  };
}
