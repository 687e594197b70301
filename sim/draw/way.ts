import { sentenceOf } from '../packet/drop-reasons.ts';
import { boxText, stationsOf, stationText } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import type { Picture } from './picture.ts';

/* The way of a packet, as it lies over a picture. */

/** A box or an interface that a packet passed. Ports of bridges are on the way, but no stations. */
export interface WayPoint {
  /** Of the box or device in the picture. */
  readonly id: string;
  /** As traces call it; '' for the port of a bridge. */
  readonly station: string;
  /** Counts the stations from 1; 0 for the port of a bridge. */
  readonly number: number;
  /** What changed in its headers here, and how it ended here. */
  readonly notes: readonly string[];
  /** `SNAT`, `DNAT` or both, where an address or a port was translated. */
  readonly translated: string;
  readonly dropped: boolean;
  /** Order of the step with which it came there. */
  readonly first: number;
}

/** The way that the steps of a packet tell of, through what is in the picture. */
export function wayOf(picture: Picture, steps: readonly RecordedStep[]): WayPoint[] {
  const bridges = bridgeDevices(picture);
  const points: { id: string; station: string; first: number; steps: RecordedStep[] }[] = [];
  for (const step of steps) {
    const stations = stationsOf([step]).map((one) => ({ id: stationText(one), station: stationText(one) }));
    const isPort = (step.kind === 'receive' || step.kind === 'transmit') && step.isPort;
    const at = isPort ? [{ id: boxText(step.device, step.place), station: '' }] : stations;
    for (const { id, station } of at) {
      const drawn = bridges.get(id) ?? id;
      if (points.at(-1)?.id !== drawn) points.push({ id: drawn, station, first: step.order, steps: [] });
    }
    points.at(-1)?.steps.push(step);
  }
  let number = 0;
  return points.map(({ id, station, first, steps: own }) => ({
    id,
    station,
    number: station === '' ? 0 : ++number,
    notes: own.flatMap(noteOf),
    translated: [...new Set(own.flatMap(translationOf))].join(' '),
    dropped: own.at(-1)?.kind === 'drop',
    first,
  }));
}

/** A bridge and the device by which its own namespace takes part are drawn as one. */
export function bridgeDevices({ nodes }: Picture): Map<string, string> {
  return new Map(
    nodes.flatMap(({ spaces }) =>
      spaces.flatMap(({ boxes }) =>
        boxes.flatMap(({ id, device }) => (device === undefined ? [] : [[device.id, id] as const])),
      ),
    ),
  );
}

function noteOf(step: RecordedStep): string[] {
  if (step.kind === 'rewrite') return [stepText(step)];
  if (step.kind !== 'drop') return [];
  const detail = step.detail === '' ? '' : ` (${step.detail})`;
  return [`DROPPED ${step.reason}: ${sentenceOf(step.reason)}${detail}`];
}

function translationOf(step: RecordedStep): string[] {
  if (step.kind !== 'rewrite') return [];
  if (step.field === 'source') return ['SNAT'];
  return step.field === 'destination' ? ['DNAT'] : [];
}

/** A flow over a picture: the way there, and what came back. */
export interface DrawnFlow {
  /** `pc1 -> 203.0.113.1:80/tcp`. */
  readonly title: string;
  readonly verdict: string;
  readonly there: readonly WayPoint[];
  readonly back: readonly WayPoint[];
  /** What else there is to say: errors, answers that could not be sent, other drops. */
  readonly remarks: readonly string[];
}
