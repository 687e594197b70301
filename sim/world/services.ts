import type { Errno } from '../core/errno.ts';
import { startTcpEcho, startTcpSink } from '../program/echo-server.ts';
import { startFtpServer } from '../program/ftp-server.ts';
import { type Page, siteOf, startHttpServer } from '../program/http-server.ts';
import { makeImage, type StoredImage } from '../program/image.ts';
import type { ProgramHost } from '../program/program-host.ts';
import { startRegistry } from '../program/registry.ts';
import { startResponder } from '../program/responder.ts';
import type { Service } from '../program/service.ts';
import { serverActions, type TcpAction } from '../program/tcp-actions.ts';
import { startTftpServer } from '../program/tftp-server.ts';
import { startUdpService } from '../program/udp-service.ts';
import { CADVISOR_PAGES } from './cadvisor-pages.ts';
import { mannersOf, tcpSocketOf } from './manners-schema.ts';
import type { RegisteredService } from './service-registry.ts';
import { protocolOf, type ServiceSpec } from './service-schema.ts';
import { programHost, type Stack, type World } from './world.ts';

/** Starts a service on its stack; the sentence of a refusal. */
export function startService(world: World, stack: Stack, service: RegisteredService): string | undefined {
  if (service.running !== undefined) return undefined;
  const started = startProgram(programHost(world, stack), service);
  if (typeof started !== 'string') {
    service.running = started;
    return undefined;
  }
  const { name, spec } = service;
  return `${name} cannot listen on ${protocolOf(spec).toUpperCase()} port ${spec.port}: ${started}`;
}

function startProgram(host: ProgramHost, { name, spec, files }: RegisteredService): Service | Errno {
  const { address = 0, port, program } = spec;
  const where = { name, address, port };
  switch (program) {
    case 'echo':
      return protocolOf(spec) === 'tcp' ? startTcpEcho(host, where) : startUdpService(host, { ...where, program });
    case 'sink':
      return protocolOf(spec) === 'tcp' ? startTcpSink(host, where) : startUdpService(host, { ...where, program });
    case 'responder':
      return startResponder(host, { ...where, socket: tcpSocketOf(spec) }, actionsOf(spec));
    case 'tftp':
      return startTftpServer(host, { ...where, files, overwrite: spec.overwrite ?? false });
    case 'ftp':
      return startFtpServer(host, where, spec.banner ?? `${name} FTP service ready.`);
    case 'http':
      return startHttpServer(host, where, siteOf(pagesOf(spec, `${name} on ${host.place.title}\n`)));
    case 'cadvisor':
      return startHttpServer(host, where, siteOf(CADVISOR_PAGES));
    case 'registry':
      return startRegistry(host, where, imagesOf(spec));
  }
}

/** What a responder does; its answers are letters. */
function actionsOf(spec: ServiceSpec): TcpAction[] {
  const answer = Uint8Array.from({ length: spec.size ?? 0 }, (_, index) => 0x61 + (index % 26));
  return serverActions(mannersOf(spec, answer, 'wait', spec.delay));
}

function pagesOf({ pages }: ServiceSpec, greeting: string): ReadonlyMap<string, Page> {
  if (pages === undefined) return new Map([['/', { body: greeting }]]);
  return new Map(
    Object.entries(pages).map(([path, page]) => {
      if (typeof page === 'string') return [path, { body: page }];
      const { body, type, redirect } = page;
      return [path, { body, ...(type === undefined ? {} : { type }), ...(redirect === undefined ? {} : { redirect }) }];
    }),
  );
}

function imagesOf({ images = {} }: ServiceSpec): ReadonlyMap<string, StoredImage> {
  return new Map(
    Object.entries(images).map(([reference, options]) => {
      const [repository = '', tag = 'latest'] = reference.split(':');
      return [`${repository}:${tag}`, makeImage(repository, tag, options?.size ?? 2000)];
    }),
  );
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
