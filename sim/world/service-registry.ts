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
  readonly #byOwner = new Map<string, RegisteredService[]>();

  add(owner: string, spec: ServiceSpec | ApplicationSpec): RegisteredService {
    const service = { owner, name: serviceName(spec), spec, files: filesOf(spec), running: undefined };
    const others = this.#byOwner.get(owner);
    if (others === undefined) this.#byOwner.set(owner, [service]);
    else others.push(service);
    return service;
  }

  of(owner: string): readonly RegisteredService[] {
    return this.#byOwner.get(owner) ?? [];
  }

  /** The owner is no more. */
  remove(owner: string): void {
    this.#byOwner.delete(owner);
  }

  /** Everybody who has services. */
  owners(): string[] {
    return [...this.#byOwner.keys()];
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
