import type { Service } from '../program/service.ts';
import type { ApplicationSpec, ServiceSpec } from './topology-schema.ts';

/** A service of the topology: what it is, where it belongs, and whether it runs. */
export interface RegisteredService {
  /** Title of the stack it runs on; for Comware's applications the node's name. */
  readonly owner: string;
  readonly name: string;
  readonly spec: ServiceSpec | ApplicationSpec;
  running: Service | undefined;
}

/** Every service of the world, running or not. */
export class ServiceRegistry {
  readonly #services: RegisteredService[] = [];

  add(owner: string, spec: ServiceSpec | ApplicationSpec): RegisteredService {
    const service = { owner, name: serviceName(spec), spec, running: undefined };
    this.#services.push(service);
    return service;
  }

  of(owner: string): RegisteredService[] {
    return this.#services.filter((service) => service.owner === owner);
  }

  /** The owner is no more. */
  remove(owner: string): void {
    const rest = this.#services.filter((service) => service.owner !== owner);
    this.#services.splice(0, this.#services.length, ...rest);
  }

  /** Everybody who has services. */
  owners(): string[] {
    return [...new Set(this.#services.map((service) => service.owner))];
  }
}

/** The given name, or `udp-7`. */
function serviceName(spec: ServiceSpec): string {
  return spec.name ?? `${spec.protocol}-${spec.port}`;
}
