import { formatSeconds, type SimTime } from '../core/time.ts';
import { formatMac, readMac } from '../wire/mac.ts';
import type { Halt } from '../world/halt.ts';
import type { World } from '../world/world.ts';
import { frameText } from './frame-text.ts';
import { labNames } from './lab-names.ts';
import { layersOf } from './layers.ts';

/** Why a run was ended before its time, in one line. */
function haltSentence({ reason, at, limit, frame }: Halt): string {
  const when = `stopped at ${formatSeconds(at)} s`;
  switch (reason) {
    case 'storm':
      return `STORM: ${when}: one frame and its copies were sent ${Math.round(frame?.transmissions ?? Number(limit))} times: is there a loop of bridges?`;
    case 'events':
      return `${when} after ${limit} events: is there an end to it?`;
    case 'time':
      return `stopped: the run goes on after ${formatSeconds(limit as SimTime)} s, as far as simulated time may go`;
    case 'captures':
      return `${when}: the captures have reached ${limit} bytes`;
    case 'memory':
      return `${when}: ${limit}`;
  }
}

/** The same with what was going on: the frame and its sender, the loop, the devices that sent most. */
export function haltLines(world: World, halt: Halt): string[] {
  const { frame, loop, busiest, reason } = halt;
  const sent = frame === undefined ? [] : [`#${frame.packet} ${haltedFrameText(halt)}, ${senderText(world, halt)}`];
  const [first] = loop;
  const way = first === undefined ? [] : [[...loop, first].join(' > ')];
  const busy = busiest.map(({ device, percent }) => `${device} ${percent} %`).join(', ');
  return [
    haltSentence(halt),
    ...sent.map((text) => `  ${reason === 'storm' ? 'frame ' : 'last  '}  ${text}`),
    ...way.map((text) => `  loop    ${text}`),
    ...(busy === '' ? [] : [`  busiest ${busy} of what was sent${reason === 'storm' ? '' : ' at last'}`]),
  ];
}

/** The frame in a few words; of one that is none by its EtherType. */
function haltedFrameText({ frame }: Halt): string {
  if (frame === undefined) return '';
  const { bytes, linkType } = frame;
  return frameText(layersOf(bytes, linkType === 'raw' ? 'IPv4' : 'Ethernet'));
}

/** Whose MAC it carries as its source; and which device sent it last. */
function senderText(world: World, { frame }: Halt): string {
  if (frame === undefined) return '';
  const { bytes, linkType, device } = frame;
  if (linkType === 'raw' || bytes.length < 12) return `sent by ${device}`;
  const source = readMac(bytes, 6);
  const owner = labNames(world).find(({ mac }) => mac === source);
  return `from ${owner === undefined ? formatMac(source) : `${owner.stack}:${owner.device}`}`;
}
