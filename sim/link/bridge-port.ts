import type { Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Mac } from '../wire/mac.ts';
import type { NetDevice, RxHandler } from './device.ts';

/** What a port asks of the bridge it is in. */
interface PortOwner extends NetDevice {
  handleFrame(packet: Packet, port: BridgePort): Fate;
  linkChanged(port: NetDevice): void;
  mtuChanged(): void;
  macChanged(port: NetDevice, before: Mac): void;
  unregistered(port: NetDevice): void;
}

/** The settings of a port that `bridge link set dev PORT NAME on|off` knows. */
export interface PortFlags {
  /** Frames may leave by the port they came in by. */
  hairpin: boolean;
  /** Source addresses are learnt. */
  learning: boolean;
  /** Unicast to unknown addresses leaves here. */
  flood: boolean;
  mcast_flood: boolean;
  bcast_flood: boolean;
  /** It exchanges no frames with other isolated ports. */
  isolated: boolean;
}

/** A device as a port of a bridge (struct net_bridge_port). */
export class BridgePort implements RxHandler, PortFlags {
  readonly bridge: PortOwner;
  readonly device: NetDevice;
  hairpin = false;
  learning = true;
  flood = true;
  mcast_flood = true;
  bcast_flood = true;
  isolated = false;

  constructor(bridge: PortOwner, device: NetDevice) {
    this.bridge = bridge;
    this.device = device;
  }

  handleFrame(packet: Packet): Fate {
    return this.bridge.handleFrame(packet, this);
  }

  linkChanged(): void {
    this.bridge.linkChanged(this.device);
  }

  mtuChanged(): void {
    this.bridge.mtuChanged();
  }

  macChanged(_device: NetDevice, before: Mac): void {
    this.bridge.macChanged(this.device, before);
  }

  unregistered(): void {
    this.bridge.unregistered(this.device);
  }
}

/** The settings of a device as a port, undefined for one that is none (br_port_get_rtnl). */
export function bridgePortOf(device: NetDevice): BridgePort | undefined {
  return device.rxHandler instanceof BridgePort ? device.rxHandler : undefined;
}
