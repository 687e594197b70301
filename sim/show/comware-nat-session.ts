import type { NatFlowRow, NatSessionRow } from '../comware/nat-snapshot-rows.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { deviceTime } from './comware-time.ts';

/** `display nat session verbose`; without `verbose` the ends of each session alone. */
export function showNatSessions(sessions: readonly NatSessionRow[], verbose = true): string {
  const texts = sessions.map((session) => `${(verbose ? sessionLines : endLines)(session).join('\n')}\n\n`);
  return `${texts.join('')}Total sessions found: ${sessions.length}\n`;
}

function endLines({ initiator, responder, protocol }: NatSessionRow): string[] {
  return ['Initiator:', ...flowLines(initiator, protocol), 'Responder:', ...flowLines(responder, protocol)];
}

function sessionLines(row: NatSessionRow): string[] {
  const { initiator, responder } = row;
  return [
    ...endLines(row),
    `State: ${row.state}`,
    `Application: ${applicationOf(row)}`,
    `Start time: ${deviceTime(row.started)}  TTL: ${row.ttl}s`,
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
  ` ${String(packets).padStart(9)} packets ${String(bytes).padStart(10)} bytes`;

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
