import { seconds } from '../core/time.ts';
import type { Net } from '../kernel/net.ts';
import { PuntDevice } from '../link/punt.ts';
import type { Place, Site } from '../packet/place.ts';
import { Reassembler, type ReassemblyLimits } from '../transport/ip-reassembly.ts';
import { PingTable } from '../transport/ping.ts';
import { COMWARE_PROFILE } from '../transport/profile.ts';
import { TcpTable } from '../transport/tcp/table.ts';
import { UdpTable } from '../transport/udp.ts';
import { Comware, type ComwareHost } from './comware.ts';
import { arpRequest } from './forwarding/arp.ts';
import { ArpTable } from './forwarding/arp-table.ts';
import { portReceive } from './forwarding/input.ts';
import { transmitTo } from './forwarding/output.ts';
import { downloadListenerRules } from './kernel-link/downloaded-rules.ts';
import { icmpErrorGate } from './kernel-link/icmp-gate.ts';
import { injectIntoKernel } from './kernel-link/inject.ts';
import { linkKernel, refreshDefaultRoute } from './kernel-link/kernel-link.ts';
import { deliverLocally } from './stack/local-delivery.ts';
import { ComwareSender, sendOut } from './stack/sender.ts';
import { TCP_REASONS, TCP_SITE } from './stack/tcp-words.ts';

const REASSEMBLY: Site = { component: 'Comware stack', function: 'reassembly' };

/** An assumption, as nothing is published: as long and as many as Linux lets wait. */
const REASSEMBLY_LIMITS: ReassemblyLimits = {
  timeout: seconds(30),
  memory: 4194304,
  distance: 0,
  fragmentsFrom: () => 0,
};

/** Builds Comware in the namespace `net`, with vrfif0 and the downloaded rules' table, and no interface yet. */
export function createComware(place: Place, sysname: string, net: Net, host: ComwareHost): Comware {
  const cw = new Comware(place, sysname, net, host);
  const sender = new ComwareSender(cw);
  const vrfif0 = new PuntDevice(cw.clock, { name: 'vrfif0', mac: 0, mtu: 1500 });
  cw.assemble({
    arp: new ArpTable(cw.clock, place, {
      request: (entry, cause) => arpRequest(cw, entry, cause),
      transmit: (packet, out, mac) => transmitTo(cw, packet, out, mac),
    }),
    reassembler: new Reassembler(cw.clock, place, REASSEMBLY_LIMITS, {
      site: REASSEMBLY,
      timeout: 'comware:FRAGMENT_TIMEOUT',
      duplicate: 'comware:FRAGMENT_INVALID',
      contradiction: 'comware:FRAGMENT_INVALID',
      full: 'comware:FRAGMENT_QUEUE_FULL',
    }),
    tcp: new TcpTable({
      ...{ clock: cw.clock, sender, profile: COMWARE_PROFILE, chance: cw.chance.fork('tcp'), counters: cw.tcpCounters },
      ...{ place, site: TCP_SITE, reasons: TCP_REASONS, changed: () => downloadListenerRules(cw) },
    }),
    udp: new UdpTable(sender, COMWARE_PROFILE, cw.chance.fork('udp'), () => downloadListenerRules(cw)),
    ping: new PingTable(sender, COMWARE_PROFILE, cw.chance.fork('ping')),
    vrfif0,
    receive: (packet, port) => portReceive(cw, packet, port),
    toStack: (packet, from) => deliverLocally(cw, packet, from),
    send: (packet) => sendOut(cw, packet),
    toKernel: (packet, why) => injectIntoKernel(cw, packet, undefined, why),
    settingsChanged: () => {
      refreshDefaultRoute(cw);
      cw.onFtpServer?.(cw.settings.ftpServer);
    },
  });
  linkKernel(cw, vrfif0);
  net.hooks.register('OUTPUT', icmpErrorGate(cw));
  cw.fib.rebuild(cw.interfaces, cw.statics);
  return cw;
}
