import { accountOfRequest, type FlowAccount } from '../explain/account.ts';
import { dropAccountOf } from '../explain/drop-account.ts';
import { dropLines, explainLines } from '../explain/explain-text.ts';
import { lineageSteps } from '../packet/stations.ts';
import type { StepOutcome } from '../scenario/runner.ts';
import { stepText } from '../show/step-text.ts';
import type { Language } from './styled.ts';
import type { Tape } from './tape.ts';
import type { View } from './view.ts';
import { TEXT } from './words.ts';

/** The account of a request of a step of the scenario. */
export interface ToldRequest {
  readonly outcome: StepOutcome;
  readonly account: FlowAccount;
}

/**
 * The account of the request that the current packet belongs to; undefined for what no step of the scenario asked for,
 * 'reading' and 'too many' as Tape.family() has it.
 */
export function accountAt({ tape, packet }: View): ToldRequest | 'reading' | 'too many' | undefined {
  const request = requestOf(tape, packet);
  if (request?.outcome.probe === undefined) return undefined;
  const family = tape.family(packet);
  if (family === undefined) return 'reading';
  if (family === 'too many') return family;
  const { outcome, index } = request;
  const run = { from: outcome.from ?? '', probe: request.outcome.probe };
  return { outcome, account: accountOfRequest(family.world, family.sightings, run, index) };
}

/** Follows parents and causes back to what a program sent, and which of its requests that was, from 0. */
function requestOf({ index, outcomes }: Tape, packet: number): { outcome: StepOutcome; index: number } | undefined {
  const sent = new Map(
    outcomes.flatMap((outcome) =>
      (outcome.probe?.sent ?? []).map((one, which) => [one.packet, { outcome, index: which }] as const),
    ),
  );
  for (let number = packet; number !== 0; number = index.parent(number) || index.cause(number)) {
    const found = sent.get(number);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why it ended as it did, in the words of `cutaway explain`. */
export function storyLines(view: View, told: ReturnType<typeof accountAt>, language: Language): string[] {
  if (told === 'reading') return [TEXT.reading[language]];
  if (told === 'too many') return [TEXT.tooMany[language]];
  if (told !== undefined) return explainLines(told.account);
  const { details, packet, tape } = view;
  if (details === undefined) return [TEXT.reading[language]];
  const death = dropAccountOf(details.recorder, details.sightings, packet, 'further');
  if (death !== undefined) return dropLines(death);
  return lineageSteps(details.recorder, tape.index.originalOf(packet)).map(
    (step) => `${step.place.title}  ${step.component}: ${stepText(step)}`,
  );
}
