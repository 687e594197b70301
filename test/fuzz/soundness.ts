import { endOf, get16, ICMP, pseudoSum, sum16, TCP, UDP } from './layers.ts';

/**
 * What is wrong with the IPv4 packet at `ip`, by RFC 791, 792, 768 and 9293 alone; undefined where nothing is. Of a fragment
 * only the header can be judged.
 */
export function faultOf(bytes: Uint8Array, ip: number, end: number): string | undefined {
  if (end - ip < 20) return 'shorter than an IPv4 header';
  const first = bytes[ip] ?? 0;
  if (first >>> 4 !== 4) return `IP version ${first >>> 4}`;
  const headerLength = (first & 15) * 4;
  const total = get16(bytes, ip + 2);
  if (headerLength < 20) return `IHL ${first & 15}`;
  if (end - ip < headerLength) return 'options beyond the end';
  if (sum16(bytes, ip, ip + headerLength) !== 0xffff) return 'checksum of the IPv4 header';
  if (total < headerLength || total > end - ip) return `total length ${total}, ${end - ip} bytes are there`;
  if ((get16(bytes, ip + 6) & 0x3fff) !== 0) return undefined;
  return transportFault(bytes, ip, ip + headerLength);
}

function transportFault(bytes: Uint8Array, ip: number, at: number): string | undefined {
  const length = endOf(bytes, ip) - at;
  switch (bytes[ip + 9]) {
    case TCP: {
      const offset = ((bytes[at + 12] ?? 0) >>> 4) * 4;
      if (length < 20 || offset < 20 || offset > length) return 'data offset of TCP';
      return sum16(bytes, at, at + length, pseudoSum(bytes, ip, length)) === 0xffff ? undefined : 'checksum of TCP';
    }
    case UDP: {
      const own = get16(bytes, at + 4);
      if (length < 8 || own < 8 || own > length) return 'length of UDP';
      if (get16(bytes, at + 6) === 0) return undefined;
      return sum16(bytes, at, at + own, pseudoSum(bytes, ip, own)) === 0xffff ? undefined : 'checksum of UDP';
    }
    case ICMP:
      if (length < 8) return 'shorter than an ICMP header';
      return sum16(bytes, at, at + length) === 0xffff ? undefined : 'checksum of ICMP';
    default:
      return undefined;
  }
}
