import { protocolOf, type ServiceSpec } from '../world/service-schema.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import { publishedAt } from './candidates-nat.ts';
import type { Scene, Scenery } from './scene.ts';

/* Programs that should listen, and containers that should run. */

const REFUSING: readonly string[] = ['kernel:NO_SOCKET'];

/** A listener where nobody wanted the packet; one of the topology that does not run is what was meant. */
export function listeners(scene: Scene, stack: Stack): Candidate[] {
  const { protocol } = scene;
  if (protocol === 'icmp') return [];
  const wanted = new Set(
    scene
      .deathsAt(stack)
      .filter(isUnwanted)
      .map(({ packet }) => packet?.destinationPort ?? 0),
  );
  if (isRefused(scene, stack)) wanted.add(scene.attempt.probe.port);
  return [...wanted]
    .filter((port) => port !== 0)
    .map((port) => {
      const idle = scene.world.services
        .of(stack.title)
        .find(({ spec, running }) => running === undefined && spec.port === port && protocolOf(spec) === protocol);
      const isElsewhere = listensElsewhere(stack, protocol, port);
      const program = programFor(scene);
      const words = program === 'echo' ? '' : ` as ${program}`;
      return {
        kind: 'listener' as const,
        verb: 'set' as const,
        line: `${stack.title}: listen ${protocol} ${port}${idle === undefined ? words : ''}`,
        cost: idle !== undefined ? 5 : isElsewhere ? 9 : isPublished(scene, stack, port) ? 30 : 18,
      };
    });
}

function isUnwanted({ death }: Scenery): boolean {
  return REFUSING.includes(death.reason);
}

/** Comware refuses without a drop that names a port. */
function isRefused(scene: Scene, stack: Stack): boolean {
  const isAddressed = scene.ownersOf(scene.destination).some((owned) => owned.stack.node === stack.node);
  return isAddressed && (stack.comware !== undefined || stack.place.role === 'comware');
}

/** The port is open, but on one address only. */
function listensElsewhere({ net }: Stack, protocol: 'udp' | 'tcp', port: number): boolean {
  const { tcp, udp } = net.parts;
  const open = protocol === 'tcp' ? tcp.listeners() : udp.list();
  return open.some((socket) => socket.localPort === port && socket.localAddress !== 0);
}

/** A rule of the stack gives the port away to somebody else. */
function isPublished(scene: Scene, stack: Stack, port: number): boolean {
  return publishedAt(scene, stack, port).length > 0;
}

/** What answers the program that asked. */
function programFor({ attempt: { probe } }: Scene): ServiceSpec['program'] {
  if (probe.kind === 'http') return 'http';
  if (probe.kind === 'tftp') return 'tftp';
  return probe.kind === 'pull' ? 'registry' : 'echo';
}

/** Containers that exist and do not run. */
export function containers(_scene: Scene, stack: Stack): Candidate[] {
  const { node } = stack;
  if (node.kind !== 'comware' || stack.comware === undefined) return [];
  return node.docker.containers
    .filter(({ state }) => state !== 'running')
    .map(({ options }) => ({
      kind: 'container',
      verb: 'set',
      line: `${node.name}: docker start ${options.name}`,
      cost: 8,
    }));
}
