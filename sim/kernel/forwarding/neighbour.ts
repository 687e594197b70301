import type { Timer } from '../../core/events.ts';
import type { SimTime } from '../../core/time.ts';
import type { NetDevice } from '../../link/device.ts';
import type { Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Step } from '../../packet/trace.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { formatMac, type Mac } from '../../wire/mac.ts';

/** NUD states (include/uapi/linux/neighbour.h). */
export type NeighbourState =
  | 'NONE'
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'NOARP'
  | 'PERMANENT';

const VALID: readonly NeighbourState[] = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'NOARP', 'PERMANENT'];
const IN_TIMER: readonly NeighbourState[] = ['INCOMPLETE', 'REACHABLE', 'DELAY', 'PROBE'];

/** NUD_VALID: its MAC is known. */
export const isValid = (state: NeighbourState): boolean => VALID.includes(state);
/** NUD_CONNECTED: it is there, as far as anybody can know. */
export const isConnected = (state: NeighbourState): boolean =>
  state === 'REACHABLE' || state === 'PERMANENT' || state === 'NOARP';
/** NUD_IN_TIMER: something happens by itself. */
export const isInTimer = (state: NeighbourState): boolean => IN_TIMER.includes(state);

/** One neighbour (struct neighbour). */
export class Neighbour {
  readonly device: NetDevice;
  readonly address: Ipv4;
  state: NeighbourState;
  mac: Mac;
  probes = 0;
  /** When something last proved that it is there, was last used, last changed. */
  confirmed: SimTime;
  used: SimTime;
  updated: SimTime;
  /** The link header is kept ready (hh_len): what goes out by it is no longer noted in `used`. */
  hasHeader = false;
  readonly queue: Packet[] = [];
  queuedBytes = 0;
  timer: Timer | undefined;
  #told: { readonly state: NeighbourState; readonly mac: Mac; readonly step: Step } | undefined;

  /** `mac` is known of one that is never asked for. */
  constructor(device: NetDevice, address: Ipv4, mac: Mac | undefined, now: SimTime, confirmed: SimTime) {
    this.device = device;
    this.address = address;
    this.state = mac === undefined ? 'NONE' : 'NOARP';
    this.mac = mac ?? 0;
    this.confirmed = confirmed;
    this.used = now;
    this.updated = now;
  }

  /** What a trace says of its use: the same again while nothing of it changes. */
  get step(): Step {
    const { state, mac } = this;
    if (this.#told?.state !== state || this.#told.mac !== mac) {
      const known = isValid(state) ? formatMac(mac) : '';
      const nextHop = formatIpv4(this.address);
      this.#told = { state, mac, step: { kind: 'neighbour', nextHop, device: this.device.name, state, mac: known } };
    }
    return this.#told.step;
  }
}

/** How to ask: by unicast to the MAC it had, by broadcast, or by telling a daemon, which sends nothing here. */
export type SolicitWay = 'unicast' | 'daemon' | 'broadcast';

/** What the table needs of ARP and of ICMP. */
export interface NeighbourOps {
  /** The MAC of an address that is never asked for; undefined for any other (arp_constructor). */
  macWithoutArp(device: NetDevice, address: Ipv4): Mac | undefined;
  /** Asks for `neighbour` (arp_solicit). `waiting` is the last packet queued. */
  solicit(neighbour: Neighbour, way: SolicitWay, waiting: Packet | undefined): void;
  /** Sends a packet whose neighbour is known now; `head` is at the IP header. */
  transmit(packet: Packet, device: NetDevice, mac: Mac): Fate;
  /** Tells the sender of a packet that its next hop is dead (arp_error_report); the packet is dropped after. */
  unreachable(packet: Packet): void;
}
