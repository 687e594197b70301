import type { RecordedStep, Refusal } from '../packet/trace.ts';
import {
  contains,
  formatIpv4,
  formatPrefix,
  type Ipv4,
  isLoopback,
  type Prefix,
  parseIpv4,
  prefixOf,
} from '../wire/address.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { Stack, World } from '../world/world.ts';
import { type Death, deathsOf, type Outcome, recorderOf } from './outcome.ts';
import { factsOf, type PacketFacts } from './packet-facts.ts';
import type { Attempt } from './subject.ts';

/** An address of an interface of a stack. */
export interface Owned {
  readonly stack: Stack;
  /** Name of the device, or of Comware's interface in its long form. */
  readonly device: string;
  readonly address: Ipv4;
  readonly length: number;
}

/** A death with the headers that the packet had. */
export interface Scenery {
  readonly death: Death;
  /** Undefined where it was no IP packet. */
  readonly packet: PacketFacts | undefined;
}

/** The next hop did not answer. */
export const NEIGHBOUR_REASONS: readonly string[] = ['kernel:NEIGH_FAILED', 'comware:ARP_FAILED'];

/** How far a stack is from where the flow ended: it ended there, the flow or its ARP met it, or neither. */
export type Distance = 0 | 1 | 2;

/** A flow that failed, and the state of the world it failed in: what candidates for a remedy are made from. */
export class Scene {
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  readonly world: World;
  readonly stacks: readonly Stack[];
  readonly deaths: readonly Scenery[];
  readonly refusals: readonly Refusal[];
  /** Of the flow's packets and of the ARP they caused, in their order. */
  readonly steps: readonly RecordedStep[];
  readonly #distances = new Map<string, Distance>();
  readonly #snapshots = new Map<Stack, StackSnapshot>();
  readonly owned: readonly Owned[];

  constructor(attempt: Attempt, outcome: Outcome) {
    const { world, since } = attempt;
    const recorder = recorderOf(world);
    this.attempt = attempt;
    this.outcome = outcome;
    this.world = world;
    this.stacks = world.stacks();
    this.owned = this.stacks.flatMap(addressesOf);
    this.deaths = deathsOf(attempt).map((death) => {
      const frame = recorder.frameOfDrop(death.packet);
      return { death, packet: frame === undefined ? undefined : factsOf(frame) };
    });
    this.refusals = recorder.refusals.filter(({ cause }) => cause >= since);
    const numbers = [...recorder.packets()].map(({ number }) => number).filter((number) => number >= since);
    this.steps = numbers.flatMap((number) => [...recorder.stepsOf(number)]).sort((a, b) => a.order - b.order);
    for (const { place } of this.steps) this.#distances.set(place.title, 1);
    for (const title of [...this.endings, ...this.silent]) this.#distances.set(title, 0);
  }

  /** Titles of the places that ended a packet of the flow, or would not send it or its answer. */
  get endings(): string[] {
    const places = [...this.deaths.map(({ death }) => death.place), ...this.refusals.map(({ place }) => place)];
    const sender = this.attempt.probe.sent.some(({ errno }) => errno !== undefined) ? [this.sender.place] : [];
    return [...new Set([...places, ...sender].map(({ title }) => title)), this.outcome.at];
  }

  /** Titles of the places that have an address nobody answered for. */
  get silent(): string[] {
    return this.deaths.flatMap(({ death }) => {
      if (!NEIGHBOUR_REASONS.includes(death.reason)) return [];
      const hop = this.steps.findLast((step) => step.kind === 'neighbour' && step.packet === death.packet);
      const address = hop?.kind === 'neighbour' ? (parseIpv4(hop.nextHop) ?? 0) : 0;
      return this.ownersOf(address).map(({ stack }) => stack.place.title);
    });
  }

  get sender(): Stack {
    const found = this.stacks.find(({ title }) => title === this.attempt.from) ?? this.stacks[0];
    if (found === undefined) throw new Error('a world in which something was sent has a stack');
    return found;
  }

  get destination(): Ipv4 {
    return this.attempt.probe.destination;
  }

  get protocol(): 'icmp' | 'udp' | 'tcp' {
    const { kind } = this.attempt.probe;
    if (kind === 'ping' || kind === 'arping') return 'icmp';
    return kind === 'udp' || kind === 'tftp' || kind === 'traceroute' ? 'udp' : 'tcp';
  }

  /** The source that the sender chose, or 0. */
  get source(): Ipv4 {
    return this.attempt.probe.source;
  }

  distance(stack: Stack): Distance {
    return this.#distances.get(stack.place.title) ?? 2;
  }

  snapshot(stack: Stack): StackSnapshot {
    let snapshot = this.#snapshots.get(stack);
    if (snapshot === undefined) {
      snapshot = this.world.snapshot(stack);
      this.#snapshots.set(stack, snapshot);
    }
    return snapshot;
  }

  /** Steps of one kind that a stack took. */
  stepsAt<Kind extends RecordedStep['kind']>(stack: Stack, kind: Kind): Extract<RecordedStep, { kind: Kind }>[] {
    return this.steps.filter(
      (step): step is Extract<RecordedStep, { kind: Kind }> =>
        step.kind === kind && step.place.title === stack.place.title,
    );
  }

  /** Deaths at a stack. */
  deathsAt(stack: Stack): Scenery[] {
    return this.deaths.filter(({ death }) => death.place.title === stack.place.title);
  }

  ownersOf(address: Ipv4): Owned[] {
    return this.owned.filter((one) => one.address === address);
  }

  /** The subnet an address is in, as its owner has it; a bare address where nobody has it. */
  prefixAround(address: Ipv4): Prefix {
    const owner = this.owned.find((one) => one.address === address && one.length < 32);
    return prefixOf(address, owner?.length ?? 32);
  }

  /** Addresses of others in a subnet of the stack: what it could send to without a gateway. */
  neighboursOf(stack: Stack): { readonly device: string; readonly other: Owned }[] {
    const own = this.owned.filter((one) => one.stack === stack && !isLoopback(one.address));
    return own.flatMap((mine) =>
      this.owned
        .filter((other) => other.stack.net !== stack.net && other.address !== mine.address)
        .filter((other) => contains(prefixOf(mine.address, mine.length), other.address))
        .map((other) => ({ device: mine.device, other })),
    );
  }

  /** Addresses of others that a stack was asked to reach, or may be: both ends of the flow, and what it looked up. */
  targetsOf(stack: Stack): Ipv4[] {
    const looked = this.stepsAt(stack, 'route').map(({ destination }) => parseIpv4(destination) ?? 0);
    const refused = this.refusals.map(({ destination }) => parseIpv4(destination) ?? 0);
    const died = this.deaths.flatMap(({ packet }) => (packet === undefined ? [] : [packet.destination, packet.source]));
    const all = [this.destination, this.source, ...looked, ...refused, ...died];
    const own = this.owned.filter((one) => one.stack.net === stack.net).map(({ address }) => address);
    return [...new Set(all)].filter((address) => address !== 0 && !isLoopback(address) && !own.includes(address));
  }
}

function addressesOf(stack: Stack): Owned[] {
  const { comware, net } = stack;
  if (comware !== undefined) {
    return comware.interfaces.flatMap(({ name, address }) =>
      address === undefined ? [] : [{ stack, device: name.long, ...address }],
    );
  }
  return net.addresses.map(({ device, address, prefix }) => ({
    stack,
    device: device.name,
    address,
    length: prefix.length,
  }));
}

/** `10.0.0.0/24`; a bare address for /32, `default` for all. */
export function prefixText(prefix: Prefix): string {
  if (prefix.length === 0) return 'default';
  return prefix.length === 32 ? formatIpv4(prefix.network) : formatPrefix(prefix);
}
