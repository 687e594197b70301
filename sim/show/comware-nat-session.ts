import type { NatFlowRow, NatSessionRow } from '../comware/nat-snapshot-rows.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';

/** `display nat session verbose`. */
export function showNatSessions(sessions: readonly NatSessionRow[]): string {
  const texts = sessions.map((session) => `${sessionLines(session).join('\n')}\n\n`);
  return `${texts.join('')}Total sessions found: ${sessions.length}\n`;
}

function sessionLines(row: NatSessionRow): string[] {
  const { initiator, responder } = row;
  return [
    'Initiator:',
    ...flowLines(initiator, row.protocol),
    'Responder:',
    ...flowLines(responder, row.protocol),
    `State: ${row.state}`,
    `Application: ${applicationOf(row)}`,
    `Start time: ${startTime(row.started)}  TTL: ${row.ttl}s`,
    `Initiator->Responder:${traffic(initiator)}`,
    `Responder->Initiator:${traffic(responder)}`,
  ];
}

function flowLines(flow: NatFlowRow, protocol: number): string[] {
  return [
    `  Source      IP/port: ${flow.source}/${flow.sourcePort}`,
    `  Destination IP/port: ${flow.destination}/${flow.destinationPort}`,
    '  DS-Lite tunnel peer: -',
    '  VPN instance/VLAN ID/VLL ID: -/-/-',
    `  Protocol: ${protocolName(protocol)}(${protocol})`,
    `  Inbound interface: ${flow.interface}`,
  ];
}

function protocolName(protocol: number): string {
  if (protocol === PROTOCOL_ICMP) return 'ICMP';
  if (protocol === PROTOCOL_TCP) return 'TCP';
  return protocol === PROTOCOL_UDP ? 'UDP' : 'RAWIP';
}

const traffic = ({ packets, bytes }: NatFlowRow): string =>
  `${String(packets).padStart(10)} packets${String(bytes).padStart(11)} bytes`;

/** What the device calls an application, by the port that was called. */
const APPLICATIONS: ReadonlyMap<number, string> = new Map([
  [20, 'FTP-DATA'],
  [21, 'FTP'],
  [22, 'SSH'],
  [23, 'TELNET'],
  [25, 'SMTP'],
  [53, 'DNS'],
  [69, 'TFTP'],
  [80, 'HTTP'],
  [161, 'SNMP'],
  [443, 'HTTPS'],
  [514, 'SYSLOG'],
]);

function applicationOf({ protocol, initiator, responder }: NatSessionRow): string {
  if (protocol === PROTOCOL_ICMP) return 'ICMP';
  // The port behind a server's translation says more than the one that was called.
  return APPLICATIONS.get(responder.sourcePort) ?? APPLICATIONS.get(initiator.destinationPort) ?? 'OTHER';
}

const MONTHS: readonly number[] = [31, 28, 31, 30, 31];

/** A device without a clock begins at 2011-01-01 00:00:00; simulated time ends before that June. */
function startTime(seconds: number): string {
  const whole = Math.floor(seconds);
  let day = Math.floor(whole / 86400);
  let month = 0;
  while (day >= (MONTHS[month] ?? 30)) day -= MONTHS[month++] ?? 30;
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60].map(two).join(':');
  return `2011-${two(month + 1)}-${two(day + 1)} ${time}`;
}
