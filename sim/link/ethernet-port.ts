import { byCable } from '../packet/because.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { NetDevice } from './device.ts';

const XMIT: Site = { component: 'Interface', function: 'ndo_start_xmit' };

/** What a port sees of the cable in it. */
export interface Medium {
  readonly plugged: boolean;
  /** The port at the other end. */
  farEnd(port: EthernetPort): EthernetPort;
  /** Takes a frame that `from` sends. */
  send(packet: Packet, from: EthernetPort): Fate;
  /** Frames that queue for the cable or are in it, on the way to `port`. */
  heldFor(port: EthernetPort): number;
}

/** A physical Ethernet port: the network card of a host, or a port of a device. */
export class EthernetPort extends NetDevice {
  readonly kind = 'physical';
  readonly linkType = 'ether';
  /** Whether it also receives no more than its MTU, as the end of a veth pair; the MTU of Comware is for what it sends. */
  mtuBoundsReceive = true;
  /** Set by the cable that is put in; undefined for a port without one. */
  medium: Medium | undefined;

  /** The cable is in and the far end is switched on: a port that is shut down sends no signal. */
  get carrier(): boolean {
    return this.medium?.plugged === true && this.medium.farEnd(this).up;
  }

  override get linkPeer(): EthernetPort | undefined {
    return this.medium?.farEnd(this);
  }

  /** The far end is blamed only where the namespace can see it, because it is in the same one. */
  override get hasLowerLayer(): boolean {
    const far = this.medium?.farEnd(this);
    return far !== undefined && far.receiver === this.receiver && !(far.up && far.carrier);
  }

  protected override upChanged(): void {
    if (this.medium?.plugged === true) this.medium.farEnd(this).carrierChanged();
  }

  override get held(): number {
    return this.medium?.heldFor(this) ?? 0;
  }

  startXmit(packet: Packet): Fate {
    if (this.medium === undefined) {
      packet.ledger.recorder?.step(packet, this.where, XMIT, byCable(this.name, 'there is none'));
      return drop(packet, this.where, XMIT, 'link:LINK_DOWN', `${this.name} has no cable`);
    }
    return this.medium.send(packet, this);
  }
}
