import { accountOfRequest, type FlowAccount } from '../explain/account.ts';
import { dropAccountOf } from '../explain/drop-account.ts';
import { dropLines, explainLines } from '../explain/explain-text.ts';
import { lineageSteps } from '../packet/stations.ts';
import type { StepOutcome } from '../scenario/runner.ts';
import { stepText } from '../show/step-text.ts';
import { ancestorOf } from './panes/packets-pane.ts';
import type { View } from './view.ts';

/** The request that a packet belongs to: which of those of a step of the scenario, from 0. */
export interface RequestOf {
  readonly outcome: StepOutcome;
  readonly index: number;
}

/** Follows causes back to what a program sent; undefined for what no step of the scenario asked for. */
function requestOf({ tape, details }: View, packet: number): RequestOf | undefined {
  if (details === undefined) return undefined;
  const sent = new Map<number, RequestOf>();
  for (const outcome of details.outcomes) {
    for (const [index, one] of (outcome.probe?.sent ?? []).entries()) {
      if (one.packet !== 0) sent.set(one.packet, { outcome, index });
    }
  }
  for (let number = packet; number !== 0; number = tape.index.parent(number) || tape.index.cause(number)) {
    const found = sent.get(number);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The account of the request that the current packet belongs to. */
export function accountAt(view: View): { readonly account: FlowAccount; readonly request: RequestOf } | undefined {
  const { details, tape } = view;
  const request = requestOf(view, view.packet);
  if (details === undefined || request?.outcome.probe === undefined) return undefined;
  const { from, probe } = request.outcome;
  const run = { from: from ?? '', probe, storm: tape.isStorm };
  return { account: accountOfRequest(details.world, details.sightings, run, request.index), request };
}

/** Why it ended as it did, in the words of `cutaway explain`. */
export function storyLines(view: View): string[] {
  const told = accountAt(view);
  if (told !== undefined) return explainLines(told.account);
  const { details } = view;
  if (details === undefined) return [];
  const packet = ancestorOf(view, view.packet);
  const death = dropAccountOf(details.recorder, details.sightings, view.packet, 'further');
  if (death !== undefined) return dropLines(death);
  return lineageSteps(details.recorder, packet).map(
    (step) => `${step.place.title}  ${step.component}: ${stepText(step)}`,
  );
}
