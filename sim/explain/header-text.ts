import { alignColumns } from '../show/table.ts';
import type { HeaderChange } from './changes.ts';
import type { Layer } from './layers.ts';

/** Short names of fields, as tools print them; fields that are not here go by their own name. */
const SHORT: Readonly<Record<string, string>> = {
  'Ethernet.source': 'src MAC',
  'Ethernet.destination': 'dst MAC',
  'IPv4.source': 'src',
  'IPv4.destination': 'dst',
  'IPv4.ttl': 'TTL',
  'IPv4.tos': 'TOS',
  'IPv4.id': 'IP id',
  'IPv4.flags': 'flags',
  'IPv4.offset': 'fragment offset',
  'UDP.source_port': 'sport',
  'UDP.destination_port': 'dport',
  'UDP.length': 'UDP length',
  'TCP.source_port': 'sport',
  'TCP.destination_port': 'dport',
  'TCP.sequence': 'seq',
  'TCP.acknowledgment': 'ack',
  'ICMP.id': 'ICMP id',
};

/** `TTL 64>63  src 10.0.0.2>203.0.113.2  sport 5000>1024`; a header that was put on is `+Ethernet a > b`. */
export function changesText(changes: readonly HeaderChange[]): string {
  return [...changes]
    .sort((a, b) => rank(a) - rank(b))
    .map(changeText)
    .join('  ');
}

/** What matters most comes first: what a router does, what NAT does, and the link last. */
function rank({ layer, field }: HeaderChange): number {
  if (layer === 'Ethernet' && field !== '') return 3;
  return field === 'ttl' ? 0 : field === '' ? 2 : 1;
}

function changeText({ layer, quoted, field, before, after }: HeaderChange): string {
  const prefix = quoted ? 'quoted ' : '';
  if (field === '') return before === '' ? `+${prefix}${after}` : `-${prefix}${before}`;
  return `${prefix}${SHORT[`${layer}.${field}`] ?? field} ${before}>${after}`;
}

/** One line for all headers: `02:..:01 > 02:..:02  10.0.0.2 > 10.1.0.2 TTL 64  UDP 5000 > 7`. */
export function layersLine(layers: readonly Layer[]): string {
  return layers
    .filter((layer) => !layer.quoted)
    .map(layerLine)
    .join('  ');
}

function layerLine({ protocol, fields }: Layer): string {
  switch (protocol) {
    case 'Ethernet':
      return `${fields.source} > ${fields.destination}`;
    case 'ARP':
      return fields.operation === 'request'
        ? `ARP who has ${fields.target}, tell ${fields.sender}`
        : `ARP ${fields.operation}: ${fields.sender} is at ${fields.sender_mac}`;
    case 'IPv4': {
      const fragment = fields.offset === 0 && fields.flags === 'none' ? '' : ` ${fields.flags} offset ${fields.offset}`;
      return `${fields.source} > ${fields.destination} TTL ${fields.ttl}${fields.flags === 'DF' ? ' DF' : fragment}`;
    }
    case 'ICMP':
      return `ICMP type ${fields.type} code ${fields.code}${fields.id === undefined ? '' : ` id ${fields.id}`}`;
    case 'TCP':
      return `TCP ${fields.source_port} > ${fields.destination_port} ${fields.flags} seq ${fields.sequence} data ${fields.data}`;
    case 'UDP':
      return `UDP ${fields.source_port} > ${fields.destination_port}`;
  }
}

/** A readable block, a line for each header: its name, then every field. */
export function layersBlock(layers: readonly Layer[]): string[] {
  const rows = layers.map(({ protocol, quoted, fields }) => {
    const words = Object.entries(fields).map(([name, value]) => `${SHORT[`${protocol}.${name}`] ?? name} ${value}`);
    return [`${quoted ? 'quoted ' : ''}${protocol}`, words.join(', ')];
  });
  return alignColumns(rows).split('\n').slice(0, -1);
}
