import { SimulatorBug } from '../../sim/core/assert.ts';
import { Chance } from '../../sim/core/chance.ts';
import { ms, ns, type SimTime, seconds } from '../../sim/core/time.ts';
import { Net } from '../../sim/kernel/net.ts';
import { dropReasons } from '../../sim/packet/drop-reasons.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { CaptureOptions } from '../../sim/world/capture-store.ts';
import type { World } from '../../sim/world/world.ts';
import { type Action, type Finding, findingOf, type Mode } from './finding.ts';
import { type Flow, TcpFlow } from './flows.ts';
import { FrameSource } from './frame-source.ts';
import { endsOf, type Lesson, lessonOf, passesForAnothers, withoutLies } from './harm.ts';
import { ETHERNET, get16, IPV4 } from './layers.ts';
import { type Point, pointsOf, throwAt } from './points.ts';
import { faultOf } from './soundness.ts';
import { tableSizes } from './tables.ts';
import { Watcher } from './watcher.ts';
import { openFlows, openWorld, reopen } from './worlds.ts';

export interface SessionOptions {
  readonly world: string;
  readonly mode: Mode;
  readonly seed: number;
  /** Part of the name of the devices that frames are thrown at; '' for all. */
  readonly device: string;
}

/** Seconds in which there is a moment when nothing waits. */
const PATIENCE = 30;

/** One world, its flows, and what is thrown at it. */
export class Session {
  readonly world: World;
  readonly flows: readonly Flow[];
  /** Frames thrown. */
  thrown = 0;
  readonly #mode: Mode;
  readonly #chance: Chance;
  readonly #source: FrameSource;
  readonly #points: readonly Point[];
  readonly #watcher: Watcher | undefined;
  /** Every frame that passes is taken into account. */
  #digest = 0x811c9dc5;
  #digests = false;
  /** Connections of a flow, both ends, as they were when it all began. */
  readonly #ends = new Map<Flow, readonly Connection[]>();

  constructor({ world, mode, seed, device }: SessionOptions, digests = false) {
    this.#mode = mode;
    this.#digests = digests;
    this.#chance = new Chance(seed, `fuzz ${world}`);
    let source: FrameSource | undefined;
    const watch: FrameSource['watch'] = (at, packet) => {
      source?.watch(at, packet);
      if (this.#digests) this.#take(packet.bytes, packet.head, packet.tail);
    };
    const capture: CaptureOptions = { tap: (device) => ({ capture: (packet) => watch(device, packet) }) };
    this.world = openWorld(world, { seed, trace: mode === 'traced', capture });
    source = new FrameSource(this.world, this.#chance.fork('frames'));
    this.#source = source;
    this.flows = openFlows(this.world, this.#chance.fork('flows'));
    this.#points = pointsOf(this.world).filter(({ name }) => name.includes(device));
    this.#watcher = mode === 'blind' ? this.#watch() : undefined;
  }

  #watch(): Watcher {
    const watcher = new Watcher(this.world.clock);
    for (const flow of this.flows) {
      if (flow instanceof TcpFlow) this.#ends.set(flow, endsOf(this.world, flow.socket));
    }
    watcher.watched = [...this.#ends.values()].flat();
    this.#source.atlas.watched = watcher.watched;
    this.world.ledger.recorder = watcher;
    return watcher;
  }

  /** What is done next, when nobody says what. */
  *actions(frames: number): Generator<Action> {
    const chance = this.#chance.fork('actions');
    for (let count = 0; count < frames; count++) {
      if (count % 300 === 0) yield { kind: 'beat' };
      if (count % 200 === 0) this.#source.atlas.renew();
      const point = this.#points[chance.below(this.#points.length)];
      if (point === undefined) return;
      const bytes = this.#source.next(point);
      if (this.#mode === 'blind') {
        withoutLies(bytes, point, this.#source.atlas, chance);
        // Replays throw what is in them: it was looked at when it was made.
        const lesson = lessonOf(bytes, point.link, this.#source.atlas);
        if (lesson?.kind === 'gateway' && lesson.isLawful) continue;
        if (passesForAnothers(bytes, point, this.world, this.#source.atlas)) continue;
      }
      yield { kind: 'throw', point: point.name, way: point.way, bytes };
      yield { kind: 'wait', span: someSpan(chance) };
    }
  }

  /** Does it all, and looks at what became of it. */
  run(actions: Iterable<Action>): Finding | undefined {
    try {
      let since = 0;
      for (const action of actions) {
        const finding = this.#act(action) ?? (++since % 1000 === 0 ? this.#look() : undefined);
        if (finding !== undefined) return finding;
      }
      return this.#end();
    } catch (error) {
      return thrownFinding(error);
    }
  }

  /** What a run of the same seed has to come to as well. */
  digest(): string {
    const { born, consumed, dropped, drops } = this.world.ledger;
    return JSON.stringify([this.#digest >>> 0, born, consumed, dropped, [...drops], this.world.clock.now]);
  }

  #act(action: Action): Finding | undefined {
    switch (action.kind) {
      case 'beat':
        for (const flow of this.flows) flow.beat();
        return undefined;
      case 'wait':
        return this.#advance(ns(action.span));
      case 'throw':
        return this.#throw(action);
    }
  }

  #throw({ point: name, way, bytes }: Action & { readonly kind: 'throw' }): Finding | undefined {
    const point = this.#points.find((one) => one.name === name && one.way === way);
    if (point === undefined) return findingOf(`there is no ${name}`, '');
    this.thrown++;
    const { ledger } = this.world;
    this.#watcher?.throws(ledger.born + 1, malformation(bytes, point));
    const lesson = this.#mode === 'blind' ? lessonOf(bytes, point.link, this.#source.atlas) : undefined;
    const before = lesson && whatIsKnown(point, lesson);
    const packet = throwAt(point, bytes, this.world);
    if (lesson?.isLawful === false && whatIsKnown(point, lesson) !== before) {
      return findingOf(
        `a ${lesson.kind} was learnt from an error about numbers that are not in flight`,
        `${way} ${name}`,
      );
    }
    if (packet.state === 'live') return findingOf('a frame was neither held nor ended', `${way} ${name}`);
    return this.#watcher?.finding;
  }

  #advance(span: SimTime): Finding | undefined {
    const { clock } = this.world;
    const reached = this.world.advance(ns(clock.now + span));
    return reached === 'halted' ? findingOf('frames multiply', `at ${clock.now} ns`) : this.#watcher?.finding;
  }

  /** The ledger, and how large the tables are. */
  #look(): Finding | undefined {
    this.world.ledger.audit(this.world.held);
    const large = tableSizes(this.world).find(({ count, most }) => count > most);
    return large && findingOf(`too many ${large.name}`, `${large.count}, and ${large.most} is the most`);
  }

  #end(): Finding | undefined {
    const quiet = this.#advance(seconds(90)) ?? this.#look();
    if (quiet !== undefined) return quiet;
    const { ledger } = this.world;
    const unknown = [...ledger.drops.keys()].find((reason) => !dropReasons.includes(reason));
    if (unknown !== undefined) return findingOf(`a frame was dropped for no reason that is known: ${unknown}`, '');
    // A connection may try again at any time, for a neighbour that is not there: its frame waits three seconds.
    for (let more = 0; ledger.held > 0 && more < PATIENCE; more++) {
      const late = this.#advance(seconds(1)) ?? this.#look();
      if (late !== undefined) return late;
    }
    if (ledger.held > 0) return findingOf('frames are held for ever', `${ledger.held} of them`);
    if (this.#mode === 'traced') this.world.audit();
    return this.#mode === 'blind' ? this.#unharmed() : this.#well();
  }

  /** What ran runs on. Of a lost datagram nobody is told: the last of some count. */
  #unharmed(): Finding | undefined {
    let ill = this.flows.filter((flow) => !this.#isExcused(flow));
    for (let beat = 0; beat < 10 && ill.length > 0; beat++) {
      for (const flow of ill) flow.beat();
      this.#advance(seconds(beat < 5 ? 1 : 20));
      ill = ill.filter((flow) => flow.fault !== undefined || !flow.isAnswered);
    }
    const [first] = ill;
    return first && findingOf(`a flow was harmed: ${first.protocol}`, `${first.name}: ${first.fault ?? 'no answer'}`);
  }

  /** Flows that are not judged: a segment hit them that nobody could tell from their peer's. */
  get excused(): number {
    return this.flows.filter((flow) => this.#isExcused(flow)).length;
  }

  #isExcused(flow: Flow): boolean {
    return (this.#ends.get(flow) ?? []).some((one) => this.#watcher?.hit.has(one));
  }

  /** Lies are forgotten in time: what went at first goes again, by new sockets. */
  #well(): Finding | undefined {
    const old = this.#advance(seconds(1500));
    if (old !== undefined) return old;
    let ill = this.flows.map((flow) => reopen(this.world, flow));
    for (let beat = 0; beat < 12 && ill.length > 0; beat++) {
      for (const flow of ill) flow.beat();
      this.#advance(seconds(beat < 6 ? 1 : 10));
      ill = ill.filter((flow) => !flow.isAnswered);
    }
    const [first] = ill;
    return (
      first &&
      findingOf(`the network is not well again: ${first.protocol}`, `${first.name}: ${first.fault ?? 'no answer'}`)
    );
  }

  #take(bytes: Uint8Array, from: number, to: number): void {
    let hash = this.#digest;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    this.#digest = hash;
  }
}

/** What the stack that a frame comes in at has learnt of a destination. */
function whatIsKnown({ device, way }: Point, { kind, about }: Lesson): number | undefined {
  if (way === 'out' || !(device.receiver instanceof Net)) return undefined;
  const { pathMtu } = device.receiver.parts;
  return kind === 'gateway' ? pathMtu.gatewayOf(about) : pathMtu.mtuOf(about);
}

/** Mostly none to speak of, so that frames meet; now and then long enough for every timer. */
function someSpan(chance: Chance): SimTime {
  const roll = chance.below(1000);
  if (roll < 700) return ns(chance.below(20_000));
  if (roll < 970) return ns(chance.below(1_000_000));
  return roll < 999 ? ms(chance.below(20)) : seconds(1 + chance.below(40));
}

/** What is wrong with a frame, where it carries IPv4. */
function malformation(bytes: Uint8Array, { link }: Point): string | undefined {
  if (link === ETHERNET && (bytes.length < ETHERNET || get16(bytes, 12) !== IPV4)) return undefined;
  return faultOf(bytes, link, bytes.length);
}

function thrownFinding(error: unknown): Finding {
  if (!(error instanceof Error)) return findingOf(`something was thrown: ${String(error)}`, '');
  const kind = error instanceof SimulatorBug ? 'SimulatorBug' : error.name;
  return findingOf(`${kind}: ${error.message}`, error.stack ?? '');
}
