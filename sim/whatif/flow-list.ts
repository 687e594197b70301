import { snapshotComware } from '../comware/snapshot.ts';
import type { Flow } from '../explain/flow.ts';
import { formatIpv4, type Ipv4, isLoopback, parseIpv4 } from '../wire/address.ts';
import { protocolOf } from '../world/service-schema.ts';
import type { Stack, World } from '../world/world.ts';
import type { AskedFlow } from './asked-flow.ts';

/** A flow by the names of both ends, which two networks can have in common. */
export interface FlowNames {
  /** Title of the stack that sends. */
  readonly from: string;
  /** Title of the stack that is asked, with the device that has the address, and which of its addresses it is, from 0. */
  readonly to: string;
  readonly device: string;
  readonly index: number;
  readonly protocol: Flow['protocol'];
  readonly port: number;
}

/** What a flow by names is in one network. */
export interface NamedFlow {
  readonly from: string;
  /** `srv 10.2.0.5:80/tcp`, `srv 10.2.0.5 icmp`. */
  readonly to: string;
  readonly flow: Flow;
}

interface Target {
  readonly stack: Stack;
  readonly device: string;
  readonly address: Ipv4;
  /** Of the addresses of the device, from 0. */
  readonly index: number;
}

/**
 * What a network is asked: every stack pings every address of every other node and container, and asks every port that
 * somebody listens on or that is published there.
 */
export function flowsOf(world: World): FlowNames[] {
  const stacks = world.stacks().filter((stack) => isAsked(world, stack));
  const targets = stacks.flatMap(targetsOf);
  return stacks.flatMap((from) =>
    targets
      .filter((target) => target.stack.net !== from.net)
      .flatMap((target) => [
        named(from, target, 'icmp', 0),
        ...portsOf(world, target).map((one) => named(from, target, ...one)),
      ]),
  );
}

/** The kernels inside a device are asked where programs listen on them; a switch has nobody to ask. */
function isAsked(world: World, { node, place, title, comware }: Stack): boolean {
  if (node.kind === 'bridge') return false;
  const isInside = comware === undefined && (place.role === 'comware' || place.role === 'host');
  return !isInside || world.services.of(title).length > 0;
}

function targetsOf(stack: Stack): Target[] {
  const { comware, net } = stack;
  const own =
    comware === undefined
      ? net.addresses.map(({ device, address }) => ({ device: device.name, address }))
      : comware.interfaces.flatMap(({ name, address }) =>
          address === undefined ? [] : [{ device: name.short, address: address.address }],
        );
  const count = new Map<string, number>();
  return own
    .filter(({ address }) => !isLoopback(address))
    .map(({ device, address }) => {
      const index = count.get(device) ?? 0;
      count.set(device, index + 1);
      return { stack, device, address, index };
    });
}

/** Ports that answer at an address: those that programs listen on, and those that translation gives away. */
function portsOf(world: World, { stack, address }: Target): (readonly ['udp' | 'tcp', number])[] {
  const listening = world.services
    .of(stack.title)
    .filter(({ running, spec }) => running !== undefined && (spec.address === undefined || spec.address === address))
    .map(({ spec }) => [protocolOf(spec), spec.port] as const);
  const all = [...listening, ...publishedPorts(stack, address)];
  return [...new Map(all.map((one) => [one.join(' '), one])).values()];
}

function publishedPorts({ comware, net }: Stack, address: Ipv4): (readonly ['udp' | 'tcp', number])[] {
  if (comware !== undefined) {
    return snapshotComware(comware).nat.servers.flatMap(({ global, globalPorts, protocol }) =>
      global === formatIpv4(address) && /^\d+$/.test(globalPorts) && (protocol === 6 || protocol === 17)
        ? [[protocol === 6 ? 'tcp' : 'udp', Number(globalPorts)] as const]
        : [],
    );
  }
  const nat = net.xtables.find((table) => table.name === 'nat')?.chains() ?? [];
  return nat.flatMap(({ rules }) =>
    rules.flatMap(({ rule }) => {
      const isDnat = rule.target.kind === 'DNAT' || rule.target.kind === 'REDIRECT';
      if (!isDnat || !covers(rule.destination, address)) return [];
      return rule.matches.flatMap((match) => {
        if ((match.kind !== 'tcp' && match.kind !== 'udp') || match.destination.not) return [];
        const [first, last] = match.destination.range;
        return first === last ? [[match.kind, first] as const] : [];
      });
    }),
  );
}

function covers({ address, mask, not }: { address: Ipv4; mask: Ipv4; not: boolean }, asked: Ipv4): boolean {
  return ((asked & mask) >>> 0 === address) !== not;
}

function named(from: Stack, { stack, device, index }: Target, protocol: Flow['protocol'], port: number): FlowNames {
  return { from: from.title, to: stack.title, device, index, protocol, port };
}

/** The flow in a world; undefined where it has no such sender, or no such address. */
export function flowIn(world: World, { from, to, device, index, protocol, port }: FlowNames): NamedFlow | undefined {
  const [sender, receiver] = [world.find(from), world.find(to)];
  const targets = receiver === undefined ? [] : targetsOf(receiver);
  const target = targets.find((one) => one.device === device && one.index === index);
  if (sender === undefined || target === undefined) return undefined;
  const { address } = target;
  return {
    from: sender.title,
    to: `${target.stack.title} ${endText(address, protocol, port)}`,
    flow: { protocol, destination: address, port },
  };
}

function endText(address: Ipv4, protocol: Flow['protocol'], port: number): string {
  return protocol === 'icmp' ? `${formatIpv4(address)} icmp` : `${formatIpv4(address)}:${port}/${protocol}`;
}

/** What an asked flow is in a world; undefined where it has no such sender or receiver. */
export function askedIn(world: World, { from, to, protocol, port }: AskedFlow): NamedFlow | undefined {
  const stack = world.find(from);
  const named = world.find(to);
  const address = parseIpv4(to) ?? (named === undefined ? undefined : targetsOf(named)[0]?.address);
  if (stack === undefined || address === undefined) return undefined;
  const end = endText(address, protocol, port);
  return {
    from: stack.title,
    to: named === undefined ? end : `${named.title} ${end}`,
    flow: { protocol, destination: address, port },
  };
}
