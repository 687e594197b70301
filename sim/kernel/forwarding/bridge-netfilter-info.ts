import { must } from '../../core/assert.ts';
import type { NetDevice } from '../../link/device.ts';
import type { BridgeInfo, Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { Mac } from '../../wire/mac.ts';

/** What br_netfilter knows of a packet between its hooks (struct nf_bridge_info). */
export interface NfBridgeInfo extends BridgeInfo {
  /** The port it came in by. */
  readonly physicalInput: NetDevice;
  /** The port it leaves by; undefined before the bridge has chosen one, and for what is routed. */
  physicalOutput: NetDevice | undefined;
  /** The frame is addressed to another MAC; within the hooks of IP nobody may know. */
  isOtherHost: boolean;
  inPreRouting: boolean;
  /** PRE_ROUTING was passed over once, because the bridge had it run. */
  sabotageDone: boolean;
  /** Its destination was translated, and its neighbour on the bridge is being resolved. */
  isBridgedDnat: boolean;
  /** The destination it came with. */
  readonly destination: Ipv4;
  /** IPCB frag_max_size, which the bridge's own use of the control block overwrites. */
  fragMaxSize: number;
  /** The source of its frame, which address resolution overwrites. */
  source: Mac;
}

/** Undefined for a packet that came in by no bridge with br_netfilter (nf_bridge_info_get). */
export function bridgeInfoOf(packet: Packet): NfBridgeInfo | undefined {
  return packet.bridgeInfo as NfBridgeInfo | undefined;
}

/** Of a packet within the hooks of br_netfilter. */
export function knownBridgeInfo(packet: Packet): NfBridgeInfo {
  return must(bridgeInfoOf(packet), `packet ${packet.number} came in by no bridge`);
}
