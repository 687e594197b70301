import type { Container } from '../container/container.ts';
import type { EngineHooks } from '../container/docker-engine.ts';
import { withTag } from '../container/image.ts';
import { must } from '../core/assert.ts';
import { loadIptables, runCommand } from './commands.ts';
import { startService, stopServices } from './services.ts';
import type { ComwareNode, ContainerSpec, ImageSpec } from './topology-schema.ts';
import type { World } from './world.ts';

/** What runs in a container. */
type Programs = Pick<ImageSpec, 'services' | 'exec'> & Pick<ContainerSpec, 'iptables'>;

/** Where a refused command of a container stands in the topology, below its node. */
export type ReportProgram = (message: string, path: readonly (string | number)[], blockLine?: number) => void;

/** The programs of a device's containers: what the topology says of each, or else what its image holds. */
export class ContainerPrograms implements EngineHooks {
  /** Told of refusals while the topology is built; afterwards they stand in the container's log. */
  report: ReportProgram | undefined;
  readonly #world: World;
  /** By name with its tag; of two that come to the same the first. */
  readonly #images: ReadonlyMap<string, ImageSpec>;
  readonly #declared = new Map<string, { readonly programs: Programs; readonly path: readonly string[] }>();

  constructor(world: World, spec: ComwareNode, report: ReportProgram) {
    this.#world = world;
    const images = Object.entries(spec.images).map(([name, image]) => [withTag(name), image] as const);
    this.#images = new Map(images.toReversed());
    this.report = report;
  }

  /** A container of the topology is about to be made: it runs its own services, or else those of its image. */
  declare(name: string, spec: ContainerSpec): void {
    const image = spec.services.length > 0 ? undefined : this.#imageOf(spec.image ?? name);
    const services = image?.services ?? spec.services;
    const programs = { services, iptables: spec.iptables, exec: [...(image?.exec ?? []), ...spec.exec] };
    this.#declared.set(name, { programs, path: ['containers', name] });
  }

  created({ options, place }: Container): void {
    if (!this.#declared.has(options.name)) {
      const programs = this.#imageOf(options.image) ?? { services: [], exec: [] };
      this.#declared.set(options.name, { programs, path: ['images', options.image] });
    }
    for (const service of this.#of(options.name).programs.services) this.#world.services.add(place.title, service);
  }

  removed({ options, place }: Container): void {
    this.#declared.delete(options.name);
    this.#world.services.remove(place.title);
  }

  started(container: Container): string | undefined {
    const { place, log, options } = container;
    const net = must(container.net, 'a container that has started is in a namespace');
    const { programs, path } = this.#of(options.name);
    const fault = loadIptables(net, programs.iptables);
    if (fault !== undefined) {
      log.push(`iptables-restore: ${fault.message}`);
      this.report?.(fault.message, [...path, 'iptables'], fault.blockLine);
    }
    for (const [index, line] of programs.exec.entries()) {
      const refused = runCommand(net, line);
      if (refused === undefined) continue;
      log.push(`${line}: ${refused}`);
      this.report?.(refused, [...path, 'exec', index]);
    }
    for (const service of this.#world.services.of(place.title)) {
      const stack = must(this.#world.find(place.title), 'a container that has started can be found');
      const refused = service.spec.autostart ? startService(this.#world, stack, service) : undefined;
      if (refused === undefined) continue;
      if (options.restart.name === 'no') this.report?.(refused, [...path, 'services']);
      return refused;
    }
    return undefined;
  }

  stopping({ place }: Container): void {
    stopServices(this.#world, place.title);
  }

  exec(container: Container, command: string): string | undefined {
    return runCommand(must(container.net, 'the container runs'), command);
  }

  #of(name: string): { readonly programs: Programs; readonly path: readonly string[] } {
    return must(this.#declared.get(name), 'a container is declared when it is made');
  }

  #imageOf(reference: string): ImageSpec | undefined {
    return this.#images.get(withTag(reference));
  }
}
