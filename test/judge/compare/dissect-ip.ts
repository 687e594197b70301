import { dissectTcp, dissectUdp } from './dissect-transport.ts';
import { decimal, dotted, type FieldReader, hex, hexNumber, numberOf } from './fields.ts';

const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;

/** ICMP types that quote the packet they complain of. */
export const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** Where an IPv4 packet lies in a frame, and what sorts it into a flow. */
export interface IpPart {
  /** Of its fields' names: '' or `icmp.quoted.`. */
  readonly prefix: string;
  readonly start: number;
  /** Where its data begins, and where the packet ends by its total length or by the frame, whichever comes first. */
  readonly dataStart: number;
  readonly end: number;
  /** The frame holds all that the total length promises. */
  readonly isWhole: boolean;
  /** Dotted. */
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly protocol: number;
  readonly id: number;
  /** In bytes. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
}

/** An IPv4 packet at the reader's place, none of it from `limit` on. */
export function dissectIp(reader: FieldReader, prefix: string, limit: number): { ip?: IpPart; quoted?: IpPart } {
  const start = reader.at;
  const { bytes } = reader;
  const first = bytes[start] ?? 0;
  if (first >> 4 !== 4 || limit - start < 20) {
    reader.rest(`${prefix}ip.bytes`, limit);
    return {};
  }
  const word = (offset: number): number => numberOf(bytes.subarray(start + offset, start + offset + 2));
  const headerEnd = Math.min(start + Math.max(20, (first & 15) * 4), limit);
  const total = word(2);
  const end = Math.max(headerEnd, Math.min(start + total, limit));
  takeHeader(reader, prefix, headerEnd);
  const part: IpPart = {
    prefix,
    start,
    dataStart: headerEnd,
    end,
    isWhole: start + total <= limit && start + total >= headerEnd && (first & 15) >= 5,
    source: dotted(bytes.subarray(start + 12, start + 16)),
    destination: dotted(bytes.subarray(start + 16, start + 20)),
    ttl: bytes[start + 8] ?? 0,
    protocol: bytes[start + 9] ?? 0,
    id: word(4),
    fragmentOffset: (word(6) & 0x1fff) * 8,
    moreFragments: (word(6) & 0x2000) !== 0,
  };
  const quoted = dissectData(reader, part);
  if (prefix !== '') reader.rest(`${prefix}trailer`, limit);
  return quoted === undefined ? { ip: part } : { ip: part, quoted };
}

function takeHeader(reader: FieldReader, prefix: string, headerEnd: number): void {
  reader.take(`${prefix}ip.version`, 1, (raw) => `${(raw[0] ?? 0) >> 4}, header ${((raw[0] ?? 0) & 15) * 4} bytes`);
  reader.take(`${prefix}ip.tos`, 1, hexNumber);
  reader.take(`${prefix}ip.length`, 2, decimal);
  reader.take(`${prefix}ip.id`, 2, decimal);
  reader.take(`${prefix}ip.fragment`, 2, fragmentText);
  reader.take(`${prefix}ip.ttl`, 1, decimal);
  reader.take(`${prefix}ip.protocol`, 1, decimal);
  reader.take(`${prefix}ip.checksum`, 2, hexNumber);
  reader.take(`${prefix}ip.src`, 4, dotted);
  reader.take(`${prefix}ip.dst`, 4, dotted);
  while (reader.at < headerEnd) {
    const kind = reader.bytes[reader.at] ?? 0;
    const length = kind <= 1 ? 1 : (reader.bytes[reader.at + 1] ?? 0);
    if (length === 0 || reader.at + length > headerEnd) reader.rest(`${prefix}ip.option`, headerEnd);
    else reader.take(`${prefix}ip.option`, length, hex, headerEnd);
  }
}

function fragmentText(raw: Uint8Array): string {
  const value = numberOf(raw);
  const flags = [value & 0x8000 ? 'reserved' : '', value & 0x4000 ? 'DF' : '', value & 0x2000 ? 'MF' : ''];
  const words = flags.filter((word) => word !== '');
  return [...words, `offset ${(value & 0x1fff) * 8}`].join(' ');
}

/** What an IPv4 packet carries; answers with the packet that it quotes, if it does. */
function dissectData(reader: FieldReader, ip: IpPart): IpPart | undefined {
  const { prefix, end } = ip;
  let quoted: IpPart | undefined;
  if (ip.fragmentOffset > 0) reader.rest(`${prefix}ip.fragment.data`, end);
  else if (ip.protocol === PROTOCOL_ICMP) quoted = dissectIcmp(reader, prefix, end);
  else if (ip.protocol === PROTOCOL_UDP) dissectUdp(reader, prefix, end);
  else if (ip.protocol === PROTOCOL_TCP) dissectTcp(reader, prefix, end);
  reader.rest(`${prefix}ip.data`, end);
  return quoted;
}

function dissectIcmp(reader: FieldReader, prefix: string, end: number): IpPart | undefined {
  const type = reader.at < end ? (reader.bytes[reader.at] ?? -1) : -1;
  const code = reader.bytes[reader.at + 1] ?? -1;
  reader.take(`${prefix}icmp.type`, 1, decimal, end);
  reader.take(`${prefix}icmp.code`, 1, decimal, end);
  reader.take(`${prefix}icmp.checksum`, 2, hexNumber, end);
  if (type === 0 || type === 8) {
    reader.take(`${prefix}icmp.id`, 2, decimal, end);
    reader.take(`${prefix}icmp.seq`, 2, decimal, end);
    // ping(8) writes a struct timeval in front where it has room for one.
    if (end - reader.at >= 16) reader.take(`${prefix}icmp.data.time`, 16, hex, end);
    reader.rest(`${prefix}icmp.data`, end);
    return undefined;
  }
  if (!ICMP_ERRORS.has(type)) {
    reader.rest(`${prefix}icmp.data`, end);
    return undefined;
  }
  if (type === 3 && code === 4) {
    reader.take(`${prefix}icmp.unused`, 2, hex, end);
    reader.take(`${prefix}icmp.mtu`, 2, decimal, end);
  } else if (type === 5) reader.take(`${prefix}icmp.gateway`, 4, dotted, end);
  else reader.take(`${prefix}icmp.unused`, 4, hex, end);
  return reader.at < end ? dissectIp(reader, `${prefix}icmp.quoted.`, end).ip : undefined;
}
