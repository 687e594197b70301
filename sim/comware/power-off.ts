import { destroyNamespace, unregisterDevice } from '../kernel/control.ts';
import { PuntDevice } from '../link/punt.ts';
import { drop, release } from '../packet/fate.ts';
import type { Site } from '../packet/place.ts';
import type { Comware } from './comware.ts';
import { undoAddress } from './configuration.ts';

const SITE: Site = { component: 'Comware stack', function: 'power off' };

/**
 * The Comware container ends without a word to anybody: its sockets, what it holds, its interfaces and its namespace
 * go. The physical ports stay in the machine, down, for the Comware that boots next.
 */
export function powerOff(cw: Comware): void {
  for (const socket of [...cw.parts.udp.list(), ...cw.parts.ping.list()]) socket.close();
  cw.parts.tcp.destroy();
  for (const packet of cw.inLoop.splice(0)) drop(release(packet), cw.place, SITE, 'comware:QUEUE_PURGE', 'InLoop0');
  cw.nat.fragments.purge();
  cw.parts.reassembler.purge('comware:QUEUE_PURGE');
  for (const one of cw.interfaces) {
    const { port } = one;
    undoAddress(cw, one);
    if (port === undefined) continue;
    cw.parts.arp.flush(one);
    port.onCarrier = undefined;
    port.setUp(false);
    port.receiver = undefined;
  }
  cw.interfaces.length = 0;
  cw.statics.length = 0;
  cw.fib.rebuild([], []);
  for (const device of [...cw.net.devices]) {
    if (!(device instanceof PuntDevice)) continue;
    device.userSide = undefined;
    unregisterDevice(cw.net, device);
    cw.host.deviceGone(device);
  }
  destroyNamespace(cw.net);
}
