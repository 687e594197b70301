import { put16, u16 } from '../../../sim/wire/bytes.ts';
import { checksum } from '../../../sim/wire/checksum.ts';
import { ETHERTYPE_IPV4 } from '../../../sim/wire/ethernet.ts';
import { Ipv4Header, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../sim/wire/ipv4.ts';

const ETHERNET = 14;
const FIELDS: ReadonlyMap<number, number> = new Map([
  [PROTOCOL_TCP, 16],
  [PROTOCOL_UDP, 6],
]);

/**
 * Finishes a checksum that the kernel left to the hardware: lo always has such (its checksum offload cannot be switched
 * off), and its field holds the sum of the pseudo header. The rest of the sum is all that is added here.
 */
export function closeChecksum(bytes: Uint8Array): void {
  if (bytes.length < ETHERNET + 20 || u16(bytes, 12) !== ETHERTYPE_IPV4) return;
  const header = new Ipv4Header(bytes, ETHERNET);
  const field = FIELDS.get(header.protocol);
  const start = ETHERNET + header.headerLength;
  const length = header.totalLength - header.headerLength;
  if (field === undefined || length < field + 2 || start + length > bytes.length) return;
  const sum = checksum(bytes, start, length);
  put16(bytes, start + field, header.protocol === PROTOCOL_UDP && sum === 0 ? 0xffff : sum);
}
