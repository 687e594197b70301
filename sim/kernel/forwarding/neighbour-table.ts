import type { Chance } from '../../core/chance.ts';
import { type Clock, cancel } from '../../core/events.ts';
import { ms, type SimTime, seconds, ZERO } from '../../core/time.ts';
import type { NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import { drop, type Fate, hold, release } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';
import { trueSize } from '../../packet/true-size.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import type { Mac } from '../../wire/mac.ts';
import type { NeighbourSysctls, Sysctls } from '../sysctl.ts';
import {
  isConnected,
  isInTimer,
  isValid,
  Neighbour,
  type NeighbourOps,
  type NeighbourState,
  type SolicitWay,
} from './neighbour.ts';
import { NeighbourCollector } from './neighbour-gc.ts';
import { ReachableTime } from './reachable-time.ts';

/**
 * How late the kernel's timers are by half the granularity of their level of the timer wheel, in ns: 256 ms from 2.048 s
 * on, 32 ms below (kernel/time/timer.c calc_index(), HZ 250).
 */
function lateness(delay: SimTime): number {
  return delay >= 2_048e6 ? 128e6 : 16e6;
}

const SITE: Site = { component: 'Kernel forwarding', function: '__neigh_event_send' };
const CREATE: Site = { component: 'Kernel forwarding', function: '__neigh_create' };

/**
 * The neighbours of a namespace and their life: net/core/neighbour.c. Not modelled: a daemon that resolves for the kernel
 * (app_solicit spends its time, nobody answers).
 */
export class NeighbourTable {
  readonly #clock: Clock;
  readonly #reachableTime: ReachableTime;
  readonly #place: Place;
  readonly #sysctls: Sysctls;
  readonly #ops: NeighbourOps;
  readonly #entries = new Set<Neighbour>();
  /** By interface index, then by address as a signed number, which a map finds faster. */
  readonly #byDevice: (Map<number, Neighbour> | undefined)[] = [];
  /** The one last found on each device, which is asked for again by the next packet of a flow. */
  readonly #recent: (Neighbour | undefined)[] = [];
  readonly #collector: NeighbourCollector;

  constructor(clock: Clock, chance: Chance, place: Place, sysctls: Sysctls, ops: NeighbourOps) {
    this.#clock = clock;
    this.#reachableTime = new ReachableTime(clock, chance);
    this.#place = place;
    this.#sysctls = sysctls;
    this.#ops = ops;
    this.#collector = new NeighbourCollector({
      ...{ clock, bounds: sysctls.neighbourTable, defaults: sysctls.neighbour },
      parametersOf: (device) => this.#parametersOf(device),
      entries: () => this.#entries.values(),
      forget: (neighbour) => this.#forget(neighbour),
    });
  }

  get held(): number {
    let count = 0;
    for (const neighbour of this.#entries) count += neighbour.queue.length;
    return count;
  }

  /** Whether the packet of this number waits here. */
  holds(packet: number): boolean {
    for (const { queue } of this.#entries) if (queue.some(({ number }) => number === packet)) return true;
    return false;
  }

  lookup(device: NetDevice, address: Ipv4): Neighbour | undefined {
    const { ifindex } = device;
    const recent = this.#recent[ifindex];
    if (recent !== undefined && recent.address === address) return recent;
    const found = this.#byDevice[ifindex]?.get(address | 0);
    if (found !== undefined) this.#recent[ifindex] = found;
    return found;
  }

  list(): Neighbour[] {
    return [...this.#entries];
  }

  /** Sends a packet to a neighbour, resolving it first where need be (neigh_resolve_output). */
  output(packet: Packet, device: NetDevice, nextHop: Ipv4): Fate {
    const neighbour = this.findOrCreate(device, nextHop);
    if (neighbour === undefined) return this.#overflow(packet, nextHop);
    // That the destination itself is a group, its route has told.
    if (neighbour.state === 'NOARP' && nextHop === packet.ip.destination) return this.#transmit(packet, neighbour);
    packet.ledger.recorder?.step(packet, this.#place, SITE, neighbour.step);
    // With its header ready a connected entry is not noted as used: neigh_hh_output() passes neigh_event_send() by.
    if (isConnected(neighbour.state) && neighbour.hasHeader) {
      return this.#ops.transmit(packet, device, neighbour.mac);
    }
    neighbour.used = this.#clock.now;
    if (neighbour.state === 'STALE') {
      neighbour.updated = this.#clock.now;
      this.#enter(neighbour, 'DELAY', seconds(this.#parametersOf(device).delay_first_probe_time));
    }
    return isValid(neighbour.state) ? this.#transmit(packet, neighbour) : this.#queue(packet, neighbour);
  }

  /** The MAC of a neighbour that is there and was sent something before, for whoever writes it into a frame itself. */
  readyMac(device: NetDevice, address: Ipv4): Mac | undefined {
    const neighbour = this.lookup(device, address);
    return neighbour?.hasHeader && isConnected(neighbour.state) ? neighbour.mac : undefined;
  }

  /** Whether the MAC of an address is known; if not, it is asked for, and no packet waits (neigh_event_send() of none). */
  isKnown(device: NetDevice, address: Ipv4): boolean {
    const neighbour = this.findOrCreate(device, address);
    if (neighbour === undefined) return false;
    if (isValid(neighbour.state)) return true;
    neighbour.used = this.#clock.now;
    if (this.#begin(neighbour)) this.#probe(neighbour);
    return false;
  }

  /** Something above proved that the neighbour is there (dst_confirm_neigh). */
  confirm(device: NetDevice, nextHop: Ipv4): void {
    const neighbour = this.lookup(device, nextHop);
    if (neighbour !== undefined) neighbour.confirmed = this.#clock.now;
  }

  /**
   * A request came from it: it exists, but nobody knows whether it hears us (neigh_event_ns). False where the table has no
   * room for it.
   */
  heardRequest(device: NetDevice, address: Ipv4, mac: Mac): boolean {
    const neighbour = this.findOrCreate(device, address);
    if (neighbour !== undefined) this.update(neighbour, mac, 'STALE', true);
    return neighbour !== undefined;
  }

  /**
   * Takes in what ARP or the administrator says of a neighbour. `override`: a different MAC replaces a valid one.
   * Models __neigh_update() for states in which the MAC is known.
   */
  update(
    neighbour: Neighbour,
    mac: Mac,
    state: 'REACHABLE' | 'STALE' | 'PERMANENT',
    override: boolean,
    admin = false,
  ): void {
    const { now } = this.#clock;
    const old = neighbour.state;
    if (!admin && (old === 'PERMANENT' || old === 'NOARP')) return;
    let next: NeighbourState = state;
    const changed = !isValid(old) || mac !== neighbour.mac;
    if (isConnected(next)) neighbour.confirmed = now;
    if (isValid(old)) {
      if (changed && !override) return;
      if (!changed && next === 'STALE' && !admin) next = old;
    }
    if (next !== old || changed) neighbour.updated = now;
    if (next !== old) this.#enter(neighbour, next, next === 'REACHABLE' ? this.#reachable(neighbour) : ZERO);
    if (changed) {
      neighbour.mac = mac;
      if (!isConnected(next)) neighbour.confirmed = this.#longAgo(neighbour.device);
    }
    if (!isValid(old)) this.#flushQueue(neighbour);
  }

  /** `ip neigh add|replace`: a state with a MAC, or FAILED. False where the table has no room; for good there always is. */
  set(device: NetDevice, address: Ipv4, mac: Mac, state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'FAILED'): boolean {
    const neighbour = this.findOrCreate(device, address, state === 'PERMANENT');
    if (neighbour === undefined) return false;
    if (state === 'FAILED') this.#giveUp(neighbour);
    else this.update(neighbour, mac, state, true, true);
    return true;
  }

  /** `ip neigh del`; who waits for it is told that it is unreachable. False when there is none. Models neigh_delete(). */
  remove(device: NetDevice, address: Ipv4): boolean {
    const neighbour = this.lookup(device, address);
    if (neighbour === undefined) return false;
    this.#giveUp(neighbour);
    this.#forget(neighbour);
    return true;
  }

  /** The device went down, lost its carrier or changed its MAC (neigh_ifdown, neigh_carrier_down, neigh_changeaddr). */
  flush(device: NetDevice, keepPermanent: boolean): void {
    for (const neighbour of this.list()) {
      if (neighbour.device !== device || (keepPermanent && neighbour.state === 'PERMANENT')) continue;
      this.#forget(neighbour);
    }
  }

  /** How long after `updated` a different MAC is not believed, so that the first of several answers stays. */
  isLocked(neighbour: Neighbour): boolean {
    return this.#clock.now <= neighbour.updated + ms(this.#parametersOf(neighbour.device).locktime * 10);
  }

  /**
   * An entry for an address, made if there is none; undefined where there is no room for it, which `isExempt` needs none of
   * (___neigh_create).
   */
  findOrCreate(device: NetDevice, address: Ipv4, isExempt = false): Neighbour | undefined {
    const known = this.lookup(device, address);
    if (known !== undefined) return known;
    if (!isExempt && !this.#collector.hasRoom()) return undefined;
    const { now } = this.#clock;
    const mac = this.#ops.macWithoutArp(device, address);
    const made = new Neighbour(device, address, mac, now, this.#longAgo(device));
    this.#entries.add(made);
    this.#of(device).set(address | 0, made);
    this.#collector.entered();
    return made;
  }

  /** "neighbour: arp_cache: neighbor table overflow!", as the kernel's log has it. */
  #overflow(packet: Packet, address: Ipv4): Fate {
    const { gc_thresh3 } = this.#sysctls.neighbourTable;
    const step = bySysctl('net.ipv4.neigh.default.gc_thresh3', gc_thresh3, 'neighbor table overflow');
    packet.ledger.recorder?.step(packet, this.#place, CREATE, step);
    return drop(packet, this.#place, CREATE, 'kernel:NEIGH_CREATEFAIL', formatIpv4(address));
  }

  #parametersOf(device: NetDevice): NeighbourSysctls {
    return this.#sysctls.neighbourOf(device.name);
  }

  #of(device: NetDevice): Map<number, Neighbour> {
    const known = this.#byDevice[device.ifindex] ?? new Map<number, Neighbour>();
    this.#byDevice[device.ifindex] = known;
    return known;
  }

  #transmit(packet: Packet, neighbour: Neighbour): Fate {
    neighbour.hasHeader = true;
    return this.#ops.transmit(packet, neighbour.device, neighbour.mac);
  }

  /** Sets the search for a MAC going; false where it is going already, or must not. */
  #begin(neighbour: Neighbour): boolean {
    if (neighbour.state === 'INCOMPLETE') return false;
    const parameters = this.#parametersOf(neighbour.device);
    neighbour.updated = this.#clock.now;
    if (parameters.mcast_solicit + parameters.app_solicit === 0) {
      this.#enter(neighbour, 'FAILED', ZERO);
      return false;
    }
    // Unicast probes are skipped: there is no MAC to send them to.
    neighbour.probes = parameters.ucast_solicit;
    this.#enter(neighbour, 'INCOMPLETE', retransmit(parameters));
    return true;
  }

  /** The packet waits, and the first one sets the search going. Models __neigh_event_send(). */
  #queue(packet: Packet, neighbour: Neighbour): Fate {
    const isNew = this.#begin(neighbour);
    if (neighbour.state === 'FAILED') {
      return drop(packet, this.#place, SITE, 'kernel:NEIGH_FAILED', 'no request may be sent (mcast_solicit 0)');
    }
    const parameters = this.#parametersOf(neighbour.device);
    const cost = trueSize(packet.length);
    while (neighbour.queue.length > 0 && neighbour.queuedBytes + cost > parameters.unres_qlen_bytes) {
      const oldest = neighbour.queue.shift() as Packet;
      neighbour.queuedBytes -= trueSize(oldest.length);
      drop(release(oldest), this.#place, SITE, 'kernel:NEIGH_QUEUEFULL', formatIpv4(neighbour.address));
    }
    neighbour.queue.push(packet);
    neighbour.queuedBytes += cost;
    const fate = hold(packet, this.#place, SITE, `queue of neighbour ${formatIpv4(neighbour.address)}`);
    if (isNew) this.#probe(neighbour);
    return fate;
  }

  #probe(neighbour: Neighbour): void {
    const { ucast_solicit, app_solicit } = this.#parametersOf(neighbour.device);
    const done = neighbour.probes - ucast_solicit;
    const way: SolicitWay = done < 0 ? 'unicast' : done < app_solicit ? 'daemon' : 'broadcast';
    this.#ops.solicit(neighbour, way, neighbour.queue.at(-1));
    neighbour.probes++;
  }

  #enter(neighbour: Neighbour, state: NeighbourState, delay: SimTime): void {
    cancel(neighbour.timer);
    const isPermanent = state === 'PERMANENT';
    if (isPermanent !== (neighbour.state === 'PERMANENT')) this.#collector.changed(isPermanent);
    neighbour.state = state;
    neighbour.timer = isInTimer(state) ? this.#clock.after(delay, this.#onTimer, neighbour) : undefined;
  }

  /** Models neigh_timer_handler(). */
  readonly #onTimer = (neighbour: Neighbour): void => {
    const { now } = this.#clock;
    const parameters = this.#parametersOf(neighbour.device);
    const delayTime = seconds(parameters.delay_first_probe_time);
    switch (neighbour.state) {
      case 'REACHABLE': {
        const until = neighbour.confirmed + this.#reachable(neighbour);
        if (now < until) this.#enter(neighbour, 'REACHABLE', (until - now) as SimTime);
        else {
          neighbour.updated = now;
          if (now <= neighbour.used + delayTime) this.#enter(neighbour, 'DELAY', delayTime);
          else this.#enter(neighbour, 'STALE', ZERO);
        }
        return;
      }
      case 'DELAY':
        neighbour.updated = now;
        // The kernel's timer is late: what was confirmed in the moment that the delay began is confirmed too long ago.
        if (now + lateness(delayTime) < neighbour.confirmed + delayTime) {
          const left = neighbour.confirmed + this.#reachable(neighbour) - now;
          this.#enter(neighbour, 'REACHABLE', Math.max(0, left) as SimTime);
          return;
        }
        neighbour.probes = 0;
        this.#search(neighbour, 'PROBE', parameters);
        return;
      case 'PROBE':
      case 'INCOMPLETE':
        this.#search(neighbour, neighbour.state, parameters);
        return;
      default:
        return;
    }
  };

  /** The next request, or the end of the search (neigh_max_probes). */
  #search(neighbour: Neighbour, state: 'PROBE' | 'INCOMPLETE', parameters: NeighbourSysctls): void {
    const { ucast_solicit, app_solicit, mcast_solicit, mcast_resolicit } = parameters;
    const most = ucast_solicit + app_solicit + (state === 'PROBE' ? mcast_resolicit : mcast_solicit);
    if (neighbour.probes >= most) {
      neighbour.updated = this.#clock.now;
      this.#giveUp(neighbour);
      return;
    }
    this.#enter(neighbour, state, retransmit(parameters));
    this.#probe(neighbour);
  }

  /** FAILED, and every packet that waits is reported and dropped. Models neigh_invalidate(). */
  #giveUp(neighbour: Neighbour): void {
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
    for (const packet of neighbour.queue.splice(0)) {
      neighbour.used = this.#clock.now;
      this.#transmit(release(packet), neighbour);
    }
  }

  #forget(neighbour: Neighbour): void {
    cancel(neighbour.timer);
    this.#entries.delete(neighbour);
    this.#of(neighbour.device).delete(neighbour.address | 0);
    this.#recent[neighbour.device.ifindex] = undefined;
    this.#collector.left(neighbour.state === 'PERMANENT');
    const why = `neighbour ${formatIpv4(neighbour.address)} is gone`;
    for (const packet of neighbour.queue.splice(0)) {
      drop(release(packet), this.#place, SITE, 'kernel:QUEUE_PURGE', why);
    }
  }

  #reachable(neighbour: Neighbour): SimTime {
    const { device } = neighbour;
    return this.#reachableTime.of(device, this.#parametersOf(device).base_reachable_time_ms);
  }

  /** Unproven: far enough in the past that DELAY ends in PROBE. */
  #longAgo(device: NetDevice): SimTime {
    return (this.#clock.now - ms(2 * this.#parametersOf(device).base_reachable_time_ms)) as SimTime;
  }
}

function retransmit(parameters: NeighbourSysctls): SimTime {
  return ms(Math.max(parameters.retrans_time_ms, 10));
}
