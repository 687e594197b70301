import type fc from 'fast-check';
import { type Choices, chosen } from './choices.ts';
import type { InterfaceDocument, LinkDocument, LinuxDocument, ScenarioDocument, ServiceDocument } from './document.ts';
import { blockOf, chooseFilterRule, commandsOf, USER_CHAIN } from './filter.ts';
import { chooseSteps } from './flows.ts';
import { chooseAnyRoute, chooseRoutes, chooseRule } from './routing.ts';
import { chooseSettings } from './settings.ts';
import { chooseShape, type Host, type Member, type Segment, type Shape } from './shape.ts';
import { sound } from './sound.ts';

/** Any scenario that the judge can play: up to six nodes, what lies between them, and some flows. */
export const scenarios: fc.Arbitrary<ScenarioDocument> = chosen(chooseScenario);

function chooseScenario(choose: Choices): ScenarioDocument {
  const shape = chooseShape(choose);
  const nodes: ScenarioDocument['topology']['topology']['nodes'] = {};
  for (const host of shape.hosts) nodes[host.name] = chooseHost(choose, shape, host);
  const links: LinkDocument[] = [];
  for (const segment of shape.segments) {
    if (segment.medium === 'switch') nodes[`sw${segment.index}`] = { kind: 'bridge' };
    links.push(...chooseLinks(choose, segment));
  }
  return sound({ name: 'fuzz', topology: { topology: { nodes, links } }, steps: chooseSteps(choose, shape) });
}

/**
 * Both ends of a cable have one MTU: ping(8) tries for seconds to send what the other end of a veth pair does not take. And
 * no packet leaves in more than two pieces: of a third one, captures show what routers further on made of it.
 */
function chooseMtu(choose: Choices): number {
  return choose.pick([1400, 1280, 1492, 9000]);
}

/** The cables of a segment: from one host to the other, or from each to what is in the middle. */
function chooseLinks(choose: Choices, { medium, members, index }: Segment): LinkDocument[] {
  const mtu = choose.chance(8) ? { mtu: chooseMtu(choose) } : {};
  const [first, ...rest] = members;
  if (first === undefined) return [];
  if (medium === 'cable') return rest.map((member) => ({ endpoints: [endOf(first), endOf(member)], ...mtu }));
  const [connected, port] =
    medium === 'switch'
      ? [members, (place: number) => `sw${index}:p${place}`]
      : [rest, (place: number) => `${first.host.name}:${portName(index, place)}`];
  return connected.map((member, place) => ({ endpoints: [port(place), endOf(member)], ...mtu }));
}

const endOf = ({ host, device }: Member): string => `${host.name}:${device}`;
const portName = (segment: number, place: number): string => `p${segment}x${place}`;

function chooseHost(choose: Choices, shape: Shape, host: Host): LinuxDocument {
  const interfaces: Record<string, InterfaceDocument> = {};
  for (const member of host.members) {
    const isBridge = member.device.startsWith('br');
    const { addresses, segment } = member;
    const [only] = addresses;
    interfaces[member.device] = {
      ...(isBridge ? { kind: 'bridge' } : {}),
      ...(only === undefined ? {} : { address: addresses.length === 1 ? only : addresses }),
    };
    if (!isBridge) continue;
    const ports = segment.members.slice(1).map((_, place) => portName(segment.index, place));
    for (const port of ports) interfaces[port] = {};
    interfaces[member.device] = { ...interfaces[member.device], ports };
  }
  if (choose.chance(4)) interfaces.idle0 = { address: '10.5.5.1/24' };
  return {
    kind: 'linux',
    interfaces,
    routes: chooseRoutes(choose, shape, host),
    ...chooseOdd(choose, shape, host),
    sysctls: chooseSettings(choose, host),
    services: chooseServices(choose),
  };
}

/** Policy rules with the tables they look up, rules of the packet filter, and commands of any kind. */
function chooseOdd(choose: Choices, shape: Shape, host: Host): Partial<LinuxDocument> {
  const odd: Partial<LinuxDocument> = {};
  const exec: string[] = [];
  if (choose.chance(12)) {
    odd.rules = Array.from({ length: 1 + choose.below(3) }, () => chooseRule(choose, shape, host));
    for (let count = choose.below(3); count > 0; count--) {
      exec.push(`ip route add ${chooseAnyRoute(choose, shape, host).replace(/ table \d+$/, '')} table 100`);
    }
  }
  if (choose.chance(8)) exec.push(`ip route add ${chooseAnyRoute(choose, shape, host)}`);
  if (choose.chance(host.members.length > 1 ? 45 : 20)) {
    const isRouter = host.members.length > 1;
    const count = choose.weighted([3, 1], [3, 2], [2, 3], [1, 5]);
    const rules = Array.from({ length: count }, () => chooseFilterRule(choose, shape, host));
    for (const table of new Set(rules.map((rule) => rule.table))) {
      if (choose.chance(40)) rules.push(chooseFilterRule(choose, shape, host, table, USER_CHAIN));
    }
    const policies = new Map<string, string>();
    if (choose.chance(7))
      policies.set(choose.pick(isRouter ? ['FORWARD', 'INPUT', 'OUTPUT'] : ['INPUT', 'OUTPUT']), 'DROP');
    if (choose.chance(50)) odd.iptables = blockOf(rules, policies);
    else exec.push(...commandsOf(rules, policies));
  }
  if (exec.length > 0) odd.exec = exec;
  return odd;
}

function chooseServices(choose: Choices): ServiceDocument[] {
  const all: ServiceDocument[] = [
    { port: 7 },
    { port: 7, protocol: 'tcp' },
    { port: 9, program: 'sink' },
    { port: 9, protocol: 'tcp', program: 'sink' },
    { port: 80, program: 'http' },
  ];
  return all.filter((_, index) => choose.chance(index < 2 ? 95 : 40));
}
