import { seconds } from '../core/time.ts';
import { Backlog } from '../link/backlog.ts';
import { LoopbackDevice } from '../link/loopback.ts';
import { bySysctl } from '../packet/because.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { Reassembler, type ReassemblyLimits } from '../transport/ip-reassembly.ts';
import { PingTable } from '../transport/ping.ts';
import { TcpTable } from '../transport/tcp/table.ts';
import { UdpTable } from '../transport/udp.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../wire/ethernet.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_TIME, ICMP_HOST_UNREACH, ICMP_TIME_EXCEEDED } from '../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { addAddress, LOOPBACK_ADDRESS, registerDevice, setLink } from './control.ts';
import { arpRcv, arpSolicit, macWithoutArp } from './forwarding/arp.ts';
import { ipRcv } from './forwarding/ip-input.ts';
import { transmitTo } from './forwarding/ip-output.ts';
import { NeighbourTable } from './forwarding/neighbour-table.ts';
import { PathMtuTable } from './forwarding/path-mtu.ts';
import { ProxyNeighbours } from './forwarding/proxy-neighbours.ts';
import { ipRouteInput } from './forwarding/route-input.ts';
import { type EtherTypeHandler, Net, type NetEnvironment, type ProtocolHandler } from './net.ts';
import { icmpRcv, icmpSend, pingErr } from './stack/icmp.ts';
import { IcmpRateLimit } from './stack/icmp-rate-limit.ts';
import { KernelSender } from './stack/ip-send.ts';
import { LinuxProfile } from './stack/linux-profile.ts';
import { PacketSockets } from './stack/packet-socket.ts';
import { isForGroup, mayRefuse, TCP_DROPS, TCP_RCV, tcpErr, tcpRcv } from './stack/tcp-input.ts';
import { udpErr, udpRcv } from './stack/udp-input.ts';

const RECEIVE: Site = { component: 'Kernel forwarding', function: '__netif_receive_skb_core' };
const DEFRAG: Site = { component: 'Inet stack', function: 'ip_defrag' };

/**
 * Makes a network namespace: its dispatch tables, its sockets, and lo with 127.0.0.1/8, up. This is the one place
 * that knows which protocols there are (setup_net, inet_init).
 */
export function createNetNamespace(place: Place, environment: NetEnvironment): Net {
  const net = new Net(place, environment);
  const etherTypes = new Map<number, EtherTypeHandler>([
    [ETHERTYPE_IPV4, ipRcv],
    [ETHERTYPE_ARP, arpRcv],
  ]);
  const protocols = new Map<number, ProtocolHandler>([
    [PROTOCOL_ICMP, { handler: icmpRcv, errorHandler: pingErr }],
    [PROTOCOL_TCP, { handler: tcpRcv, errorHandler: tcpErr }],
    [PROTOCOL_UDP, { handler: udpRcv, errorHandler: udpErr }],
  ]);
  const sender = new KernelSender(net);
  const packetSockets = new PacketSockets(net);
  const profile = new LinuxProfile(net.sysctls);
  const lo = new LoopbackDevice(net.clock);
  net.assemble({
    etherTypes,
    protocols,
    neighbours: new NeighbourTable(net.clock, net.chance.fork('neighbour'), place, net.sysctls, {
      macWithoutArp: (device, address) => macWithoutArp(net, device, address),
      solicit: (neighbour, way, waiting) => arpSolicit(net, neighbour, way, waiting),
      transmit: transmitTo,
      unreachable: (packet) => icmpSend(net, packet, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0),
    }),
    proxies: new ProxyNeighbours(),
    pathMtu: new PathMtuTable(net.clock),
    reassembler: new Reassembler(
      net.clock,
      place,
      reassemblyLimits(net),
      {
        site: DEFRAG,
        timeout: 'kernel:FRAG_REASM_TIMEOUT',
        duplicate: 'kernel:DUP_FRAG',
        contradiction: 'kernel:FRAG_TOO_FAR',
        full: 'kernel:NOMEM',
      },
      {
        full: (packet) => {
          const { ipfrag_high_thresh } = net.sysctls.global;
          net.counters.IpReasmFails++;
          const step = bySysctl('net.ipv4.ipfrag_high_thresh', ipfrag_high_thresh, 'the fragments that wait take more');
          packet.ledger.recorder?.step(packet, place, DEFRAG, step);
        },
        expired: (first) => reassemblyExpired(net, first),
        failed: () => {
          net.counters.IpReasmFails++;
        },
      },
    ),
    icmpRateLimit: new IcmpRateLimit(net.clock, net.chance.fork('icmp'), net.sysctls.global, net.peers),
    tcp: new TcpTable({
      ...{ clock: net.clock, sender, profile, chance: net.chance.fork('tcp'), counters: net.counters },
      ...{ place, site: TCP_RCV, reasons: TCP_DROPS, mayRefuse, isForGroup },
    }),
    udp: new UdpTable(sender, profile, net.chance.fork('udp')),
    ping: new PingTable(sender, profile, net.chance.fork('ping')),
    packet: packetSockets,
    icmpSend: (packet, type, code, info) => icmpSend(net, packet, type, code, info),
    looped: new Backlog(net.clock, lo, (packet) => loopedIn(net, packet)),
    receive: (packet, device) => {
      packetSockets.hear(packet, device);
      const handler = etherTypes.get(packet.protocol);
      if (handler !== undefined) return handler(net, packet, device);
      device.rxDropped++;
      const detail = `EtherType 0x${packet.protocol.toString(16).padStart(4, '0')}`;
      return drop(packet, place, RECEIVE, 'kernel:UNHANDLED_PROTO', detail);
    },
  });
  registerDevice(net, lo);
  addAddress(net, lo, LOOPBACK_ADDRESS);
  setLink(net, lo, true);
  return net;
}

/** Asked for anew with each fragment: a change tells at once. */
function reassemblyLimits({ sysctls, peers }: Net): ReassemblyLimits {
  const { global } = sysctls;
  return {
    get timeout() {
      return seconds(global.ipfrag_time);
    },
    get memory() {
      return global.ipfrag_high_thresh;
    },
    get distance() {
      return global.ipfrag_max_dist;
    },
    fragmentsFrom: (source) => ++peers.get(source).fragments,
  };
}

/** A broadcast of our own comes in by the device it left by, with the route it had; captures do not see it. */
function loopedIn(net: Net, packet: Packet): Fate {
  const device = net.deviceAt(packet.inputIfindex);
  if (device === undefined) return drop(packet, net.place, RECEIVE, 'kernel:DEV_READY', 'its device is gone');
  return ipRcv(net, packet, device);
}

/** Models ip_expire(): only the first fragment tells whom to answer. */
function reassemblyExpired(net: Net, first: Packet | undefined): void {
  net.counters.IpReasmFails++;
  net.counters.IpReasmTimeout++;
  if (first !== undefined && isForUs(net, first)) icmpSend(net, first, ICMP_TIME_EXCEEDED, ICMP_FRAG_TIME, 0);
}

/**
 * Connection tracking puts packets together before they are routed; only the host they are for may complain (RFC 792).
 */
function isForUs(net: Net, first: Packet): boolean {
  if (first.destination !== undefined) return true;
  const device = net.deviceAt(first.inputIfindex);
  if (device === undefined) return false;
  const { destination, source, tos } = first.ip;
  const route = ipRouteInput(net, first, destination, source, tos, device);
  if ('reason' in route || route.action !== 'deliver') return false;
  first.destination = route;
  return true;
}
