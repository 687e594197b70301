import type { FlowAccount } from '../explain/account.ts';
import type { Picture } from './picture.ts';
import { type DrawnFlow, wayOf } from './way.ts';

/** The account of a flow as it is laid over a picture of its world. */
export function drawnFlow(picture: Picture, account: FlowAccount): DrawnFlow {
  const { protocol, from, to, port, verdict, there, back, drops, errors, refusals, silence } = account;
  const ends = [there, back].map((leg) => leg?.steps.at(-1));
  return {
    title: `${from} -> ${to}${port === 0 ? '' : `:${port}`} (${protocol})`,
    verdict,
    there: wayOf(picture, there?.steps ?? []),
    back: wayOf(picture, back?.steps ?? []),
    remarks: [
      ...errors.map((error) => `${error.errno}: ${error.text}${error.from === '' ? '' : `, from ${error.from}`}`),
      ...refusals.map(({ what, to: whom, at, errno }) => `not sent: ${what} to ${whom} at ${at}: ${errno}`),
      ...drops
        .filter((drop) => !ends.some((end) => end?.kind === 'drop' && end.packet === drop.packet))
        .map(
          (drop) =>
            `dropped too, at ${drop.at}: ${drop.reason}: ${drop.sentence}${drop.detail === '' ? '' : ` (${drop.detail})`}`,
        ),
      ...(silence === '' ? [] : [silence]),
    ],
  };
}
