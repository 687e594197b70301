import { type CommandFault, configure } from '../comware/command.ts';
import type { Comware } from '../comware/comware.ts';
import { addPort, addStatic, openInterface, setAddress, setShutdown } from '../comware/configuration.ts';
import { createComware } from '../comware/create.ts';
import { type InterfaceName, parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { attachDocker0Leg } from '../comware/kernel-link/kernel-link.ts';
import { powerOff } from '../comware/power-off.ts';
import { ARCHIVE_PATH, type Archive, packArchive, unpackArchive } from '../container/archive.ts';
import { BootLog } from '../container/boot-log.ts';
import { ComwareInstance } from '../container/comware-instance.ts';
import { DeviceHost, DOCKER0_COMWARE, DOCKER0_HOST } from '../container/device-host.ts';
import { runDocker } from '../container/docker-apply.ts';
import { isDockerLine } from '../container/docker-command.ts';
import { DockerEngine } from '../container/docker-engine.ts';
import type { PublishedPort } from '../container/host-nat.ts';
import { must } from '../core/assert.ts';
import type { SimTime } from '../core/time.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import type { EthernetPort } from '../link/ethernet-port.ts';
import type { Place } from '../packet/place.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { loadIptables, runCommand } from './commands.ts';
import { ContainerPrograms } from './container-programs.ts';
import { imagesOf, optionsOf, quotaOf } from './container-spec.ts';
import type { Finding } from './finding.ts';
import { pullImage } from './image-pull.ts';
import type { RegisteredService } from './service-registry.ts';
import { startService, stopService } from './services.ts';
import { parseStaticRoute } from './static-route.ts';
import type { ComwareNode } from './topology-schema.ts';
import type { DeviceNode, World } from './world.ts';

type Path = readonly (string | number)[];

/** A finding whose path begins below the node. */
type Report = (finding: Finding) => void;

/**
 * A Comware device as the topology describes it: its host, its two Docker instances, Comware, and what each of them is
 * given at every boot. A reboot makes host and Comware anew; ports, cables, flash and the containers of the user stay.
 */
export class ComwareDevice implements DeviceNode {
  readonly kind = 'comware';
  readonly name: string;
  readonly boot = new BootLog();
  readonly instance: ComwareInstance;
  readonly docker: DockerEngine;
  readonly programs: ContainerPrograms;
  isBooting = false;
  archive: Archive | undefined;
  #host: DeviceHost | undefined;
  #comware: Comware | undefined;
  readonly #world: World;
  readonly #spec: ComwareNode;
  #report: Report | undefined;
  readonly #place: Place;
  readonly #ftpServer: RegisteredService;
  readonly #services: readonly { readonly service: RegisteredService; readonly path: Path }[];
  readonly #ports: { readonly name: InterfaceName; readonly port: EthernetPort }[] = [];
  /** Configuration that came after the topology's own, in its order: with it the running configuration. */
  readonly #configured: string[] = [];
  #boots = 0;

  constructor(world: World, name: string, spec: ComwareNode, report: Report) {
    this.name = name;
    this.#world = world;
    this.#spec = spec;
    this.#report = report;
    this.programs = new ContainerPrograms(world, spec, (message, path, blockLine) =>
      this.#refused(message, path, blockLine),
    );
    this.instance = new ComwareInstance(world.chance.fork(`${name} comware instance`));
    this.docker = new DockerEngine(this, world, quotaOf(spec), this.programs);
    this.docker.onPull = (reference, ended) => pullImage(world, name, reference, ended);
    for (const image of imagesOf(spec, world.chance.fork(`${name} images`))) {
      this.docker.images.set(image.reference, image);
    }
    this.#place = { node: name, role: 'comware', title: `${name}/comware` };
    this.#services = this.#registerServices();
    this.#ftpServer = ftpServerOf(name);
  }

  get host(): DeviceHost {
    return must(this.#host, 'the device is on');
  }

  get comware(): Comware {
    return must(this.#comware, 'the device is on');
  }

  /** Frames on their way to ports that no Comware drives: it is not up yet. */
  get heldAtPorts(): number {
    return this.isBooting ? this.#ports.reduce((sum, { port }) => sum + port.held, 0) : 0;
  }

  /** A physical port of the device; it stays over reboots. */
  addPort(name: InterfaceName, port: EthernetPort): void {
    this.#ports.push({ name, port });
    addPort(this.comware, name, port);
  }

  /** All that follows once the cables are in: configuration, Comware's applications, the containers. */
  start(): void {
    this.#configureAll();
    this.#startServices();
    for (const [name, spec] of Object.entries(this.#spec.containers)) {
      this.programs.declare(name, spec);
      const refused = this.docker.run(optionsOf(name, spec, this.comware), spec.autostart);
      this.#refused(refused, ['containers', name]);
      if (spec.autostart && refused === undefined) this.#log('container', `${name} started`);
    }
    // What docker made is still there at the next boot: its commands are given once.
    for (const [index, line] of this.#spec.exec.entries()) {
      if (!isDockerLine(line)) continue;
      const { error, later } = runDocker(this.docker, line);
      this.#refused(later === undefined ? error : 'pulling an image takes time: do it in a step', ['exec', index]);
    }
    this.programs.report = undefined;
    this.#report = undefined;
  }

  /** Lines of configuration, as typed in: they are part of what the next boot restores. */
  configure(text: string): CommandFault[] {
    const faults = configure(this.comware, text);
    this.#configured.push(text);
    return faults;
  }

  /** `save`: with the container files the data of all running containers goes to flash (whitepaper 3.4). */
  save(containers: boolean): string | undefined {
    if (!containers) return undefined;
    if (!this.#spec.flash) return 'This device has no disk or flash for container files: they cannot be saved.';
    this.archive = packArchive(this.docker.containers);
    return undefined;
  }

  /** Everything goes down at once; the device is up again after `takes`. */
  reboot(takes: SimTime): string | undefined {
    if (this.isBooting) return `${this.name} is booting already`;
    this.docker.powerOff();
    this.instance.powerOff();
    for (const { service } of this.#services) stopService(service);
    stopService(this.#ftpServer);
    powerOff(this.comware);
    this.host.powerOff();
    this.isBooting = true;
    this.powerOn();
    this.#world.clock.after(takes, this.#bootUp, undefined);
    return undefined;
  }

  /** The hardware is on: host, Docker service, the Comware container. Its ports stay down until it has booted. */
  powerOn(): void {
    const world = this.#world;
    this.#boots++;
    this.#log('power', 'power on');
    const host = new DeviceHost(this.name, world);
    host.snatAt = this.#spec.host.snat_at;
    host.ports = this.#spec.host.ports.map(publishedPort);
    this.#host = host;
    this.#log('service-manager', 'service management of the host started');
    const docker0 = host.createDocker0();
    this.#log('docker', 'Docker service started: the Comware instance and the user instance');
    this.instance.create();
    const place = this.#place;
    const label = this.#boots === 1 ? place.title : `${place.title} boot ${this.#boots}`;
    const net = createNetNamespace(place, {
      clock: world.clock,
      chance: world.chance.fork(label),
      ledger: world.ledger,
    });
    this.#log('comware-created', `image ${this.instance.image} built, container ${this.instance.name} created`);
    const comware = createComware(place, this.#spec.sysname ?? this.name, net, host);
    this.#comware = comware;
    comware.onFtpServer = (enabled) => this.#switchFtpServer(enabled);
    for (const { protocol, published } of host.ports) comware.hostPorts.push({ protocol, port: published });
    for (const device of net.devices) if (!device.isLoopback) world.deviceMade(device);
    attachDocker0Leg(comware, docker0, DOCKER0_COMWARE, DOCKER0_HOST.address);
    this.instance.start();
    this.#log('comware-started', `docker start ${this.instance.name}`);
  }

  readonly #bootUp = (): void => {
    this.isBooting = false;
    for (const { name, port } of this.#ports) addPort(this.comware, name, port);
    this.#configureAll();
    for (const text of this.#configured) configure(this.comware, text);
    this.#startServices();
    if (this.archive !== undefined) this.#log('archive', `${ARCHIVE_PATH} unpacked to /var/lib/docker`);
    unpackArchive(this.archive, this.docker.containers);
    this.docker.boot();
    for (const container of this.docker.containers) {
      if (container.state === 'running') this.#log('container', `${container.options.name} started`);
    }
  };

  #configureAll(): void {
    const { comware } = this;
    const spec = this.#spec;
    for (const [interfaceName, one] of Object.entries(spec.interfaces)) {
      this.#configureInterface(interfaceName, one);
    }
    for (const [index, text] of spec.routes.entries()) {
      const route = parseStaticRoute(text);
      this.#refused(typeof route === 'string' ? route : addStatic(comware, route), ['routes', index]);
    }
    for (const fault of configure(comware, spec.configuration ?? '')) {
      this.#refused(fault.message, ['configuration'], fault.line);
    }
    this.#log('configuration', 'configuration applied');
    for (const [index, line] of spec.exec.entries()) {
      if (!isDockerLine(line)) this.#refused(runCommand(comware.net, line), ['exec', index]);
    }
    const fault = loadIptables(this.host.net, spec.host.iptables);
    this.#refused(fault?.message, ['host', 'iptables'], fault?.blockLine);
    for (const [index, line] of spec.host.exec.entries()) {
      this.#refused(runCommand(this.host.net, line), ['host', 'exec', index]);
    }
    this.#log('cli', `<${comware.sysname}>`);
  }

  #configureInterface(text: string, spec: ComwareNode['interfaces'][string]): void {
    const { comware } = this;
    const path = ['interfaces', text];
    const one = openInterface(comware, must(parseInterfaceName(text), 'the schema checks interface names'));
    if (typeof one === 'string') {
      this.#refused(one, path);
      return;
    }
    if (spec.shutdown) setShutdown(comware, one, true);
    if (spec.address !== undefined) this.#refused(setAddress(comware, one, spec.address), [...path, 'address']);
  }

  /** Comware's applications, and those of the host, with their paths in the topology. */
  #registerServices(): { readonly service: RegisteredService; readonly path: Path }[] {
    const { services } = this.#world;
    const { applications, host } = this.#spec;
    const titleOf = (stack: 'comware' | 'kernel'): string => (stack === 'comware' ? this.name : `${this.name}/comware`);
    return [
      ...applications.map((spec, index) => ({
        service: services.add(titleOf(spec.stack), spec),
        path: ['applications', index],
      })),
      ...host.services.map((spec, index) => ({
        service: services.add(`${this.name}/host`, spec),
        path: ['host', 'services', index],
      })),
    ];
  }

  /** `ftp server enable`: Comware's own FTP server, on Comware's stack. */
  #switchFtpServer(enabled: boolean): void {
    if (!enabled) {
      stopService(this.#ftpServer);
      return;
    }
    const stack = must(this.#world.find(this.name), 'a device that is configured is there');
    this.#refused(startService(this.#world, stack, this.#ftpServer), ['configuration']);
  }

  #startServices(): void {
    for (const { service, path } of this.#services) {
      const stack = this.#world.find(service.owner);
      if (!service.spec.autostart || stack === undefined) continue;
      this.#refused(startService(this.#world, stack, service), path);
    }
  }

  /** A finding while the topology is built; later there is nobody to tell but the boot log. */
  #refused(message: string | undefined, path: Path, blockLine?: number): void {
    if (message === undefined) return;
    if (this.#report === undefined) this.#log('configuration', `refused: ${message}`);
    else this.#report({ code: 'COMMAND', message, path, ...(blockLine === undefined ? {} : { blockLine }) });
  }

  #log(kind: Parameters<BootLog['add']>[1], text: string): void {
    this.boot.add(this.#world.clock.now, kind, text);
  }
}

function publishedPort(spec: ComwareNode['host']['ports'][number]): PublishedPort {
  const { published, target } = spec;
  return { protocol: spec.protocol === 'tcp' ? PROTOCOL_TCP : PROTOCOL_UDP, published, target };
}

/** The server that `ftp server enable` starts. It is no service of the topology: no step switches it. */
function ftpServerOf(owner: string): RegisteredService {
  const spec = { program: 'ftp', port: 21, banner: 'FTP service ready.', autostart: false } as const;
  return { owner, name: 'ftp', spec, files: new Map(), running: undefined };
}
