import { startUdpService } from '../program/services.ts';
import type { RegisteredService } from './service-registry.ts';
import { programHost, type Stack, type World } from './world.ts';

/** Starts a service on its stack; the sentence of a refusal. */
export function startService(world: World, stack: Stack, service: RegisteredService): string | undefined {
  if (service.running !== undefined) return undefined;
  const { spec, name } = service;
  const { address = 0, port, program } = spec;
  const started = startUdpService(programHost(world, stack), { name, program, address, port });
  if (typeof started === 'string') return `${name} cannot listen on UDP port ${port}: ${started}`;
  service.running = started;
  return undefined;
}

/** Stops one service. */
export function stopService(service: RegisteredService): void {
  service.running?.close();
  service.running = undefined;
}

/** Stops every service of an owner: its container ends. */
export function stopServices(world: World, owner: string): void {
  for (const service of world.services.of(owner)) stopService(service);
}

/**
 * Services of a stack or of a stopped container. Comware's applications on the kernel's stack belong to the node in the
 * topology, and may be named by it.
 */
export function servicesOf(world: World, name: string): RegisteredService[] {
  const owners = [
    name,
    ...world.services.owners().filter((owner) => owner.endsWith(`/${name}`) || owner === `${name}/comware`),
  ];
  return owners.flatMap((owner) => world.services.of(owner));
}
