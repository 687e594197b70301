import type { TcpTable } from '../transport/tcp/table.ts';
import type { UdpTable } from '../transport/udp.ts';
import { formatIpv4, formatPrefix } from '../wire/address.ts';
import { formatMacComware } from '../wire/mac.ts';
import type { Comware } from './comware.ts';
import { configurationLines } from './configuration-text.ts';
import type { FibEntry } from './forwarding/fib.ts';
import { protocolOf } from './forwarding/flow.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import { tpaSource } from './kernel-link/kernel-link.ts';
import { snapshotNat } from './nat-snapshot.ts';
import type {
  ComwareArpRow,
  ComwareInterfaceRow,
  ComwareRouteRow,
  ComwareSessionRow,
  ComwareSnapshot,
  ComwareSocketRow,
} from './snapshot-rows.ts';

const PROTOCOL_NAMES: Readonly<Record<number, ComwareSessionRow['protocol']>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** Copies the state of Comware's own stack and forwarding. */
export function snapshotComware(cw: Comware): ComwareSnapshot {
  return {
    title: cw.place.node,
    sysname: cw.sysname,
    interfaces: cw.interfaces.map(interfaceRow),
    routes: routeRows(cw),
    arp: arpRows(cw),
    sockets: socketRows(cw),
    sessions: sessionRows(cw),
    nat: snapshotNat(cw),
    counters: { ...cw.counters },
    kernelMap: kernelMapOf(cw),
    tpaSource: tpaSource(cw).text,
    configuration: configurationLines(cw),
    assumptions: [...cw.assumptions],
  };
}

/** Which device of the kernel stands for which interface. */
export function kernelMapOf(cw: Comware): ComwareSnapshot['kernelMap'] {
  return cw.interfaces.flatMap((one) =>
    one.kernelDevice === undefined ? [] : [{ interface: one.name.short, device: one.kernelDevice.name }],
  );
}

function interfaceRow(one: ComwareInterface): ComwareInterfaceRow {
  const { address, port } = one;
  return {
    name: one.name.long,
    shortName: one.name.short,
    physical: one.shutdown ? '*down' : one.isUp ? 'up' : 'down',
    // A loopback interface has no line protocol of its own: up(s), spoofing.
    protocol: !one.isUp ? 'down' : one.name.kind === 'loopback' ? 'up(s)' : address === undefined ? 'down' : 'up',
    address: address === undefined ? '' : `${formatIpv4(address.address)}/${address.length}`,
    mac: port === undefined ? '' : formatMacComware(port.mac),
    mtu: one.mtu,
    description: one.description,
    kernelDevice: one.kernelDevice?.name ?? '',
    rxPackets: port?.rxPackets ?? 0,
    rxBytes: port?.rxBytes ?? 0,
    txPackets: port?.txPackets ?? 0,
    txBytes: port?.txBytes ?? 0,
  };
}

function routeRows(cw: Comware): ComwareRouteRow[] {
  return cw.fib.entries().map((entry) => ({
    destination: formatPrefix(entry.prefix),
    protocol: entry.protocol,
    preference: entry.preference,
    cost: 0,
    nextHop: formatIpv4(entry.nextHop),
    interface: entry.interfaceName,
    interfaceName: longName(entry),
    realNextHop: formatIpv4(entry.kind === 'gateway' ? entry.neighbour : entry.nextHop),
    discards: entry.kind === 'discard' || (entry.kind === 'broadcast' && entry.interface !== undefined),
    age: Math.floor((cw.clock.now - entry.since) / 1e9),
  }));
}

function longName({ interfaceName, interface: out }: FibEntry): string {
  if (interfaceName === 'InLoop0') return 'InLoopBack0';
  return interfaceName === 'NULL0' ? interfaceName : (out?.name.long ?? interfaceName);
}

function arpRows(cw: Comware): ComwareArpRow[] {
  return cw.parts.arp.list().map((entry) => ({
    address: formatIpv4(entry.address),
    mac: entry.mac === undefined ? '' : formatMacComware(entry.mac),
    vlan: 'N/A',
    interface: entry.interface.name.short,
    aging: entry.mac === undefined ? '--' : String(cw.parts.arp.remaining(entry)),
    type: entry.mac === undefined ? 'I' : 'D',
  }));
}

/** Comware's own sockets, then those that its applications have on the kernel's stack. */
function socketRows(cw: Comware): ComwareSocketRow[] {
  return [
    ...udpRows('comware', cw.parts.udp),
    ...tcpRows('comware', cw.parts.tcp),
    ...udpRows('kernel', cw.net.parts.udp),
    ...tcpRows('kernel', cw.net.parts.tcp),
  ];
}

function udpRows(stack: ComwareSocketRow['stack'], table: UdpTable): ComwareSocketRow[] {
  return table.list().map((socket) => ({
    protocol: 'udp',
    local: formatIpv4(socket.localAddress),
    port: socket.localPort,
    peer: formatIpv4(socket.remoteAddress),
    peerPort: socket.remotePort,
    application: socket.owner.name,
    stack,
  }));
}

function tcpRows(stack: ComwareSocketRow['stack'], table: TcpTable): ComwareSocketRow[] {
  const listeners = table.listeners().map(
    ({ localAddress, localPort, owner }): ComwareSocketRow => ({
      protocol: 'tcp',
      local: formatIpv4(localAddress),
      port: localPort,
      peer: '0.0.0.0',
      peerPort: 0,
      application: owner.name,
      stack,
      state: 'LISTEN',
    }),
  );
  const connections = [...table.connections(), ...table.records()].map(
    (one): ComwareSocketRow => ({
      protocol: 'tcp',
      local: formatIpv4(one.localAddress),
      port: one.localPort,
      peer: formatIpv4(one.remoteAddress),
      peerPort: one.remotePort,
      application: 'owner' in one && !one.orphan ? one.owner.name : '',
      stack,
      state: one.state.replace('FIN_WAIT', 'FIN_WAIT_').replace('SYN_RECV', 'SYN_RECEIVED'),
    }),
  );
  return [...listeners, ...connections];
}

function sessionRows(cw: Comware): ComwareSessionRow[] {
  return cw.sessions.list().map((session) => ({
    protocol: PROTOCOL_NAMES[protocolOf(session.kind)] ?? 'icmp',
    owner: session.owner,
    state: session.track.state,
    local: formatIpv4(session.source),
    localPort: session.sourcePort,
    remote: formatIpv4(session.destination),
    remotePort: session.destinationPort,
    ttl: Math.ceil((session.expires - cw.clock.now) / 1e9),
  }));
}
