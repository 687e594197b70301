import { textWidth } from '../../show/table.ts';
import type { Point } from './cells.ts';
import type { Scene } from './scene.ts';
import type { Standing, Terminal } from './stand.ts';
import { MARK_ROOM, type RoutedEnd, type Track } from './tracks.ts';

/* Nets, put on the sheet: a bar for a bridge, a line for a wire, and the lines down to them. */

export interface NetLevels {
  /** The row of a track. */
  readonly rowOf: (track: Track) => number;
  /** The row in which the line down from a terminal begins. */
  readonly startOf: (terminal: Terminal) => number;
}

export function emitNets(scene: Scene, tracks: readonly Track[], standing: Standing, levels: NetLevels): void {
  const joints = new Map<string, Point & { vertex: string }>();
  for (const track of tracks) {
    const y = levels.rowOf(track);
    const hub = hubOf(track, tracks, y);
    if (track.net.kind === 'bridge') emitBar(scene, track, hub, y);
    for (const routed of track.ends) emitEnd(scene, track, routed, hub, y, levels, joints);
    if (track.net.kind === 'wire') labelWire(scene, track, y);
  }
  for (const track of tracks) joinBands(scene, track, tracks, levels);
  spotLoosePorts(scene, tracks, standing);
}

interface Hub extends Point {
  readonly vertex: string;
}

/** Where the lines of a track meet: at a bridge's name, at the turn to another band, else at the first end. */
function hubOf(track: Track, tracks: readonly Track[], y: number): Hub {
  const { net, band } = track;
  if (net.kind === 'bridge') {
    const first = tracks.find((other) => other.net === net);
    return { x: nameAt(track, tracks), y, vertex: first === track ? net.id : `${net.id} in band ${band}` };
  }
  const stack = track.ends.find(({ terminal }) => terminal.kind === 'stack');
  const x = track.trunk ?? stack?.terminal.x ?? track.from;
  return { x, y, vertex: `${net.id} in band ${band}` };
}

/** The name of a bridge stands where its bar is free for longest. */
function nameAt(track: Track, tracks: readonly Track[]): number {
  const width = textWidth(track.name) + MARK_ROOM + 2;
  const own = track.ends.map(({ terminal }) => terminal.x);
  const others = tracks
    .filter(
      ({ band, row, item }) =>
        band === track.band && (track.item === undefined || item === undefined || item === track.item) && row >= 0,
    )
    .flatMap(({ ends }) => ends.map(({ terminal }) => terminal.x));
  const place = (stops: readonly number[]): { at: number; free: number } => {
    const all = [track.from, ...stops.filter((x) => x > track.from && x < track.to), track.to].sort((a, b) => a - b);
    let best = { at: track.from + 1, free: 0 };
    for (const [index, x] of all.entries()) {
      const next = all[index + 1];
      if (next === undefined || next - x - 1 <= best.free) continue;
      best = { at: x + 1 + Math.floor((next - x - 1 - width) / 2), free: next - x - 1 };
    }
    return best;
  };
  const free = place([...own, ...others]);
  if (free.free >= width) return free.at;
  const alone = place(own);
  return Math.max(track.from + 1, alone.at);
}

function emitBar(scene: Scene, track: Track, hub: Hub, y: number): void {
  const bar = [
    { x: track.from, y },
    { x: track.to, y },
  ];
  scene.strokes.push({ line: bar, weight: 'double' });
  const { id } = track.net;
  const before = scene.spots.get(id);
  const at = { x: hub.x + 1 + MARK_ROOM, y };
  if (before === undefined) {
    scene.spot(id, {
      mark: { x: hub.x + 1, y },
      at,
      name: track.name,
      rect: undefined,
      bars: [bar],
      address: undefined,
    });
  } else {
    scene.spot(id, { ...before, bars: [...before.bars, bar] });
    scene.texts.push({ at: { x: at.x - 1, y }, text: ` ${track.name} `, tone: 'strong' });
  }
}

function emitEnd(
  scene: Scene,
  track: Track,
  { end, terminal }: RoutedEnd,
  hub: Hub,
  y: number,
  levels: NetLevels,
  joints: Map<string, Point & { vertex: string }>,
): void {
  const { x } = terminal;
  const joint = end.port === '' ? `${track.net.id} at ${end.id}` : end.port;
  const weight = track.net.kind === 'bridge' ? undefined : 'light';
  scene.link(
    joint,
    hub.vertex,
    [
      { x, y },
      { x: hub.x, y },
    ],
    weight,
  );
  if (end.port !== '') {
    const mark = { x, y };
    scene.spot(end.port, { mark, at: mark, name: '', rect: undefined, bars: [], address: undefined });
  }
  if (terminal.kind === 'stitch') {
    // The second of the two bridges meets the first.
    const other = joints.get(end.id);
    if (other === undefined) joints.set(end.id, { x, y, vertex: joint });
    else scene.link(other.vertex, joint, [other, { x, y }], 'light');
    if (other !== undefined && end.broken) cross(scene, x, Math.round((other.y + y) / 2));
    return;
  }
  if (terminal.kind === 'stack') {
    linkStack(scene, terminal, joint, x, y, levels);
    return;
  }
  scene.link(
    terminal.vertex,
    joint,
    [
      { x, y: levels.startOf(terminal) },
      { x, y },
    ],
    'light',
  );
  if (end.broken && track.net.kind === 'bridge') cross(scene, x, y - 1);
}

/** Up beside the boxes to Comware's stack. */
function linkStack(scene: Scene, terminal: Terminal, joint: string, x: number, y: number, levels: NetLevels): void {
  const spot = scene.spots.get(terminal.vertex);
  const row = levels.startOf(terminal);
  const left = spot?.rect?.x ?? (spot?.mark.x ?? x) - 1;
  const right =
    spot?.rect === undefined ? (spot?.at.x ?? x) + textWidth(spot?.name ?? '') + 1 : spot.rect.x + spot.rect.width - 1;
  scene.link(
    terminal.vertex,
    joint,
    [
      { x: x < left ? left : right, y: row },
      { x, y: row },
      { x, y },
    ],
    'light',
  );
}

function cross(scene: Scene, x: number, y: number): void {
  scene.texts.push({ at: { x, y }, text: '╳', tone: 'bad' });
}

/** What is special about a cable stands on it, where there is room. */
function labelWire(scene: Scene, { ends, from, to }: Track, y: number): void {
  const [first] = ends;
  if (first === undefined || to === from) return;
  const { broken, label } = first.end;
  const text = ` ${label} `;
  const middle = Math.floor((from + to) / 2);
  if (broken) cross(scene, middle, y);
  else if (label !== '' && to - from > textWidth(text) + 3) {
    scene.texts.push({ at: { x: middle - Math.floor(textWidth(text) / 2), y }, text, tone: 'quiet' });
  }
}

/** The tracks of one net in several bands meet at the right edge. */
function joinBands(scene: Scene, track: Track, tracks: readonly Track[], { rowOf }: NetLevels): void {
  const { trunk, net } = track;
  if (trunk === undefined) return;
  const own = tracks.filter((other) => other.net === net);
  const next = own[own.indexOf(track) + 1];
  if (next === undefined) return;
  const [a, b] = [rowOf(track), rowOf(next)];
  const [from, to] = [hubOf(track, tracks, a), hubOf(next, tracks, b)];
  scene.link(from.vertex, to.vertex, [from, { x: trunk, y: a }, { x: trunk, y: b }, to], undefined);
  scene.strokes.push({
    line: [
      { x: trunk, y: a },
      { x: trunk, y: b },
    ],
    weight: 'light',
  });
}

/** A port that leads nowhere is found at its bridge. */
function spotLoosePorts(scene: Scene, tracks: readonly Track[], { terminals }: Standing): void {
  for (const { net } of tracks) {
    if (net.kind !== 'bridge') continue;
    const undrawn = net.ends.flatMap(({ port, id }) => (port !== '' && !terminals.has(id) ? [port] : []));
    for (const port of [...net.loosePorts, ...undrawn]) scene.aliases.set(port, net.id);
  }
}
