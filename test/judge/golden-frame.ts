import { type Dissection, dissect } from './compare/dissect.ts';
import type { FrameRecord } from './record.ts';

/*
 * A frame in a line: time, direction, the bytes header by header, and behind `;` what they say. In a long capture bytes
 * that are those of the frame before are left out.
 */

/** A repetition is written as one where it is at least this long, in bytes. */
const WORTH = 24;

/** The longest unit that is looked for. */
const LONGEST_UNIT = 1024;

/** A capture longer than this says of each frame only in what it differs from the one before it in its direction. */
const LONG = 200;

/** The bytes of the frame before in each direction, header by header, in hexadecimal. */
type Before = Map<FrameRecord['direction'], readonly string[]>;

/** A line for each frame of a point. */
export function writeFrames(frames: readonly FrameRecord[]): string[] {
  const before: Before = new Map();
  return frames.map((frame) => {
    const dissection = dissect(frame.bytes);
    const number = frame.packet === undefined ? '' : ` #${frame.packet}`;
    const start = `${frame.time} ${frame.direction}${number}`;
    const groups = groupsOf(dissection);
    if (frames.length <= LONG) return `${start} ${groups.join(' ')} ; ${summary(dissection)}`;
    const last = before.get(frame.direction) ?? [];
    before.set(frame.direction, groups);
    return `${start} ${groups.map((group, index) => shortened(group, last[index] ?? '')).join(' ')}`;
  });
}

/** Reads the lines of one point, one after the other. */
export class FrameReader {
  readonly #before: Before = new Map();

  /** undefined for what is no frame. */
  read(line: string): FrameRecord | undefined {
    const found = /^(-?\d+) (in|out)(?: #(\d+))?(?: ([^;]*))?/.exec(line);
    if (found === null) return undefined;
    const [, time, way, packet, text = ''] = found;
    const direction = way === 'in' ? 'in' : 'out';
    const last = this.#before.get(direction) ?? [];
    const groups = text
      .trim()
      .split(' ')
      .map((group, index) => lengthened(group, last[index] ?? ''));
    this.#before.set(direction, groups);
    const bytes = parseBytes(groups.join(''));
    if (bytes === undefined) return undefined;
    return { time: Number(time), direction, bytes, ...(packet === undefined ? {} : { packet: Number(packet) }) };
  }
}

/** `=` for the same as before; else `_N` stands for N bytes that are: `_4.9053._14`. */
function shortened(group: string, last: string): string {
  if (group === last && group !== '') return '=';
  if (group.length !== last.length || /[^0-9a-f]/.test(group + last)) return group;
  const runs: string[] = [];
  let same = 0;
  let other = '';
  const end = (): void => {
    if (same > 0) runs.push(`_${same}`);
    if (other !== '') runs.push(other);
    same = 0;
    other = '';
  };
  for (let at = 0; at < group.length; at += 2) {
    const byte = group.slice(at, at + 2);
    const isSame = byte === last.slice(at, at + 2);
    if (isSame ? other !== '' : same > 0) end();
    if (isSame) same++;
    else other += byte;
  }
  end();
  return runs.join('.');
}

/** What shortened() was given; '?', which is no byte, where there is nothing before it to be the same as. */
function lengthened(group: string, last: string): string {
  if (group === '=') return last === '' ? '?' : last;
  if (!group.includes('_')) return group;
  let whole = '';
  for (const run of group.split('.')) {
    const count = run.startsWith('_') ? Number(run.slice(1)) * 2 : 0;
    const part = count === 0 ? run : last.slice(whole.length, whole.length + count);
    if (part.length < count) return '?';
    whole += part;
  }
  return whole;
}

/** Headers in hexadecimal; data that repeats itself as `(unit)*count+rest`. */
function groupsOf({ bytes, fields }: Dissection): string[] {
  const groups: { name: string; start: number; end: number }[] = [];
  for (const { name, start, end } of fields) {
    const layer = name.replace(/\.[^.]*$/, '').replace(/\.(option|hardware|protocol|sender|target).*$/, '');
    const group = /data|trailer|bytes/.test(name) ? name : layer;
    const last = groups.at(-1);
    if (last?.name === group) last.end = end;
    else groups.push({ name: group, start, end });
  }
  return groups.map(({ start, end }) => repeated(bytes.subarray(start, end)));
}

function repeated(data: Uint8Array): string {
  const hex = Buffer.from(data).toString('hex');
  if (data.length < WORTH) return hex;
  for (let unit = 1; unit <= Math.min(LONGEST_UNIT, data.length / 2); unit++) {
    if (!hasPeriod(data, unit)) continue;
    const count = Math.floor(data.length / unit);
    const rest = hex.slice(count * unit * 2);
    return `(${hex.slice(0, unit * 2)})*${count}${rest === '' ? '' : `+${rest}`}`;
  }
  return hex;
}

function hasPeriod(data: Uint8Array, unit: number): boolean {
  for (let at = unit; at < data.length; at++) if (data[at] !== data[at - unit]) return false;
  return true;
}

function parseBytes(text: string): Uint8Array | undefined {
  const whole = text
    .replace(/ /g, '')
    .replace(/\(([0-9a-f]+)\)\*(\d+)\+?/g, (_, unit: string, count) => unit.repeat(count));
  if (!/^([0-9a-f]{2})*$/.test(whole)) return undefined;
  return new Uint8Array(Buffer.from(whole, 'hex'));
}

/** What a frame is, in a few words. */
function summary({ fields, arp, ip, quoted, bytes }: Dissection): string {
  const text = (name: string): string => fields.find((field) => field.name === name)?.text ?? '';
  if (arp !== undefined) return `arp ${text('arp.operation')} ${arp.sender} to ${arp.target}`;
  if (ip === undefined) return `${bytes.length} bytes of ${text('eth.type')}`;
  const head = `${ip.source} > ${ip.destination} ttl ${text('ip.ttl')}`;
  if (ip.fragmentOffset > 0) return `fragment ${head} ${text('ip.fragment')}`;
  if (ip.protocol === 6) {
    const ports = `${text('tcp.srcport')} > ${text('tcp.dstport')}`;
    return `tcp ${head} ${ports} ${text('tcp.flags')} win ${text('tcp.window')} len ${dataLength(fields, 'tcp.data')}`;
  }
  if (ip.protocol === 17) {
    return `udp ${head} ${text('udp.srcport')} > ${text('udp.dstport')} len ${dataLength(fields, 'udp.data')}`;
  }
  if (ip.protocol !== 1) return `protocol ${ip.protocol} ${head}`;
  const kind = `icmp ${text('icmp.type')}/${text('icmp.code')} ${head}`;
  if (quoted === undefined) return `${kind} id ${text('icmp.id')} seq ${text('icmp.seq')}`;
  return `${kind} about ${quoted.source} > ${quoted.destination} protocol ${quoted.protocol}`;
}

function dataLength(fields: Dissection['fields'], name: string): number {
  const found = fields.find((field) => field.name === name);
  return found === undefined ? 0 : found.end - found.start;
}
