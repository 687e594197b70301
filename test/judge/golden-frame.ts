import { type Dissection, dissect } from './compare/dissect.ts';
import type { FrameRecord } from './record.ts';

/*
 * A frame in a line: time, direction, the bytes header by header, and behind `;` what they say.
 */

/** A repetition is written as one where it is at least this long, in bytes. */
const WORTH = 24;

/** The longest unit that is looked for. */
const LONGEST_UNIT = 1024;

export function writeFrame(frame: FrameRecord): string {
  const dissection = dissect(frame.bytes);
  const number = frame.packet === undefined ? '' : ` #${frame.packet}`;
  return `${frame.time} ${frame.direction}${number} ${bytesText(dissection)} ; ${summary(dissection)}`;
}

/** undefined for what is no frame. */
export function parseFrame(line: string): FrameRecord | undefined {
  const found = /^(-?\d+) (in|out)(?: #(\d+))? ([^;]*)/.exec(line);
  if (found === null) return undefined;
  const [, time, direction, packet, text = ''] = found;
  const bytes = parseBytes(text.trim());
  if (bytes === undefined) return undefined;
  return {
    time: Number(time),
    direction: direction === 'in' ? 'in' : 'out',
    bytes,
    ...(packet === undefined ? {} : { packet: Number(packet) }),
  };
}

/** Headers in hexadecimal with blanks between them; data that repeats itself as `(unit)*count+rest`. */
function bytesText({ bytes, fields }: Dissection): string {
  const groups: { name: string; start: number; end: number }[] = [];
  for (const { name, start, end } of fields) {
    const layer = name.replace(/\.[^.]*$/, '').replace(/\.(option|hardware|protocol|sender|target).*$/, '');
    const group = /data|trailer|bytes/.test(name) ? name : layer;
    const last = groups.at(-1);
    if (last?.name === group) last.end = end;
    else groups.push({ name: group, start, end });
  }
  return groups.map(({ start, end }) => repeated(bytes.subarray(start, end))).join(' ');
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
