import type { CommandFault } from '../comware/command.ts';
import type { Comware } from '../comware/comware.ts';
import { snapshotComware } from '../comware/snapshot.ts';
import type { Archive } from '../container/archive.ts';
import type { BootLog } from '../container/boot-log.ts';
import type { ComwareInstance } from '../container/comware-instance.ts';
import type { Container } from '../container/container.ts';
import type { DeviceHost } from '../container/device-host.ts';
import type { DockerEngine } from '../container/docker-engine.ts';
import type { WorldServices } from '../container/machine.ts';
import { snapshotDevice } from '../container/snapshot.ts';
import { Chance } from '../core/chance.ts';
import { EventQueue } from '../core/events.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import type { SimTime } from '../core/time.ts';
import type { Net } from '../kernel/net.ts';
import { snapshotNamespace } from '../kernel/snapshot.ts';
import type { BridgeDevice } from '../link/bridge.ts';
import type { Cable } from '../link/cable.ts';
import type { NetDevice } from '../link/device.ts';
import { Ledger } from '../packet/ledger.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place } from '../packet/place.ts';
import { Recorder, type RecorderOptions } from '../packet/recorder.ts';
import { checkTraces } from '../packet/trace-grammar.ts';
import type { ProgramHost } from '../program/program-host.ts';
import type { Mac } from '../wire/mac.ts';
import { type CaptureOptions, CaptureStore } from './capture-store.ts';
import type { Halt } from './halt.ts';
import { RunWatch } from './run-watch.ts';
import { ServiceRegistry } from './service-registry.ts';
import type { StackSnapshot } from './stack-snapshot.ts';

/** A Comware device: what a reboot replaces (host, comware), and what stays. */
export interface DeviceNode {
  readonly kind: 'comware';
  readonly name: string;
  readonly comware: Comware;
  readonly host: DeviceHost;
  /** The user's Docker instance, and the other one. */
  readonly docker: DockerEngine;
  readonly instance: ComwareInstance;
  readonly boot: BootLog;
  readonly isBooting: boolean;
  readonly heldAtPorts: number;
  /** What `save` has packed of the containers. */
  readonly archive: Archive | undefined;
  configure(text: string): CommandFault[];
  /** The sentence of a refusal. */
  reboot(takes: SimTime): string | undefined;
  save(containers: boolean): string | undefined;
}

/** A node of the topology. */
export type WorldNode =
  | { readonly kind: 'linux' | 'bridge'; readonly name: string; readonly net: Net; readonly bridges: BridgeDevice[] }
  | DeviceNode;

/** A stack that programs can run on, tables can be read from and commands given to. */
export interface Stack {
  /** `host-b`, `device-a` (Comware's own stack), `device-a/comware` (the kernel of its namespace), `device-a/container3`. */
  readonly title: string;
  /** Where its programs run, for traces. */
  readonly place: Place;
  readonly node: WorldNode;
  readonly kind: 'linux' | 'comware';
  readonly net: Net;
  readonly bridges: readonly BridgeDevice[];
  /** Of kind `comware`. */
  readonly comware: Comware | undefined;
}

export interface WorldLink {
  readonly ends: readonly [string, string];
  readonly cable: Cable;
}

export interface WorldOptions {
  readonly seed: number;
  /** Record the steps of every packet, or of those that it says. */
  readonly trace: boolean | RecorderOptions;
  /** Keep a copy of every frame at every device, or of those that it says. */
  readonly capture: boolean | CaptureOptions;
  /** How far it may go; default DEFAULT_LIMITS. */
  readonly limits?: Limits;
}

/** A whole simulated network: its time, its chance, its nodes. Built by buildWorld(). */
export class World implements WorldServices {
  readonly clock = new EventQueue();
  readonly chance: Chance;
  readonly ledger = new Ledger();
  readonly recorder: Recorder | undefined;
  readonly captures: CaptureStore | undefined;
  readonly nodes = new Map<string, WorldNode>();
  readonly links: WorldLink[] = [];
  readonly services = new ServiceRegistry();
  /** Titles of containers that are not there yet: a scenario will make them, and may name them before. */
  readonly announced = new Set<string>();
  readonly #watch: RunWatch;
  #nextMac = 0x020000000001;
  readonly #reservedMacs = new Set<Mac>();

  constructor(options: WorldOptions) {
    this.chance = new Chance(options.seed);
    const { trace, capture, limits = DEFAULT_LIMITS } = options;
    this.#watch = new RunWatch(this.clock, this.ledger, limits);
    this.recorder = trace === false ? undefined : new Recorder(this.clock, trace === true ? {} : trace);
    this.ledger.recorder = this.recorder;
    this.captures = capture === false ? undefined : this.#captureStore(capture === true ? {} : capture);
  }

  #captureStore(options: CaptureOptions): CaptureStore {
    const watch = this.#watch;
    const full = (packet: Packet, device: NetDevice): void => watch.captureFull(packet, device);
    return new CaptureStore(this.clock, options, { bytes: watch.limits.captureBytes, full });
  }

  /** Why the world has stopped before its time: it has reached a limit, and nothing happens in it any more. */
  get halt(): Halt | undefined {
    return this.#watch.halt;
  }

  /** Locally administered addresses, in the order they are asked for. */
  takeMac(): Mac {
    while (this.#reservedMacs.has(this.#nextMac)) this.#nextMac++;
    return this.#nextMac++;
  }

  /** Keeps a MAC that the topology names from being given to anything else. */
  reserveMac(mac: Mac): void {
    this.#reservedMacs.add(mac);
  }

  deviceMade(device: NetDevice): void {
    this.captures?.listen(device);
  }

  /** Runs events up to and including `until`, or until `stop` says so after one, or the world has reached a limit. */
  advance(until: SimTime, stop: () => boolean = () => false): 'reached' | 'stopped' | 'halted' {
    const watch = this.#watch;
    const end = until > watch.limits.time ? watch.limits.time : until;
    for (;;) {
      if (this.clock.ran >= watch.nextCheck && watch.isOver()) return 'halted';
      if (!this.clock.runNextBy(end)) {
        this.clock.now = end > this.clock.now ? end : this.clock.now;
        if (end === until) return 'reached';
        watch.timeOver();
        return 'halted';
      }
      if (stop()) return 'stopped';
    }
  }

  /**
   * Asserts that no packet was lost: born = consumed + dropped + held, the queues hold what is held, and every trace
   * keeps its grammar.
   */
  audit(): void {
    this.ledger.audit(this.held);
    if (this.recorder !== undefined) checkTraces(this.recorder);
  }

  get held(): number {
    let count = 0;
    for (const node of this.nodes.values()) {
      if (node.kind !== 'comware') count += node.net.held;
      else {
        count += node.comware.held + node.heldAtPorts;
        for (const net of namespacesOf(node)) count += net.held;
      }
    }
    return count + this.#orphans();
  }

  /** Packets in the events of devices that have left their namespace and are gone when they arrive. */
  #orphans(): number {
    let count = 0;
    for (const device of this.retired) count += device.held;
    return count;
  }

  /** Devices that were taken out of their namespace; what is still under way to them is dropped on arrival. */
  readonly retired = new Set<NetDevice>();

  deviceGone(device: NetDevice): void {
    this.retired.add(device);
  }

  /** Every stack there is now, in the order of the topology. */
  stacks(): Stack[] {
    return [...this.nodes.values()].flatMap(stacksOf);
  }

  /** By title; a container also by its bare name, where only one node has it. */
  find(name: string): Stack | undefined {
    const exact = this.#titled(name);
    if (exact !== undefined) return exact;
    const short = [...this.nodes.values()].flatMap((node) => containerStack(node, name) ?? []);
    return short.length === 1 ? short[0] : undefined;
  }

  #titled(title: string): Stack | undefined {
    const slash = title.indexOf('/');
    const node = this.nodes.get(slash < 0 ? title : title.slice(0, slash));
    if (node === undefined) return undefined;
    const own = ownStacks(node).find((stack) => stack.title === title);
    return own ?? (slash < 0 ? undefined : containerStack(node, title.slice(slash + 1)));
  }

  snapshot(stack: Stack): StackSnapshot {
    const namespace = snapshotNamespace(stack.net, stack.bridges);
    return {
      title: stack.title,
      time: this.clock.now,
      namespace,
      comware: stack.comware === undefined ? undefined : snapshotComware(stack.comware),
      device: stack.comware === undefined || stack.node.kind !== 'comware' ? undefined : snapshotDevice(stack.node),
    };
  }
}

function stacksOf(node: WorldNode): Stack[] {
  const own = ownStacks(node);
  if (node.kind !== 'comware') return own;
  return [...own, ...node.docker.containers.flatMap((container) => stackOf(node, container) ?? [])];
}

/** Stacks that a node has whatever containers run. */
function ownStacks(node: WorldNode): Stack[] {
  if (node.kind !== 'comware') {
    const { name, net, bridges } = node;
    return [{ title: name, place: net.place, node, kind: 'linux', net, bridges, comware: undefined }];
  }
  const { comware, host } = node;
  const linux = { node, kind: 'linux', comware: undefined } as const;
  return [
    { title: node.name, place: comware.place, node, kind: 'comware', net: comware.net, bridges: host.bridges, comware },
    { ...linux, ...placed(comware.net), bridges: [] },
    { ...linux, ...placed(host.net), bridges: host.bridges },
  ];
}

/** The stack of a container by its bare name, while it runs. */
function containerStack(node: WorldNode, name: string): Stack | undefined {
  if (node.kind !== 'comware') return undefined;
  const container = node.docker.named(name);
  return container === undefined ? undefined : stackOf(node, container);
}

function stackOf(node: DeviceNode, { net, place }: Container): Stack | undefined {
  if (net === undefined) return undefined;
  const bridges = net === node.host.net ? node.host.bridges : [];
  return { title: place.title, place, node, kind: 'linux', net, bridges, comware: undefined };
}

/** Each namespace of a device once, however many containers share it. */
function namespacesOf({ comware, host, docker }: DeviceNode): Set<Net> {
  const nets = docker.containers.flatMap(({ net }) => (net === undefined ? [] : [net]));
  return new Set([comware.net, host.net, ...nets]);
}

function placed(net: Net): Pick<Stack, 'title' | 'place' | 'net'> {
  return { title: net.place.title, place: net.place, net };
}

/** Where programs of a stack run: Comware's own on its own stack, everything else on the kernel's. */
export function programHost(world: World, stack: Stack): ProgramHost {
  const { clock } = world;
  const { comware, net, place } = stack;
  const { tcp, udp, ping } = comware?.parts ?? net.parts;
  const packet = comware === undefined ? net.parts.packet : undefined;
  return { clock, place, tcp, udp, ping, packet, flavour: comware === undefined ? 'Linux' : 'Comware' };
}
