import { WordReader } from '../iproute2/word-reader.ts';
import { formatIpv4, parseIpv4 } from '../wire/address.ts';
import type { RegisteredService } from '../world/service-registry.ts';
import { protocolOf, type ServiceSpec, serviceSchema } from '../world/service-schema.ts';
import { servicesOf, startService, stopService } from '../world/services.ts';
import type { Stack, World } from '../world/world.ts';
import type { ChangeFault } from './change.ts';

/* `listen tcp 80 [at ADDRESS] [as PROGRAM]`: a program that listens on a stack. */

interface Listening {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  /** 0 for every address. */
  readonly address: number;
  readonly program: ServiceSpec['program'];
}

const PROGRAMS = ['echo', 'sink', 'responder', 'tftp', 'ftp', 'http', 'cadvisor', 'registry'] as const;

export function isListenLine(text: string): boolean {
  return /^listen(\s|$)/.test(text);
}

interface Part {
  readonly text: string;
  readonly at: number;
}

/** Starts a program that listens: one of the topology that waits for its start on that port, or a new one. */
export function listen(world: World, stack: Stack, part: Part): ChangeFault | undefined {
  const wanted = read(part);
  if ('message' in wanted) return wanted;
  const service = waiting(world, stack, wanted) ?? opened(world, stack, wanted) ?? added(world, stack, wanted);
  if ('issue' in service) return { message: service.issue, column: part.at, length: part.text.length };
  const message = startService(world, stack, service);
  return message === undefined ? undefined : { message, column: part.at, length: part.text.length };
}

/** Ends every program that listens there. */
export function unlisten(world: World, stack: Stack, part: Part): ChangeFault | undefined {
  const wanted = read(part);
  if ('message' in wanted) return wanted;
  const found = servicesOf(world, stack.title).filter(
    (service) => service.running !== undefined && isAt(service, wanted) && ownsIt(world, service, stack),
  );
  if (found.length === 0) {
    const message = `nothing listens on ${wanted.protocol} port ${wanted.port} of ${stack.title}`;
    return { message, column: part.at, length: part.text.length };
  }
  for (const service of found) stopService(service);
  return undefined;
}

function isAt({ spec }: RegisteredService, { protocol, port, address }: Listening): boolean {
  return protocolOf(spec) === protocol && spec.port === port && (address === 0 || spec.address === address);
}

/** An application of the kernel's stack of a device may be named by the device. */
function ownsIt(world: World, service: RegisteredService, stack: Stack): boolean {
  return world.find(service.owner)?.net === stack.net;
}

function waiting(world: World, stack: Stack, wanted: Listening): RegisteredService | undefined {
  return world.services
    .of(stack.title)
    .find((service) => service.running === undefined && isAt(service, wanted) && wanted.address === 0);
}

/** A program that listens on one address alone listens on all of them from now on. */
function opened(world: World, stack: Stack, wanted: Listening): RegisteredService | undefined {
  if (wanted.address !== 0) return undefined;
  const bound = world.services
    .of(stack.title)
    .find((service) => service.running !== undefined && service.spec.address !== undefined && isAt(service, wanted));
  if (bound === undefined) return undefined;
  stopService(bound);
  return world.services.add(stack.title, { ...bound.spec, address: undefined });
}

function added(
  world: World,
  stack: Stack,
  { protocol, port, address, program }: Listening,
): RegisteredService | { readonly issue: string } {
  const where = address === 0 ? {} : { address: formatIpv4(address) };
  const spec = serviceSchema.safeParse({ protocol, port, program, ...where });
  if (spec.success) return world.services.add(stack.title, spec.data);
  return { issue: spec.error.issues.map(({ message }) => message).join('; ') };
}

function read({ text, at }: Part): Listening | ChangeFault {
  const words = new WordReader(text);
  words.take();
  const protocol = words.value(
    (word) => (word === 'udp' || word === 'tcp' ? word : undefined),
    'udp',
    (word) => `"${word}" is neither tcp nor udp`,
  );
  const port = words.value(readPort, 0, (word) => `"${word}" is no port: 1 to 65535`);
  let address = 0;
  let program: Listening['program'] = 'echo';
  while (!words.done) {
    if (words.takeIf('at')) address = words.value(parseIpv4, 0, (word) => `"${word}" is no IPv4 address`);
    else if (words.takeIf('as'))
      program = words.value(readProgram, 'echo', (word) => `there is no program "${word}"`, PROGRAMS.join(', '));
    else words.unknown(`"${words.take()}" is no word of "listen"`, ['at', 'as']);
  }
  const { fault } = words;
  return fault === undefined ? { protocol, port, address, program } : { ...fault, column: at + fault.column };
}

function readPort(word: string): number | undefined {
  const port = /^\d{1,5}$/.test(word) ? Number(word) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

function readProgram(word: string): Listening['program'] | undefined {
  return PROGRAMS.find((name) => name === word);
}
