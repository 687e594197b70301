import type { Service } from '../program/service.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type ApplicationSpec, protocolOf, type ServiceSpec } from './service-schema.ts';

/** A service of the topology: what it is, where it belongs, and whether it runs. */
export interface RegisteredService {
  /** Title of the stack it runs on; for Comware's applications the node's name. */
  readonly owner: string;
  readonly name: string;
  readonly spec: ServiceSpec | ApplicationSpec;
  /** Of a TFTP server: what it has, by name. It outlives the program, as a disk does. */
  readonly files: Map<string, Uint8Array>;
  running: Service | undefined;
}

/** Every service of the world, running or not. */
export class ServiceRegistry {
  readonly #services: RegisteredService[] = [];

  add(owner: string, spec: ServiceSpec | ApplicationSpec): RegisteredService {
    const service = { owner, name: serviceName(spec), spec, files: filesOf(spec), running: undefined };
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

/** The given name, or `udp-7`, `tcp-80`. */
function serviceName(spec: ServiceSpec): string {
  return spec.name ?? `${protocolOf(spec)}-${spec.port}`;
}

function filesOf(spec: ServiceSpec): Map<string, Uint8Array> {
  const files = Object.entries(spec.files ?? {});
  return new Map(
    files.map(([name, file]) => [name, typeof file === 'string' ? encodeUtf8(file) : patternOf(file.size)]),
  );
}

/** Bytes that tell where they stand. */
function patternOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index + (index >> 8)) & 0xff);
}
