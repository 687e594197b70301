import { must } from '../core/assert.ts';
import type { Clock } from '../core/events.ts';
import { byMtu } from '../packet/because.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { Backlog } from './backlog.ts';
import { countTooLong, type DeviceOptions, fitsMtu, NetDevice, netifReceive } from './device.ts';
import { scrubPacket } from './scrub.ts';

const XMIT: Site = { component: 'Interface', function: 'veth_xmit' };
const RECEIVE: Site = { component: 'Interface', function: '__netif_rx' };

/** Makes both ends of a virtual cable; they are down. The ends may live in different namespaces. */
export function createVethPair(clock: Clock, a: DeviceOptions, b: DeviceOptions): [VethDevice, VethDevice] {
  const pair: [VethDevice, VethDevice] = [new VethDevice(clock, a), new VethDevice(clock, b)];
  pair[0].join(pair[1]);
  return pair;
}

/** One end of a veth pair: what it sends its peer receives, at the same time. Models drivers/net/veth.c. */
export class VethDevice extends NetDevice {
  readonly kind = 'veth';
  readonly linkType = 'ether';
  /** The pair was deleted. */
  gone = false;
  #peer: VethDevice | undefined;
  readonly #backlog: Backlog;

  constructor(clock: Clock, options: DeviceOptions) {
    super(options);
    this.#backlog = new Backlog(clock, this, (packet) => this.#arrive(packet));
  }

  /** Ties two ends together, once; createVethPair() does. */
  join(peer: VethDevice): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  get peer(): VethDevice {
    return must(this.#peer, `veth ${this.name} has no peer`);
  }

  override get linkPeer(): VethDevice | undefined {
    return this.gone ? undefined : this.#peer;
  }

  override get hasLowerLayer(): boolean {
    return this.peer.receiver === this.receiver && !(this.peer.up && this.peer.carrier);
  }

  get carrier(): boolean {
    return !this.gone && this.peer.up;
  }

  override get held(): number {
    return this.#backlog.length;
  }

  /** Models veth_xmit() and __dev_forward_skb(). */
  startXmit(packet: Packet): Fate {
    const { peer } = this;
    if (this.gone) return drop(packet, this.where, XMIT, 'kernel:DEV_READY', `${this.name} was deleted`);
    if (!fitsMtu(packet, peer)) {
      const detail = `a frame of ${packet.length} bytes, the MTU of ${peer.name} is ${peer.mtu}`;
      const length = packet.length - peer.headerLength;
      packet.ledger.recorder?.step(packet, this.where, XMIT, byMtu(peer.name, peer.mtu, length, 'its far end'));
      countTooLong(this, peer, packet);
      return drop(packet, this.where, XMIT, 'kernel:PKT_TOO_BIG', detail);
    }
    scrubPacket(packet, this.receiver !== peer.receiver);
    const { length } = packet;
    const fate = peer.#backlog.enqueue(packet);
    if (packet.state === 'ended') {
      this.txPackets--;
      this.txBytes -= length;
      this.txDropped++;
    }
    return fate;
  }

  /** `ip link del`: both ends go, out of their bridges too. What is on the way is dropped when it would arrive. */
  destroy(): void {
    if (this.gone) return;
    const ends = [this, this.peer];
    for (const end of ends) end.gone = true;
    for (const end of ends) {
      end.rxHandler?.unregistered(end);
      end.carrierChanged();
    }
  }

  protected override upChanged(): void {
    if (!this.gone) this.peer.carrierChanged();
  }

  #arrive(packet: Packet): Fate {
    if (this.gone) return drop(packet, this.where, RECEIVE, 'kernel:QUEUE_PURGE', `${this.name} was deleted`);
    return netifReceive(packet, this);
  }
}
