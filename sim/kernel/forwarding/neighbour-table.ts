import type { Chance } from '../../core/chance.ts';
import { type Clock, cancel, type Timer } from '../../core/events.ts';
import { ms, type SimTime, seconds, ZERO } from '../../core/time.ts';
import type { NetDevice } from '../../link/device.ts';
import { drop, type Fate, hold, release } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { formatMac, type Mac } from '../../wire/mac.ts';
import type { NeighbourSysctls } from '../sysctl.ts';

/** NUD states (include/uapi/linux/neighbour.h). */
export type NeighbourState = 'NONE' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED' | 'PERMANENT';

const VALID: readonly NeighbourState[] = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT'];
const CONNECTED: readonly NeighbourState[] = ['REACHABLE', 'PERMANENT'];
const IN_TIMER: readonly NeighbourState[] = ['INCOMPLETE', 'REACHABLE', 'DELAY', 'PROBE'];

const isValid = (state: NeighbourState): boolean => VALID.includes(state);
const isConnected = (state: NeighbourState): boolean => CONNECTED.includes(state);

/** Beside its bytes a queued packet costs the kernel a struct sk_buff and its shared info (SKB_TRUESIZE). */
const SKB_OVERHEAD = 576;

/** One neighbour (struct neighbour). */
export interface Neighbour {
  readonly address: Ipv4;
  readonly device: NetDevice;
  state: NeighbourState;
  mac: Mac;
  probes: number;
  /** When something last proved that it is there, was last used, last changed. */
  confirmed: SimTime;
  used: SimTime;
  updated: SimTime;
  /** Something was sent to it, which left the link header for it ready (hh_cache). */
  hasHeader: boolean;
  readonly queue: Packet[];
  queuedBytes: number;
  timer: Timer | undefined;
}

/** What the table needs of ARP and of ICMP. */
export interface NeighbourOps {
  /** Asks for `neighbour`: by broadcast, or by unicast to the MAC it had (arp_solicit). `waiting` is the last packet queued. */
  solicit(neighbour: Neighbour, unicast: boolean, waiting: Packet | undefined): void;
  /** Sends a packet whose neighbour is known now; `head` is at the IP header. */
  transmit(packet: Packet, device: NetDevice, mac: Mac): Fate;
  /** Tells the sender of a packet that its next hop is dead (arp_error_report); the packet is dropped after. */
  unreachable(packet: Packet): void;
}

const SITE: Site = { component: 'Kernel forwarding', function: '__neigh_event_send' };

/**
 * The neighbours of a namespace and their life: net/core/neighbour.c. Not modelled: garbage collection (it begins at
 * 128 entries), app probes, per-device parameters.
 */
export class NeighbourTable {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #place: Place;
  readonly #sysctls: NeighbourSysctls;
  readonly #ops: NeighbourOps;
  readonly #entries = new Map<number, Neighbour>();
  #reachableTime: SimTime;
  #reachableDrawn: SimTime = ZERO;

  constructor(clock: Clock, chance: Chance, place: Place, sysctls: NeighbourSysctls, ops: NeighbourOps) {
    this.#clock = clock;
    this.#chance = chance;
    this.#place = place;
    this.#sysctls = sysctls;
    this.#ops = ops;
    this.#reachableTime = this.#drawReachableTime();
  }

  get held(): number {
    let count = 0;
    for (const neighbour of this.#entries.values()) count += neighbour.queue.length;
    return count;
  }

  lookup(device: NetDevice, address: Ipv4): Neighbour | undefined {
    return this.#entries.get(keyOf(device, address));
  }

  list(): Neighbour[] {
    return [...this.#entries.values()];
  }

  /** Sends a packet to a neighbour, resolving it first where need be (neigh_resolve_output). */
  output(packet: Packet, device: NetDevice, nextHop: Ipv4): Fate {
    const neighbour = this.lookup(device, nextHop) ?? this.#create(device, nextHop);
    packet.ledger.recorder?.step(packet, this.#place, SITE, {
      kind: 'neighbour',
      nextHop: formatIpv4(nextHop),
      device: device.name,
      state: neighbour.state,
      mac: isValid(neighbour.state) ? formatMac(neighbour.mac) : '',
    });
    neighbour.hasHeader ||= isValid(neighbour.state);
    // A connected entry is not noted as used: the cached header goes out past neigh_event_send() (neigh_hh_output).
    if (isConnected(neighbour.state)) return this.#ops.transmit(packet, device, neighbour.mac);
    neighbour.used = this.#clock.now;
    if (neighbour.state === 'DELAY' || neighbour.state === 'PROBE') {
      return this.#ops.transmit(packet, device, neighbour.mac);
    }
    if (neighbour.state === 'STALE') {
      this.#enter(neighbour, 'DELAY', seconds(this.#sysctls.delay_first_probe_time));
      return this.#ops.transmit(packet, device, neighbour.mac);
    }
    return this.#queue(packet, neighbour);
  }

  /** The MAC of a neighbour that is there and was sent something before, for whoever writes it into a frame itself. */
  readyMac(device: NetDevice, address: Ipv4): Mac | undefined {
    const neighbour = this.lookup(device, address);
    return neighbour?.hasHeader && isConnected(neighbour.state) ? neighbour.mac : undefined;
  }

  /** Something above proved that the neighbour is there (dst_confirm_neigh). */
  confirm(device: NetDevice, nextHop: Ipv4): void {
    const neighbour = this.lookup(device, nextHop);
    if (neighbour !== undefined && isValid(neighbour.state)) neighbour.confirmed = this.#clock.now;
  }

  /** A request came from it: it exists, but nobody knows whether it hears us (neigh_event_ns). */
  heardRequest(device: NetDevice, address: Ipv4, mac: Mac): void {
    const neighbour = this.lookup(device, address) ?? this.#create(device, address);
    this.update(neighbour, mac, 'STALE', true);
  }

  /**
   * Takes in what ARP or the administrator says of a neighbour. `override`: a different MAC replaces a valid one.
   * Models __neigh_update().
   */
  update(
    neighbour: Neighbour,
    mac: Mac,
    state: 'REACHABLE' | 'STALE' | 'PERMANENT',
    override: boolean,
    admin = false,
  ): void {
    const old = neighbour.state;
    if (!admin && old === 'PERMANENT') return;
    let next: NeighbourState = state;
    const changed = mac !== neighbour.mac;
    if (isConnected(next)) neighbour.confirmed = this.#clock.now;
    if (isValid(old)) {
      if (changed && !override) return;
      if (!changed && next === 'STALE' && !admin) next = old;
    }
    if (next !== old || changed) neighbour.updated = this.#clock.now;
    if (next !== old) this.#enter(neighbour, next, next === 'REACHABLE' ? this.#reachable() : ZERO);
    if (changed) {
      neighbour.mac = mac;
      // Unproven: far enough in the past that DELAY ends in PROBE.
      if (!isConnected(next)) neighbour.confirmed = -Infinity as SimTime;
    }
    if (!isValid(old)) this.#flushQueue(neighbour);
  }

  /** `ip neigh add|replace`. */
  addPermanent(device: NetDevice, address: Ipv4, mac: Mac): void {
    this.update(this.lookup(device, address) ?? this.#create(device, address), mac, 'PERMANENT', true, true);
  }

  /** `ip neigh del`; what waits for it is dropped. False when there is none. */
  remove(device: NetDevice, address: Ipv4): boolean {
    const neighbour = this.lookup(device, address);
    if (neighbour === undefined) return false;
    this.#forget(neighbour);
    return true;
  }

  /** The device went down or lost its carrier (neigh_ifdown, neigh_carrier_down). */
  flush(device: NetDevice, keepPermanent: boolean): void {
    for (const neighbour of this.list()) {
      if (neighbour.device !== device || (keepPermanent && neighbour.state === 'PERMANENT')) continue;
      this.#forget(neighbour);
    }
  }

  /** How long after `updated` a different MAC is not believed, so that the first of several answers stays. */
  isLocked(neighbour: Neighbour): boolean {
    return this.#clock.now <= neighbour.updated + ms(this.#sysctls.locktime * 10);
  }

  /** An entry for an address, made if there is none (arp_accept). */
  findOrCreate(device: NetDevice, address: Ipv4): Neighbour {
    return this.lookup(device, address) ?? this.#create(device, address);
  }

  #create(device: NetDevice, address: Ipv4): Neighbour {
    const now = this.#clock.now;
    const neighbour: Neighbour = {
      address,
      device,
      state: 'NONE',
      mac: 0,
      probes: 0,
      confirmed: -Infinity as SimTime,
      used: now,
      updated: now,
      hasHeader: false,
      queue: [],
      queuedBytes: 0,
      timer: undefined,
    };
    this.#entries.set(keyOf(device, address), neighbour);
    return neighbour;
  }

  #queue(packet: Packet, neighbour: Neighbour): Fate {
    const isNew = neighbour.state !== 'INCOMPLETE';
    if (isNew) {
      // Unicast probes are skipped: there is no MAC to send them to.
      neighbour.probes = this.#sysctls.ucast_solicit;
      neighbour.updated = this.#clock.now;
      this.#enter(neighbour, 'INCOMPLETE', this.#retransmit());
    }
    const cost = packet.length + SKB_OVERHEAD;
    while (neighbour.queue.length > 0 && neighbour.queuedBytes + cost > this.#sysctls.unres_qlen_bytes) {
      const oldest = neighbour.queue.shift() as Packet;
      neighbour.queuedBytes -= oldest.length + SKB_OVERHEAD;
      drop(release(oldest), this.#place, SITE, 'kernel:NEIGH_QUEUEFULL', formatIpv4(neighbour.address));
    }
    neighbour.queue.push(packet);
    neighbour.queuedBytes += cost;
    const fate = hold(packet, this.#place, SITE, `queue of neighbour ${formatIpv4(neighbour.address)}`);
    if (isNew) this.#probe(neighbour);
    return fate;
  }

  #probe(neighbour: Neighbour): void {
    const unicast = neighbour.probes < this.#sysctls.ucast_solicit;
    neighbour.probes++;
    this.#ops.solicit(neighbour, unicast, neighbour.queue.at(-1));
  }

  #enter(neighbour: Neighbour, state: NeighbourState, delay: SimTime): void {
    cancel(neighbour.timer);
    neighbour.state = state;
    neighbour.timer = IN_TIMER.includes(state) ? this.#clock.after(delay, this.#onTimer, neighbour) : undefined;
  }

  /** Models neigh_timer_handler(). */
  readonly #onTimer = (neighbour: Neighbour): void => {
    const now = this.#clock.now;
    const delayTime = seconds(this.#sysctls.delay_first_probe_time);
    switch (neighbour.state) {
      case 'REACHABLE': {
        const until = neighbour.confirmed + this.#reachable();
        if (now < until) this.#enter(neighbour, 'REACHABLE', (until - now) as SimTime);
        else if (now <= neighbour.used + delayTime) {
          neighbour.updated = now;
          this.#enter(neighbour, 'DELAY', delayTime);
        } else {
          neighbour.updated = now;
          this.#enter(neighbour, 'STALE', ZERO);
        }
        return;
      }
      case 'DELAY':
        neighbour.updated = now;
        if (now <= neighbour.confirmed + delayTime) {
          this.#enter(neighbour, 'REACHABLE', Math.max(0, neighbour.confirmed + this.#reachable() - now) as SimTime);
          return;
        }
        neighbour.probes = 0;
        this.#enter(neighbour, 'PROBE', this.#retransmit());
        this.#probe(neighbour);
        return;
      case 'PROBE':
      case 'INCOMPLETE':
        if (neighbour.probes >= this.#maxProbes(neighbour.state)) this.#fail(neighbour);
        else {
          this.#enter(neighbour, neighbour.state, this.#retransmit());
          this.#probe(neighbour);
        }
        return;
      default:
        return;
    }
  };

  #maxProbes(state: 'PROBE' | 'INCOMPLETE'): number {
    return this.#sysctls.ucast_solicit + (state === 'INCOMPLETE' ? this.#sysctls.mcast_solicit : 0);
  }

  /** Models neigh_invalidate(): every packet that waits is reported and dropped. */
  #fail(neighbour: Neighbour): void {
    neighbour.updated = this.#clock.now;
    this.#enter(neighbour, 'FAILED', ZERO);
    // Reporting may make new packets wait for this very neighbour: they are a new round.
    const waiting = neighbour.queue.splice(0);
    neighbour.queuedBytes = 0;
    for (const packet of waiting) {
      this.#ops.unreachable(release(packet));
      drop(packet, this.#place, SITE, 'kernel:NEIGH_FAILED', `no answer from ${formatIpv4(neighbour.address)}`);
    }
  }

  #flushQueue(neighbour: Neighbour): void {
    neighbour.queuedBytes = 0;
    neighbour.hasHeader ||= neighbour.queue.length > 0;
    for (const packet of neighbour.queue.splice(0)) {
      this.#ops.transmit(release(packet), neighbour.device, neighbour.mac);
    }
  }

  #forget(neighbour: Neighbour): void {
    cancel(neighbour.timer);
    this.#entries.delete(keyOf(neighbour.device, neighbour.address));
    for (const packet of neighbour.queue.splice(0)) {
      drop(
        release(packet),
        this.#place,
        SITE,
        'kernel:QUEUE_PURGE',
        `neighbour ${formatIpv4(neighbour.address)} is gone`,
      );
    }
  }

  #retransmit(): SimTime {
    return ms(Math.max(this.#sysctls.retrans_time_ms, 10));
  }

  /** Half to one and a half times base_reachable_time, drawn afresh every five minutes (neigh_rand_reach_time). */
  #reachable(): SimTime {
    if (this.#clock.now - this.#reachableDrawn >= seconds(300)) this.#reachableTime = this.#drawReachableTime();
    return this.#reachableTime;
  }

  #drawReachableTime(): SimTime {
    this.#reachableDrawn = this.#clock.now;
    const base = this.#sysctls.base_reachable_time_ms;
    return ms(base / 2 + this.#chance.below(base));
  }
}

function keyOf(device: NetDevice, address: Ipv4): number {
  return device.ifindex * 0x100000000 + address;
}
