/*
 * Frames as plain bytes, read and written here with nothing of the simulator's: what is to judge it may not lean on it.
 */

export const get16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
export const get32 = (bytes: Uint8Array, at: number): number =>
  (get16(bytes, at) * 0x10000 + get16(bytes, at + 2)) >>> 0;

/** Writes what fits; bytes beyond the end are not there. */
export function set16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function set32(bytes: Uint8Array, at: number, value: number): void {
  set16(bytes, at, value >>> 16);
  set16(bytes, at + 2, value);
}

export function getMac(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) * 0x100000000 + get32(bytes, at + 2);
}

export function setMac(bytes: Uint8Array, at: number, mac: number): void {
  set16(bytes, at, Math.floor(mac / 0x100000000));
  set32(bytes, at + 2, mac % 0x100000000);
}

export const ETHERNET = 14;
export const IPV4 = 0x0800;
export const ARP = 0x0806;
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** Where the headers of a frame stand; -1 where there is none, or no room for one. */
export interface Layers {
  /** Of the IPv4 header. */
  readonly ip: number;
  readonly protocol: number;
  /** Of the header behind it, unless this is a later fragment. */
  readonly transport: number;
}

const NONE: Layers = Object.freeze({ ip: -1, protocol: -1, transport: -1 });

/** Looks at a frame without believing its lengths; `link` is the length of its link header, 14 or 0. */
export function layersOf(bytes: Uint8Array, link: number): Layers {
  if (link === ETHERNET && get16(bytes, 12) !== IPV4) return NONE;
  return layersAt(bytes, link);
}

/** The same for an IPv4 packet at `ip`, such as the one that an ICMP error quotes. */
export function layersAt(bytes: Uint8Array, ip: number): Layers {
  if (bytes.length < ip + 20) return NONE;
  const header = ((bytes[ip] ?? 0) & 15) * 4;
  const transport = ip + Math.max(20, header);
  const isLater = (get16(bytes, ip + 6) & 0x1fff) !== 0;
  return {
    ip,
    protocol: bytes[ip + 9] ?? 0,
    transport: isLater || transport + 8 > bytes.length ? -1 : transport,
  };
}

/** One's complement sum of 16-bit words, folded (RFC 1071); `start` is what was summed before. */
export function sum16(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  for (let at = from; at + 1 < to; at += 2) sum += get16(bytes, at);
  if ((to - from) % 2 === 1) sum += (bytes[to - 1] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/** Sum over the pseudo-header of RFC 9293 3.1 and RFC 768. */
export function pseudoSum(bytes: Uint8Array, ip: number, length: number): number {
  return sum16(bytes, ip + 12, ip + 20, (bytes[ip + 9] ?? 0) + length);
}

/** Where the IPv4 packet at `ip` ends: where its header says, or where the bytes do. */
export function endOf(bytes: Uint8Array, ip: number): number {
  return Math.min(bytes.length, ip + Math.max(20, get16(bytes, ip + 2)));
}

/** Makes the checksum of the IPv4 header at `ip` right. */
export function mendIp(bytes: Uint8Array, ip: number): void {
  const end = Math.min(bytes.length, ip + Math.max(20, ((bytes[ip] ?? 0) & 15) * 4));
  set16(bytes, ip + 10, 0);
  set16(bytes, ip + 10, ~sum16(bytes, ip, end) & 0xffff);
}

/** Makes the checksum behind the IPv4 header right, as far as there is one. */
export function mendTransport(bytes: Uint8Array, { ip, protocol, transport }: Layers): void {
  if (transport < 0) return;
  const end = endOf(bytes, ip);
  const at = transport + (protocol === TCP ? 16 : protocol === UDP ? 6 : 2);
  if (end < at + 2 || ![TCP, UDP, ICMP].includes(protocol)) return;
  const length = end - transport;
  const covered = protocol === UDP ? Math.min(length, Math.max(8, get16(bytes, transport + 4))) : length;
  set16(bytes, at, 0);
  const start = protocol === ICMP ? 0 : pseudoSum(bytes, ip, covered);
  const sum = ~sum16(bytes, transport, transport + covered, start) & 0xffff;
  set16(bytes, at, sum === 0 && protocol === UDP ? 0xffff : sum);
}
