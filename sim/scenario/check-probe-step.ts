import { FIGURE_FLOWS } from '../whitepaper/figures.ts';
import type { Finding } from '../world/finding.ts';
import { servicesOf } from '../world/services.ts';
import type { World } from '../world/world.ts';
import { fileServices } from './check-application.ts';
import { checkStack, hintFor } from './check-stack.ts';
import { type ProbeStep, placeOf, verbOf } from './start-probe.ts';

type Path = readonly (string | number)[];

/** What of a step that asks something does not fit the world, or the steps before: stacks, ports, held connections. */
export function checkProbeStep(step: ProbeStep, path: Path, world: World, held: ReadonlySet<string>): Finding[] {
  const verb = verbOf(step);
  const place = placeOf(step);
  return [
    ...(place === undefined ? [] : checkStack(place, [...path, verb, verb === 'pull' ? 'on' : 'from'], world)),
    ...checkTarget(step, [...path, verb]),
    ...checkArping(step, [...path, verb], world),
    ...checkDevice(step, [...path, verb, 'device'], world),
    ...checkHeld(step, [...path, verb], held),
    ...checkFile(step, [...path, 'expect', 'file', 'at'], world),
    ...checkFigure('figure' in step ? step.figure : undefined, [...path, 'figure']),
  ];
}

function checkTarget(step: ProbeStep, path: Path): Finding[] {
  const to = 'udp' in step ? step.udp.to : 'tcp' in step && 'to' in step.tcp ? step.tcp.to : undefined;
  if (to === undefined || to.port !== 0) return [];
  return [{ code: 'BAD_VALUE', message: `${verbOf(step)} needs a port: ADDRESS:PORT`, path: [...path, 'to'] }];
}

function checkArping(step: ProbeStep, path: Path, world: World): Finding[] {
  if (!('arping' in step)) return [];
  const { from } = step.arping;
  if (world.find(from)?.comware === undefined) return [];
  const message = `${from} is Comware, which has no arping: name a Linux stack`;
  return [{ code: 'BAD_VALUE', message, path: [...path, 'from'] }];
}

/** Comware's sockets are bound to no interface: what they send goes by the routes. */
function checkDevice(step: ProbeStep, path: Path, world: World): Finding[] {
  const from = placeOf(step);
  if (deviceOf(step) === undefined || from === undefined || world.find(from)?.comware === undefined) return [];
  const message = `${from} is Comware, whose routes alone say by which interface it sends: leave device out`;
  return [{ code: 'BAD_VALUE', message, path }];
}

function deviceOf(step: ProbeStep): string | undefined {
  if ('ping' in step) return step.ping.device;
  if ('udp' in step) return step.udp.device;
  if ('http' in step) return step.http.device;
  return 'tcp' in step && 'from' in step.tcp ? step.tcp.device : undefined;
}

function checkHeld(step: ProbeStep, path: Path, held: ReadonlySet<string>): Finding[] {
  if (!('tcp' in step)) return [];
  const { tcp } = step;
  if (!('on' in tcp)) {
    if (tcp.name === undefined || tcp.hold !== undefined) return [];
    const message = `only a connection that is held has a name: add hold, such as hold: 10s`;
    return [{ code: 'MISSING_KEY', message, path: [...path, 'name'] }];
  }
  if (held.has(tcp.on)) return [];
  const names = [...held];
  const hint = names.length === 0 ? 'no step before holds one: hold: 10s, name: ...' : hintFor(tcp.on, names);
  return [
    { code: 'UNKNOWN_NODE', message: `no step before holds a connection "${tcp.on}"`, hint, path: [...path, 'on'] },
  ];
}

function checkFile(step: ProbeStep, path: Path, world: World): Finding[] {
  const at = step.expect?.file?.at;
  if (at === undefined) return [];
  const owner = at.split(':')[0] ?? '';
  const findings = checkStack(owner, path, world);
  // What a container that is still to be made will run is not known yet.
  if (findings.length > 0 || servicesOf(world, owner).length === 0) return findings;
  const services = fileServices(world, at);
  if (services.length === 1) return [];
  const found = services.length === 0 ? 'no TFTP service' : 'more than one TFTP service';
  const names = fileServices(world, owner).map((service) => `${owner}:${service.name}`);
  const hint = names.length === 0 ? undefined : `there are ${names.join(', ')}`;
  const message = `"${at}" names ${found}`;
  return [{ code: 'UNKNOWN_NODE', message, path, ...(hint === undefined ? {} : { hint }) }];
}

function checkFigure(figure: string | undefined, path: Path): Finding[] {
  const ids = FIGURE_FLOWS.map((flow) => flow.id);
  if (figure === undefined || ids.includes(figure)) return [];
  return [{ code: 'BAD_VALUE', message: `there is no flow "${figure}"`, hint: `flows are ${ids.join(', ')}`, path }];
}
