import { assert } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import { cancel, type Timer } from '../core/events.ts';
import { AddressBook } from './address-book.ts';
import { attach, joinedName } from './attach.ts';
import { closeSockets } from './close-sockets.ts';
import { COMWARE_NAME, type Container, type ContainerOptions, plainOptions } from './container.ts';
import { COMWARE_REFUSAL, nameFault } from './container-name.ts';
import { ContainerTable } from './container-table.ts';
import { DockerNetworks } from './docker-networks.ts';
import { hexId } from './hex-id.ts';
import { GUESTSHELL_IMAGE, type Image, withTag } from './image.ts';
import { clampLimits, type Quota } from './limits.ts';
import type { WorldServices } from './machine.ts';
import { restartDelay, wantsRestart, wantsStartAtBoot } from './restart-policy.ts';
import { leave, type Machine } from './sandbox.ts';

/** What the Docker instance has others do: it knows containers, not the programs in them. */
export interface EngineHooks {
  created(container: Container): void;
  removed(container: Container): void;
  /** Starts the programs; why they ended at once, or undefined. */
  started(container: Container): string | undefined;
  stopping(container: Container): void;
  /** `docker exec`. */
  exec(container: Container, command: string): string | undefined;
}

/** How a pull ended: what Docker printed, and why it failed. */
export interface PullEnd {
  readonly lines: readonly string[];
  readonly error: string | undefined;
}

/** What `guestshell start` calls its container. */
const GUESTSHELL = 'guestshell';

/** Exit codes as Docker shows them: by SIGTERM handled, by SIGKILL, failed, and gone while Docker did not look. */
const EXIT = { ended: 0, killed: 137, failed: 1, lost: 255 } as const;

/**
 * The user's Docker instance on a Comware device (whitepaper 3.3): the Comware container is none of its containers.
 * Functions give undefined, or the sentence of a refusal.
 */
export class DockerEngine {
  readonly #containers = new ContainerTable();
  /** Known images by reference, whether they are on the device or have to be pulled. */
  readonly images = new Map<string, Image>();
  readonly networks: DockerNetworks;
  readonly addresses: AddressBook;
  /** Begins to fetch an image, and tells when that has ended; the sentence of a refusal. */
  onPull: ((reference: string, ended: (end: PullEnd) => void) => string | undefined) | undefined;
  readonly quota: Quota;
  readonly #machine: Machine;
  readonly #services: WorldServices;
  readonly #hooks: EngineHooks;
  /** For identities, and names that nobody gave. */
  readonly chance: Chance;
  readonly #retries = new Map<Container, Timer>();

  constructor(machine: Machine, services: WorldServices, quota: Quota, hooks: EngineHooks) {
    this.#machine = machine;
    this.#services = services;
    this.#hooks = hooks;
    this.quota = quota;
    this.chance = services.chance.fork(`${machine.name} docker`);
    this.networks = new DockerNetworks(machine, this.chance.fork('networks'));
    this.addresses = new AddressBook(this.networks);
  }

  /** In the order they were made. */
  get containers(): readonly Container[] {
    return this.#containers.list;
  }

  named(name: string): Container | undefined {
    return this.#containers.named(name);
  }

  /** By name, or by the beginning of the identity where only one has it. */
  container(name: string): Container | undefined {
    const named = this.named(name);
    if (named !== undefined || !/^[0-9a-f]+$/.test(name)) return named;
    const matches = this.containers.filter((container) => container.id.startsWith(name));
    return matches.length === 1 ? matches[0] : undefined;
  }

  /** `docker create`. */
  create(options: ContainerOptions): Container | string {
    const fault = this.#createFault(options);
    if (fault !== undefined) return fault;
    const { name } = options;
    const node = this.#machine.name;
    const container: Container = {
      options: { ...options, limits: clampLimits(options.limits, this.quota) },
      id: hexId(this.chance),
      created: this.#services.clock.now,
      place: { node, role: 'container', title: `${node}/${name}` },
      state: 'created',
      net: undefined,
      network: undefined,
      address: undefined,
      changed: this.#services.clock.now,
      exitCode: 0,
      stoppedByHand: false,
      restarts: 0,
      log: [],
      layer: new Map(),
    };
    this.#containers.add(container);
    if (options.address !== undefined) this.addresses.hold(container, options.address);
    this.#hooks.created(container);
    return container;
  }

  /** `docker run`, or `docker create` where `start` is false. A container that cannot start stays, created. */
  run(options: ContainerOptions, start: boolean): string | undefined {
    const created = this.create(options);
    if (typeof created === 'string') return created;
    return start ? this.start(options.name) : undefined;
  }

  /** `docker start`: the address may be another one than last time, unless it was given. */
  start(name: string): string | undefined {
    return this.#with(name, (container) => {
      if (container.state === 'running') return undefined;
      container.restarts = 0;
      return this.#launch(container);
    });
  }

  /** `docker stop`: the namespace goes, the address is free again. */
  stop(name: string): string | undefined {
    return this.#with(name, (container) => {
      container.stoppedByHand = true;
      this.#end(container, EXIT.ended);
      return undefined;
    });
  }

  /** `docker kill`. */
  kill(name: string): string | undefined {
    return this.#with(name, (container) => {
      if (container.state !== 'running') {
        return `cannot kill container: ${name}: container ${container.id} is not running`;
      }
      container.stoppedByHand = true;
      this.#end(container, EXIT.killed);
      return undefined;
    });
  }

  /** `docker restart`. The container layer stays as it is (INC-16). */
  restart(name: string): string | undefined {
    return this.#with(name, (container) => {
      this.#end(container, EXIT.ended, false);
      container.restarts = 0;
      return this.#launch(container);
    });
  }

  /** `docker rm`: the container layer goes with it. */
  remove(name: string, force: boolean): string | undefined {
    return this.#with(name, (container) => {
      const { state } = container;
      if (!force && (state === 'running' || state === 'restarting')) {
        return `cannot remove container "${container.options.name}": container is ${state}: stop the container before removing or force remove`;
      }
      this.#end(container, EXIT.killed);
      this.#forget(container);
      return undefined;
    });
  }

  #forget(container: Container): void {
    if (!this.#containers.remove(container)) return;
    const { address } = container.options;
    if (address !== undefined) this.addresses.release(container, address);
    this.#hooks.removed(container);
  }

  /** `docker exec`. */
  exec(name: string, command: string): string | undefined {
    return this.#with(name, (container) =>
      container.net === undefined ? `container ${container.id} is not running` : this.#hooks.exec(container, command),
    );
  }

  /** `docker pull`: begins, and `ended` is told of the end. An image that no registry has and the device has is enough. */
  pull(reference: string, ended: (end: PullEnd) => void): string | undefined {
    const full = withTag(reference);
    const refused =
      this.onPull === undefined
        ? `pull access denied for ${reference}, nothing on this device can fetch an image`
        : this.onPull(full, (end) => {
            if (end.error === undefined) this.pulled(full);
            ended(end);
          });
    if (refused === undefined || this.images.get(full)?.local !== true) return refused;
    ended({ lines: [`Status: Image is up to date for ${full}`], error: undefined });
    return undefined;
  }

  /** Every layer of an image has arrived. One that the topology does not describe holds no service. */
  pulled(reference: string): void {
    const full = withTag(reference);
    const image = this.images.get(full);
    if (image !== undefined) image.local = true;
    else this.images.set(full, { reference: full, id: hexId(this.chance), size: 0, files: new Map(), local: true });
  }

  /** The device goes down: every container with it, by nobody's command. */
  powerOff(): void {
    for (const container of [...this.containers]) this.#end(container, EXIT.lost);
  }

  /** The device has come up: containers start by their policy, in the order they were made (whitepaper 3.4). */
  boot(): void {
    for (const container of this.containers) {
      if (container.state === 'created' || !wantsStartAtBoot(container)) continue;
      const refused = this.#launch(container);
      if (refused !== undefined) container.log.push(refused);
    }
  }

  /** `guestshell start`: in a namespace of its own, on the TPA bridge where there is one (whitepaper 3.5, INC-15). */
  startGuestShell(): string | undefined {
    if (this.container(GUESTSHELL) !== undefined) return this.start(GUESTSHELL);
    const network = 'refused' in this.networks.pool('default') ? 'none' : 'default';
    return this.run({ ...plainOptions(GUESTSHELL, network), image: GUESTSHELL_IMAGE }, true);
  }

  /** `guestshell stop`. */
  stopGuestShell(): string | undefined {
    return this.container(GUESTSHELL) === undefined ? 'Guest Shell is not running.' : this.stop(GUESTSHELL);
  }

  #with(name: string, act: (container: Container) => string | undefined): string | undefined {
    if (name === COMWARE_NAME) return COMWARE_REFUSAL;
    const container = this.container(name);
    return container === undefined ? `No such container: ${name}` : act(container);
  }

  #createFault({ name, network, address, autoRemove, restart }: ContainerOptions): string | undefined {
    const fault = nameFault(name);
    if (fault !== undefined) return fault;
    const holder = this.named(name);
    if (holder !== undefined) {
      return `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`;
    }
    const other = joinedName(network);
    const isShared = other !== undefined || network === 'host' || network === 'none';
    if (isShared && address !== undefined) {
      return 'invalid config for network: user specified IP address is supported on user defined networks only';
    }
    if (autoRemove && restart.name !== 'no') return 'conflicting options: cannot specify both --restart and --rm';
    if (other === name) return 'cannot join own network namespace';
    const isKnown = other === undefined || other === COMWARE_NAME || this.container(other) !== undefined;
    return isKnown ? undefined : `No such container: ${other}`;
  }

  #launch(container: Container): string | undefined {
    this.#cancelRetry(container);
    const refused = attach(container, this.#machine, this.#services, this);
    if (refused !== undefined) {
      leave(container, this.#machine, this.containers, this.addresses);
      return refused;
    }
    container.state = 'running';
    container.stoppedByHand = false;
    container.changed = this.#services.clock.now;
    const ended = this.#hooks.started(container);
    if (ended === undefined) return undefined;
    container.log.push(ended);
    this.#end(container, EXIT.failed, false);
    if (wantsRestart(container)) this.#retryLater(container);
    else if (container.options.autoRemove) this.#forget(container);
    return undefined;
  }

  /** Models the restart manager: 100 ms at first, twice as long each time, a minute at most. */
  #retryLater(container: Container): void {
    container.state = 'restarting';
    const delay = restartDelay(container.restarts);
    container.restarts++;
    this.#retries.set(container, this.#services.clock.after(delay, this.#retry, container));
  }

  readonly #retry = (container: Container): void => {
    this.#retries.delete(container);
    const refused = this.#launch(container);
    if (refused === undefined) return;
    container.log.push(refused);
    container.state = 'exited';
  };

  #cancelRetry(container: Container): void {
    cancel(this.#retries.get(container));
    this.#retries.delete(container);
  }

  /** The programs end, their sockets close, the namespace is left. */
  #end(container: Container, exitCode: number, isFinal = true): void {
    const { net } = container;
    this.#cancelRetry(container);
    if (net === undefined) {
      if (container.state === 'restarting') container.state = 'exited';
      return;
    }
    this.#hooks.stopping(container);
    closeSockets(net, container.place);
    leave(container, this.#machine, this.containers, this.addresses);
    const { now } = this.#services.clock;
    container.state = 'exited';
    container.exitCode = exitCode;
    container.changed = now;
    assert(container.net === undefined, 'a container that has ended is in no namespace');
    if (isFinal && container.options.autoRemove) this.#forget(container);
  }
}
