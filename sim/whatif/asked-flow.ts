import type { Flow } from '../explain/flow.ts';
import { parseIpv4 } from '../wire/address.ts';

/** A flow that somebody asked for: `pc1 -> 203.0.113.1:80/tcp`, `pc1 -> srv`, `pc1 -> srv:53/udp`. */
export interface AskedFlow {
  readonly text: string;
  readonly from: string;
  /** An address, or the name of a stack: its first address is meant. */
  readonly to: string;
  readonly protocol: Flow['protocol'];
  readonly port: number;
}

/** Reads `FROM -> ADDRESS[:PORT][/PROTOCOL]`; the sentence of what is wrong with it otherwise. */
export function parseAskedFlow(text: string): AskedFlow | string {
  const [, from = '', to = '', portText, protocolText] =
    /^\s*(\S+)\s*->\s*([^\s:]+?)(?::(\d{1,5}))?(?:\/(\w+))?\s*$/.exec(text) ?? [];
  if (from === '' || to === '') return 'write FROM -> ADDRESS[:PORT][/PROTOCOL], such as pc1 -> 203.0.113.1:80/tcp';
  const port = Number(portText ?? 0);
  if (portText !== undefined && (port < 1 || port > 65535)) return `${portText} is no port: 1 to 65535`;
  const protocol = protocolText ?? (port === 0 ? 'icmp' : 'udp');
  if (protocol !== 'icmp' && protocol !== 'udp' && protocol !== 'tcp') return `"${protocol}" is no icmp, udp or tcp`;
  if ((protocol === 'icmp') !== (port === 0))
    return protocol === 'icmp' ? 'icmp has no port' : `${protocol} needs a port`;
  if (/^[\d.]+$/.test(to) && parseIpv4(to) === undefined) return `${to} is no IPv4 address`;
  return { text: text.trim(), from, to, protocol, port };
}
