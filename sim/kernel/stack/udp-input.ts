import { bySockets, bySysctl } from '../../packet/because.ts';
import { deliver, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { type QuotedPacket, quotedPacket, quotedPorts } from '../../transport/icmp-error.ts';
import { ReceivedDatagram, socketErrorOf } from '../../transport/received.ts';
import type { SocketOwner } from '../../transport/socket.ts';
import { udpSocketName } from '../../transport/socket-name.ts';
import type { UdpSocket } from '../../transport/udp.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, ICMP_REDIRECT, IcmpHeader } from '../../wire/icmp.ts';
import { UDP_LENGTH, UdpHeader, udpChecksumHolds } from '../../wire/udp.ts';
import { detach } from '../forwarding/conntrack/connection.ts';
import { rtableOf, specificDestination } from '../forwarding/rtable.ts';
import type { Net } from '../net.ts';
import { inputDeviceName } from './input-device.ts';

const RCV: Site = { component: 'Inet stack', function: 'udp_rcv' };

/**
 * Receives a UDP datagram. Models net/ipv4/udp.c __udp4_lib_rcv(). Not modelled: UDP-Lite, encapsulation, GRO;
 * SO_REUSEADDR, without which no two sockets can be bound so that both hear one broadcast.
 */
export function udpRcv(net: Net, packet: Packet): Fate {
  const at = packet.transportOffset;
  const available = packet.tail - at;
  if (available < UDP_LENGTH) return tooSmall(net, packet);
  const udp = new UdpHeader(packet.bytes, at);
  const length = udp.length;
  if (length > available || length < UDP_LENGTH) return tooSmall(net, packet);
  packet.tail = at + length;
  const { source, destination } = packet.ip;
  if (packet.checksum === 'none' && !udpChecksumHolds(packet.bytes, at, length, source, destination)) {
    net.counters.UdpInCsumErrors++;
    net.counters.UdpInErrors++;
    return drop(packet, net.place, RCV, 'kernel:UDP_CSUM');
  }
  const device = inputDeviceName(net, packet);
  const { sourcePort, destinationPort } = udp;
  const socket = net.parts.udp.lookup(source, sourcePort, destination, destinationPort, device);
  return socket === undefined ? noSocket(net, packet, destinationPort) : toSocket(net, packet, socket);
}

function tooSmall(net: Net, packet: Packet): Fate {
  net.counters.UdpInErrors++;
  return drop(packet, net.place, RCV, 'kernel:PKT_TOO_SMALL');
}

function noSocket(net: Net, packet: Packet, port: number): Fate {
  const { type } = rtableOf(packet);
  const where = `UDP port ${port} of ${formatIpv4(packet.ip.destination)}`;
  // A broadcast that nobody listens to is everyday noise: __udp4_lib_mcast_deliver() drops it without counting.
  if (type !== 'broadcast' && type !== 'multicast') {
    net.counters.UdpNoPorts++;
    // The error about it is not attached to its connection, but found to belong to it by what it quotes, like a stranger's.
    detach(packet);
    // What a route over lo brought here was sent to no address of ours, from which no error could come.
    if (type === 'local') net.parts.icmpSend(packet, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
  }
  const address = formatIpv4(packet.ip.destination);
  packet.ledger.recorder?.step(packet, net.place, RCV, bySockets('UDP', address, port, listenersOf(net)));
  return drop(packet, net.place, RCV, 'kernel:NO_SOCKET', where);
}

/** Bound sockets that talk to anybody: `0.0.0.0:7 echo`, and the device where one is bound to it. */
function listenersOf(net: Net): string[] {
  return net.parts.udp
    .list()
    .filter((socket) => socket.remotePort === 0)
    .map(({ localAddress, localPort, device, owner }) => {
      const on = device === '' ? '' : `%${device}`;
      return `${formatIpv4(localAddress)}${on}:${localPort} ${owner.name}`;
    });
}

function toSocket(net: Net, packet: Packet, socket: UdpSocket): Fate {
  const datagram = new ReceivedDatagram(packet, specificDestination(packet));
  net.ledger.recorder?.step(packet, net.place, RCV, {
    kind: 'demultiplex',
    key: `UDP port ${datagram.destinationPort}`,
    to: socket.owner.name,
    why: socket.remotePort === 0 ? 'bound socket' : 'connected socket',
    socket: udpSocketName(socket),
  });
  if (!socket.receive(net.clock, datagram)) {
    net.counters.UdpInErrors++;
    net.counters.UdpRcvbufErrors++;
    return bufferFull(net, packet, RCV, socket.owner);
  }
  // Counted when it is read (udp_recvmsg), which a program that is about to close its socket does no more.
  if (socket.onDatagram !== undefined) net.counters.UdpInDatagrams++;
  return deliver(packet, net.place, RCV, socket.owner.name, socket.owner.place);
}

/** So much waits for the program already that no more is kept. */
export function bufferFull(net: Net, packet: Packet, site: Site, owner: SocketOwner): Fate {
  const why = `the receive buffer of ${owner.name} is full`;
  const step = bySysctl('net.core.rmem_default', net.sysctls.core.rmem_default, why);
  packet.ledger.recorder?.step(packet, net.place, site, step);
  return drop(packet, net.place, site, 'kernel:SOCKET_RCVBUFF', why);
}

/** Tells the socket that sent it of an error about a datagram. Models __udp4_lib_err() with IP_RECVERR. */
export function udpErr(net: Net, packet: Packet): SocketOwner | undefined {
  const quoted = quotedPacket(packet) as QuotedPacket;
  const [sourcePort, destinationPort] = quotedPorts(packet, quoted);
  const { source, destination } = quoted.ip;
  // The device itself, unlike udp_rcv(): who is bound to that of an own address hears of no error that came over lo.
  const device = net.deviceAt(packet.inputIfindex)?.name ?? '';
  const socket = net.parts.udp.lookup(destination, destinationPort, source, sourcePort, device);
  if (socket === undefined) {
    net.counters.IcmpInErrors++;
    return undefined;
  }
  // A redirect is none of the program's business.
  const isRedirect = new IcmpHeader(packet.bytes, packet.transportOffset).type === ICMP_REDIRECT;
  if (!isRedirect) socket.receiveError(net.clock, socketErrorOf(packet, quoted));
  return socket.owner;
}
