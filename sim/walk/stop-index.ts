import type { SimTime } from '../core/time.ts';
import { boxText, stationsOf, stationText } from '../packet/stations.ts';
import type { Lineage, RecordedStep } from '../packet/trace.ts';
import { isRealDrop } from '../scenario/probe-report.ts';

/** What is marked on the tape: a death, and the rewriting of an address or port. */
export const MARK = { drop: 1, translation: 2 } as const;

/** Of a packet: it resolves addresses; it was flooded to somebody it is not for. */
const ARP = 1;
const NOISE = 2;

/**
 * The stops of a run: runs of steps that one packet makes in one box, in the order in which they happened. Some 30 bytes each,
 * so that a tape of millions can be kept.
 */
export class StopIndex {
  /** How many stops, and how many steps. */
  length = 0;
  steps = 0;
  #first = new Uint32Array(1024);
  #packet = new Uint32Array(1024);
  #station = new Uint32Array(1024);
  #marks = new Uint8Array(1024);
  #time = new Float64Array(1024);
  readonly #stations: string[] = [];
  readonly #stationNumbers = new Map<string, number>();
  /** By packet: its parent, its cause, what all of it began with, its first stop (plus one), and what kind it is. */
  #parent = new Uint32Array(1024);
  #cause = new Uint32Array(1024);
  #root = new Uint32Array(1024);
  #firstStop = new Uint32Array(1024);
  #kind = new Uint8Array(1024);
  /** By what all of it began with: the last packet and the last step of all that it led to. */
  #youngest = new Uint32Array(1024);
  #end = new Uint32Array(1024);
  packets = 0;
  readonly #latest: { packet: number; station: string } = { packet: 0, station: '' };
  /** Where a packet was last, for steps that happen nowhere else. */
  readonly #whereabouts = new Map<number, string>();

  born({ number, parent, cause }: Lineage): void {
    if (number >= this.#parent.length) {
      this.#parent = doubled(this.#parent);
      this.#cause = doubled(this.#cause);
      this.#root = doubled(this.#root);
      this.#firstStop = doubled(this.#firstStop);
      this.#kind = doubled(this.#kind);
      this.#youngest = doubled(this.#youngest);
      this.#end = doubled(this.#end);
    }
    this.#parent[number] = parent;
    this.#cause[number] = cause;
    const before = parent || cause;
    const root = before === 0 ? number : this.rootOf(before);
    this.#root[number] = root;
    this.#youngest[root] = number;
    this.packets = number;
  }

  add(step: RecordedStep): void {
    const { packet } = step;
    const station = stationOf(step) ?? this.#whereaboutsOf(packet) ?? boxText(step.component, step.place);
    if (packet !== this.#latest.packet || station !== this.#latest.station) this.#begin(step, station);
    this.steps = step.order + 1;
    const at = this.length - 1;
    this.#end[this.rootOf(packet)] = step.order;
    this.#marks[at] = (this.#marks[at] ?? 0) | markOf(step);
    if (isEnd(step)) this.#whereabouts.delete(packet);
    else this.#whereabouts.set(packet, station);
    if (step.kind === 'originate' && step.origin === 'arp') this.#kind[packet] = ARP;
    if (step.kind === 'drop' && !isRealDrop(step)) this.#kind[packet] = NOISE;
  }

  /** A copy is born where its original is. */
  #whereaboutsOf(packet: number): string | undefined {
    return this.#whereabouts.get(packet) ?? this.#whereabouts.get(this.parent(packet));
  }

  #begin({ packet, order, time }: RecordedStep, station: string): void {
    const at = this.length++;
    if (at >= this.#first.length) {
      this.#first = doubled(this.#first);
      this.#packet = doubled(this.#packet);
      this.#station = doubled(this.#station);
      this.#marks = doubled(this.#marks);
      this.#time = doubled(this.#time);
    }
    this.#first[at] = order;
    this.#packet[at] = packet;
    this.#time[at] = time;
    this.#station[at] = this.#numberOf(station);
    if (this.#firstStop[packet] === 0) this.#firstStop[packet] = at + 1;
    this.#latest.packet = packet;
    this.#latest.station = station;
  }

  #numberOf(station: string): number {
    const known = this.#stationNumbers.get(station);
    if (known !== undefined) return known;
    this.#stations.push(station);
    this.#stationNumbers.set(station, this.#stations.length - 1);
    return this.#stations.length - 1;
  }

  /** Order of the first step of a stop. */
  first(stop: number): number {
    return this.#first[stop] ?? 0;
  }

  /** Order of its last step. */
  last(stop: number): number {
    return (stop + 1 < this.length ? this.first(stop + 1) : this.steps) - 1;
  }

  packet(stop: number): number {
    return this.#packet[stop] ?? 0;
  }

  time(stop: number): SimTime {
    return (this.#time[stop] ?? 0) as SimTime;
  }

  /** `Kernel forwarding@host-b`. */
  station(stop: number): string {
    return this.#stations[this.#station[stop] ?? 0] ?? '';
  }

  has(stop: number, mark: number): boolean {
    return ((this.#marks[stop] ?? 0) & mark) !== 0;
  }

  /** The first stop of a packet; undefined for one that has not been anywhere. */
  firstStop(packet: number): number | undefined {
    const stop = this.#firstStop[packet] ?? 0;
    return stop === 0 ? undefined : stop - 1;
  }

  isArp(packet: number): boolean {
    return this.#kind[packet] === ARP;
  }

  /** It was flooded to somebody it is not for, and ended there. */
  isNoise(packet: number): boolean {
    return this.#kind[packet] === NOISE;
  }

  /** What a packet was copied or cut from, 0 for none; and what it was caused by. */
  parent(packet: number): number {
    return this.#parent[packet] ?? 0;
  }

  cause(packet: number): number {
    return this.#cause[packet] ?? 0;
  }

  /** The stop that has a step. */
  stopOf(order: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.first(middle) <= order) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The packet that everything around this one began with: along parents, then causes. */
  rootOf(packet: number): number {
    return this.#root[packet] ?? 0;
  }

  /** What a packet was made from, at the beginning of copying and cutting. */
  originalOf(packet: number): number {
    let number = packet;
    for (let parent = this.parent(number); parent !== 0; parent = this.parent(number)) number = parent;
    return number;
  }

  /** The last packet that a root has led to so far, and the order of the last step of them all. */
  youngestOf(root: number): number {
    return this.#youngest[root] ?? 0;
  }

  endOf(root: number): number {
    return this.#end[root] ?? 0;
  }

  /** All packets that a root led to, itself included, in the order of their birth; at most so many. */
  familyOf(root: number, most = Number.POSITIVE_INFINITY): number[] {
    const family = [root];
    for (let number = root + 1; number <= this.youngestOf(root) && family.length < most; number++) {
      if (this.rootOf(number) === root) family.push(number);
    }
    return family;
  }
}

/** Title of the stack whose box a station is: `device-a/comware` of `Kernel forwarding@device-a/comware`. */
export function stackOf(station: string): string {
  return station.slice(station.lastIndexOf('@') + 1);
}

/**
 * The box or device where a step happens, ports of bridges included; undefined for what happens wherever the packet was. What a
 * program sends is with the program, what it gets too.
 */
function stationOf(step: RecordedStep): string | undefined {
  if (step.kind === 'receive' || step.kind === 'transmit') return boxText(step.device, step.place);
  const stations = stationsOf([step]);
  const station = step.kind === 'deliver' ? stations.at(-1) : stations[0];
  return station === undefined ? undefined : stationText(station);
}

function markOf(step: RecordedStep): number {
  if (step.kind === 'drop') return isRealDrop(step) ? MARK.drop : 0;
  return step.kind === 'rewrite' && /source|destination/.test(step.field) ? MARK.translation : 0;
}

function isEnd({ kind }: RecordedStep): boolean {
  return kind === 'drop' || kind === 'deliver' || kind === 'consume';
}

function doubled<T extends Uint8Array | Uint32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}
