import { ETHERNET_LENGTH } from '../../sim/wire/ethernet.ts';
import { Ipv4Header, PROTOCOL_TCP } from '../../sim/wire/ipv4.ts';
import { TcpHeader } from '../../sim/wire/tcp.ts';
import type { Lab } from '../bench.ts';
import { tcpText } from './frame-lines.ts';

/*
 * TCP segments as one line each, with numbers relative to the first of each side:
 *
 *     a S 0 win=64240 id=n mss=1460 sackok ts nop ws=7
 *     b SA 0 ack=1 win=65160 id=0 mss=1460 sackok ts nop ws=7
 *     a PA 1+100 ack=1 win=502 id=n nop nop ts
 */

/** A segment's time, in nanoseconds, and its line. */
export interface TcpLine {
  readonly at: number;
  readonly text: string;
}

/** The TCP segments of a capture point; `sides` gives each address a name. */
export function tcpLines(lab: Lab, point: string, sides: Readonly<Record<number, string>>): TcpLine[] {
  const first = new Map<string, number>();
  const lines: TcpLine[] = [];
  for (const { bytes, time } of lab.frames(point)) {
    const ip = new Ipv4Header(bytes, ETHERNET_LENGTH);
    if (bytes[12] !== 8 || bytes[13] !== 0 || ip.protocol !== PROTOCOL_TCP) continue;
    const at = ETHERNET_LENGTH + ip.headerLength;
    const tcp = new TcpHeader(bytes, at);
    const end = ETHERNET_LENGTH + ip.totalLength;
    const sender = `${ip.source} ${tcp.sourcePort}`;
    const receiver = `${ip.destination} ${tcp.destinationPort}`;
    if (tcp.syn) first.set(sender, tcp.sequence);
    const length = end - at - tcp.headerLength;
    const sequence = (tcp.sequence - (first.get(sender) ?? 0)) | 0;
    const flags = [...'FSRPA'].filter((_, bit) => (tcp.flags >> bit) & 1).join('');
    const options = tcpText(bytes, at, end)
      .split(' ')
      .slice(length > 0 ? 4 : 3);
    const words = [sides[ip.source] ?? '?', flags, length > 0 ? `${sequence}+${length}` : `${sequence}`];
    if (tcp.ack) words.push(`ack=${(tcp.acknowledgment - (first.get(receiver) ?? 0)) | 0}`);
    words.push(`win=${tcp.window}`, `id=${ip.identification === 0 ? '0' : 'n'}`, ...options);
    lines.push({ at: time, text: words.join(' ') });
  }
  return lines;
}
