import type { ComwareInterfaceRow, ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { deviceTime } from './comware-time.ts';
import { type Column, renderTable } from './table.ts';

const IP_LEGEND = '*down: administratively down\n(s): spoofing  (l): loopback\n';

const IP_COLUMNS: readonly Column[] = [
  { header: 'Interface', width: 19 },
  { header: 'Physical' },
  { header: 'Protocol' },
  { header: 'IP address/Mask', width: 18 },
  { header: 'VPN instance' },
  { header: 'Description' },
];

/** `display ip interface brief` of release 91xx. */
export function showComwareInterfaces({ interfaces }: ComwareSnapshot): string {
  const rows = interfaces.map((row) => {
    const { shortName, physical, protocol, address, description } = row;
    return [
      shortName,
      physical,
      protocol,
      address === '' ? '--' : address,
      '--',
      description === '' ? '--' : description,
    ];
  });
  return IP_LEGEND + renderTable(IP_COLUMNS, rows);
}

const LEGEND = `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
`;

const COLUMNS: readonly Column[] = [
  { header: 'Interface', width: 20 },
  { header: 'Link', width: 4 },
  { header: 'Protocol', width: 8 },
  { header: 'Primary IP', width: 17 },
  { header: 'Description' },
];

/** `display interface brief` of release 91xx; InLoopBack0 and NULL0 are there on every device. */
export function showComwareInterfacesBrief({ interfaces }: ComwareSnapshot): string {
  const rows = interfaces.map((row) => [
    row.shortName,
    row.physical === '*down' ? 'ADM' : row.physical.toUpperCase(),
    protocolText(row),
    row.address === '' ? '--' : (row.address.split('/')[0] ?? ''),
    row.description,
  ]);
  const always = ['InLoop0', 'NULL0'].map((name) => [name, 'UP', 'UP(s)', '--', '']);
  return LEGEND + renderTable(COLUMNS, [...rows, ...always]);
}

const protocolText = ({ protocol }: ComwareInterfaceRow): string =>
  protocol === 'up(s)' ? 'UP(s)' : protocol.toUpperCase();

/** `display interface` of release 91xx, of one interface or of all; without what is not modelled, such as peak rates. */
export function showComwareInterfaceDetails({ interfaces }: ComwareSnapshot, now: number, name?: string): string {
  return interfaces
    .filter((row) => name === undefined || row.name === name)
    .map((row) => `${detailLines(row, now).join('\n')}\n`)
    .join('\n');
}

function detailLines(row: ComwareInterfaceRow, now: number): string[] {
  const { name, physical, protocol, address, description, mtu, mac } = row;
  return [
    name,
    `Current state: ${physical === '*down' ? 'Administratively DOWN' : physical.toUpperCase()}`,
    `Line protocol state: ${protocol === 'up(s)' ? 'UP(spoofing)' : protocol.toUpperCase()}`,
    `Description: ${description === '' ? `${name} Interface` : description}`,
    ...bandwidthLines(name),
    `Maximum transmission unit: ${mtu}`,
    address === '' ? 'Internet protocol processing: Disabled' : `Internet address: ${address} (Primary)`,
    ...(mac === '' ? [] : [`IP packet frame type: Ethernet II, hardware address: ${mac}`]),
    ...(mac === '' ? [] : ['Loopback is not set', 'Promiscuous mode is not set']),
    'Last clearing of counters: Never',
    `Current system time:${deviceTime(now / 1e9)}`,
    ` Input (total):  ${row.rxPackets} packets, ${row.rxBytes} bytes`,
    ` Output (total): ${row.txPackets} packets, ${row.txBytes} bytes`,
  ];
}

/** What the names of ports promise, in kbit/s. */
const BANDWIDTHS: readonly (readonly [string, number])[] = [
  ['M-GigabitEthernet', 1_000_000],
  ['GigabitEthernet', 1_000_000],
  ['Ten-GigabitEthernet', 10_000_000],
  ['Twenty-FiveGigE', 25_000_000],
  ['FortyGigE', 40_000_000],
  ['HundredGigE', 100_000_000],
];

function bandwidthLines(name: string): string[] {
  const [, kbps] = BANDWIDTHS.find(([start]) => name.startsWith(start)) ?? [];
  return kbps === undefined ? [] : [`Bandwidth: ${kbps} kbps`];
}
