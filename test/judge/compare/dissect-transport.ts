import { decimal, type FieldReader, hex, hexNumber, numberOf } from './fields.ts';

export function dissectUdp(reader: FieldReader, prefix: string, end: number): void {
  reader.take(`${prefix}udp.srcport`, 2, decimal, end);
  reader.take(`${prefix}udp.dstport`, 2, decimal, end);
  reader.take(`${prefix}udp.length`, 2, decimal, end);
  reader.take(`${prefix}udp.checksum`, 2, hexNumber, end);
  reader.rest(`${prefix}udp.data`, end);
}

export function dissectTcp(reader: FieldReader, prefix: string, end: number): void {
  const start = reader.at;
  reader.take(`${prefix}tcp.srcport`, 2, decimal, end);
  reader.take(`${prefix}tcp.dstport`, 2, decimal, end);
  reader.take(`${prefix}tcp.seq`, 4, decimal, end);
  reader.take(`${prefix}tcp.ack`, 4, decimal, end);
  reader.take(`${prefix}tcp.offset`, 1, offsetText, end);
  reader.take(`${prefix}tcp.flags`, 1, flagsText, end);
  reader.take(`${prefix}tcp.window`, 2, decimal, end);
  reader.take(`${prefix}tcp.checksum`, 2, hexNumber, end);
  reader.take(`${prefix}tcp.urgent`, 2, decimal, end);
  const words = start + 12 < end ? (reader.bytes[start + 12] ?? 0) >> 4 : 0;
  const headerEnd = Math.min(end, start + Math.max(20, words * 4));
  while (reader.at < headerEnd) takeOption(reader, prefix, headerEnd);
  reader.rest(`${prefix}tcp.data`, end);
}

function takeOption(reader: FieldReader, prefix: string, headerEnd: number): void {
  const kind = reader.bytes[reader.at] ?? 0;
  if (kind <= 1) {
    reader.take(`${prefix}tcp.option.${kind === 0 ? 'end' : 'nop'}`, 1, decimal, headerEnd);
    return;
  }
  const length = reader.at + 1 < headerEnd ? (reader.bytes[reader.at + 1] ?? 0) : 0;
  const end = reader.at + length;
  if (length < 2 || end > headerEnd) {
    reader.rest(`${prefix}tcp.option`, headerEnd);
    return;
  }
  const name = `${prefix}tcp.option.${OPTION_NAMES.get(kind) ?? kind}`;
  if (kind === 8 && length === 10) {
    reader.take(name, 2, hex, end);
    reader.take(`${name}.value`, 4, decimal, end);
    reader.take(`${name}.echo`, 4, decimal, end);
  } else if (kind === 5 && (length - 2) % 8 === 0) {
    reader.take(name, 2, hex, end);
    while (reader.at < end) reader.take(`${name}.edge`, 4, decimal, end);
  } else reader.take(name, length, kind === 2 && length === 4 ? (raw) => decimal(raw.subarray(2)) : hex, end);
}

const OPTION_NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'mss'],
  [3, 'scale'],
  [4, 'sack-permitted'],
  [5, 'sack'],
  [8, 'timestamp'],
]);

function offsetText(raw: Uint8Array): string {
  const value = raw[0] ?? 0;
  return `${(value >> 4) * 4} bytes${value & 15 ? `, reserved ${value & 15}` : ''}`;
}

function flagsText(raw: Uint8Array): string {
  const value = numberOf(raw);
  const words = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'].filter((_, bit) => (value >> bit) & 1);
  return words.length === 0 ? 'none' : words.join(' ');
}
