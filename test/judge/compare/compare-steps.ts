import type { StepRecord, WorldRecord } from '../record.ts';
import type { Difference } from './difference.ts';

/** What the steps said, key by key. */
export function compareSteps(simulated: WorldRecord, kernel: WorldRecord, differences: Difference[]): void {
  for (let at = 0; at < Math.max(simulated.steps.length, kernel.steps.length); at++) {
    const found = compareStep(simulated.steps[at], kernel.steps[at]);
    if (found !== undefined) differences.push(found);
  }
}

function compareStep(one: StepRecord | undefined, other: StepRecord | undefined): Difference | undefined {
  const step = one ?? other;
  if (step === undefined) return undefined;
  const base = { kind: 'step', where: `step ${step.index + 1} (${step.title})`, time: step.ended } as const;
  if (one === undefined || other === undefined) {
    const who = one === undefined ? 'kernel' : 'simulator';
    return { ...base, field: '', sentence: `only the ${who} came to this step`, more: 0 };
  }
  const keys = [...new Set([...Object.keys(one.result), ...Object.keys(other.result)])];
  const unlike = keys.filter((key) => one.result[key] !== other.result[key]);
  const [first] = unlike;
  if (first === undefined) return undefined;
  const text = (value: string | number | boolean | undefined): string =>
    value === undefined ? 'nothing' : String(value);
  const sentence = `${first} is ${text(one.result[first])}, in the kernel ${text(other.result[first])}`;
  return { ...base, field: first, sentence, more: unlike.length - 1 };
}
