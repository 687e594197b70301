import { type Layer, layerNamed } from './layers.ts';

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'unreachable',
  4: 'source quench',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
  13: 'timestamp request',
  14: 'timestamp reply',
};

/** A frame in a few words, by its headers: `ICMP echo request 10.0.0.2 > 10.1.0.2`. */
export function frameText(layers: readonly Layer[]): string {
  const arp = layerNamed(layers, 'ARP')?.fields;
  if (arp !== undefined) {
    return arp.operation === 'request' ? `ARP who has ${arp.target}?` : `ARP ${arp.sender} is at ${arp.sender_mac}`;
  }
  const ip = layerNamed(layers, 'IPv4')?.fields;
  if (ip === undefined) return layers.map(({ protocol }) => protocol).join(' ');
  const icmp = layers.find(({ protocol, quoted }) => protocol === 'ICMP' && !quoted)?.fields;
  const transport = layers.find(({ protocol, quoted }) => !quoted && (protocol === 'TCP' || protocol === 'UDP'));
  const [from, to] =
    transport === undefined
      ? [ip.source, ip.destination]
      : [`${ip.source}:${transport.fields.source_port}`, `${ip.destination}:${transport.fields.destination_port}`];
  return `${what(icmp, transport, ip)} ${from} > ${to}`;
}

function what(icmp: Layer['fields'] | undefined, transport: Layer | undefined, ip: Layer['fields']): string {
  if (icmp !== undefined) return `ICMP ${ICMP_TYPES[Number(icmp.type)] ?? `type ${icmp.type}`}`;
  if (transport === undefined) return Number(ip.offset) > 0 ? 'IP fragment' : `IP protocol ${ip.protocol}`;
  const { protocol, fields } = transport;
  if (protocol === 'UDP') return 'UDP';
  return `TCP ${fields.flags}${Number(fields.data) > 0 ? ` ${fields.data} bytes` : ''}`;
}
