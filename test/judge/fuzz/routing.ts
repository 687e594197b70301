import type { Choices } from './choices.ts';
import { bare, type Host, type Member, networkOf, type Shape, subnetsOf } from './shape.ts';

/* Routes and policy rules of a random network: mostly those that lead there, and some that do not. */

/** Where a host sends what is for a segment: the next host on a shortest way over hosts that forward. */
function nextHops(from: Host): Map<number, Member> {
  const first = new Map<number, Member>();
  const seen = new Set(from.members.map(({ segment }) => segment.index));
  let edge = from.members.flatMap((own) =>
    own.segment.members.filter(({ host }) => host !== from).map((gateway) => ({ gateway, at: gateway.host })),
  );
  const visited = new Set<Host>([from]);
  while (edge.length > 0) {
    const next: typeof edge = [];
    for (const { gateway, at } of edge) {
      if (visited.has(at) || !at.forwards) continue;
      visited.add(at);
      for (const { segment } of at.members) {
        if (seen.has(segment.index)) continue;
        seen.add(segment.index);
        first.set(segment.index, gateway);
        next.push(...segment.members.map((member) => ({ gateway, at: member.host })));
      }
    }
    edge = next;
  }
  return first;
}

/** The routes of a host as `ip route add` takes them. */
export function chooseRoutes(choose: Choices, shape: Shape, host: Host): string[] {
  const hops = nextHops(host);
  const gateways = [...new Set([...hops.values()].filter((gateway) => canReach(host, gateway)))];
  const [only] = gateways;
  if (gateways.length === 1 && only !== undefined && choose.chance(60)) {
    return choose.chance(5) ? [] : [`default via ${addressOf(only)}${chooseTail(choose, host)}`];
  }
  return [...hops].flatMap(([index, gateway]) => {
    const segment = shape.segments[index];
    if (segment === undefined || !canReach(host, gateway) || choose.chance(6)) return [];
    return subnetsOf(segment).map((subnet) => `${subnet} via ${addressOf(gateway)}${chooseTail(choose, host)}`);
  });
}

function chooseTail(choose: Choices, host: Host): string {
  return choose.weighted(
    [88, ''],
    [5, ` metric ${choose.pick([10, 100])}`],
    [3, ' proto static'],
    [4, sourceOf(choose, host)],
  );
}

function sourceOf(choose: Choices, host: Host): string {
  const own = host.members.flatMap(({ addresses }) => addresses);
  return own.length === 0 ? '' : ` src ${bare(choose.pick(own))}`;
}

function addressOf({ addresses }: Member): string {
  return bare(addresses[0] ?? '/');
}

/** Whether a gateway is in a subnet of a host: other routes are refused when they are added. */
function canReach(host: Host, { addresses }: Member): boolean {
  const [address] = addresses;
  if (address === undefined) return false;
  return host.members.some((own) =>
    own.addresses.some((one) => {
      const length = one.split('/')[1] ?? '32';
      return networkOf(`${bare(address)}/${length}`) === networkOf(one);
    }),
  );
}

/** Addresses in a network: those of hosts, and some that nobody has. */
export function chooseAddress(choose: Choices, shape: Shape): string {
  const own = shape.hosts.flatMap(({ members }) => members.flatMap(({ addresses }) => addresses.map(bare)));
  return own.length > 0 && choose.chance(94) ? choose.pick(own) : chooseNobody(choose, shape);
}

function chooseNobody(choose: Choices, shape: Shape): string {
  const third = choose.below(shape.segments.length + 1);
  return choose.pick([`10.0.${third}.250`, '192.0.2.1', `10.0.${third}.255`, '127.0.0.1', '127.3.2.1', '10.9.0.7']);
}

/** A prefix that packets may be for. */
export function choosePrefix(choose: Choices, shape: Shape): string {
  const subnets = shape.segments.flatMap(subnetsOf);
  return choose.weighted<() => string>(
    [5, () => (subnets.length === 0 ? '10.0.0.0/24' : choose.pick(subnets))],
    [3, () => `${chooseAddress(choose, shape)}/32`],
    [2, () => choose.pick(['10.0.0.0/8', '10.0.0.0/16', '0.0.0.0/1', '192.0.2.0/24', '10.0.1.0/25'])],
  )();
}

/** Names of a host's devices. */
export function chooseDevice(choose: Choices, host: Host): string {
  const names = host.members.map(({ device }) => device);
  return names.length > 0 && choose.chance(92) ? choose.pick(names) : 'lo';
}

/** Any route, as `ip route add` takes it, right or wrong. */
export function chooseAnyRoute(choose: Choices, shape: Shape, host: Host): string {
  const prefix = choose.weighted<() => string>([8, () => choosePrefix(choose, shape)], [2, () => 'default'])();
  const table = choose.weighted([8, ''], [2, ' table 100'], [1, ' table 101']);
  const metric = choose.weighted([8, ''], [2, ` metric ${choose.pick([5, 50, 500])}`]);
  const neighbours = host.members.flatMap(({ segment, addresses }) =>
    segment.members.flatMap((member) => (member.addresses === addresses ? [] : member.addresses.map(bare))),
  );
  const gateway = (): string =>
    neighbours.length > 0 && choose.chance(75) ? choose.pick(neighbours) : chooseAddress(choose, shape);
  const way = choose.weighted<() => string>(
    [8, () => `${prefix} via ${gateway()}${chooseTail(choose, host)}`],
    [2, () => `${prefix} via ${gateway()} dev ${chooseDevice(choose, host)}`],
    [2, () => `${prefix} via ${gateway()} dev ${chooseDevice(choose, host)} onlink`],
    [3, () => `${prefix} dev ${chooseDevice(choose, host)}${chooseTail(choose, host)}`],
    [1, () => `${prefix} dev ${chooseDevice(choose, host)} scope ${choose.pick(['link', 'global', 'host'])}`],
    [3, () => `${choose.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${prefix}`],
    [1, () => `local ${prefix} dev lo`],
    [1, () => `broadcast ${prefix} dev ${chooseDevice(choose, host)}`],
  )();
  return `${way}${metric !== '' && way.includes(' metric ') ? '' : metric}${table}`;
}

/** Any policy rule, as `ip rule add` takes it. */
export function chooseRule(choose: Choices, shape: Shape, host: Host): string {
  const selector = choose.weighted<() => string>(
    [4, () => `from ${choosePrefix(choose, shape)}`],
    [4, () => `to ${choosePrefix(choose, shape)}`],
    [3, () => `iif ${chooseDevice(choose, host)}`],
    [2, () => `oif ${chooseDevice(choose, host)}`],
    [3, () => `fwmark ${choose.pick(['1', '2', '0x10/0xf0', '1/1'])}`],
    [2, () => `ipproto ${choose.pick(['icmp', 'udp', 'tcp'])}`],
    [
      2,
      () =>
        `ipproto ${choose.pick(['udp', 'tcp'])} ${choose.pick(['dport', 'sport'])} ${choose.pick(['7', '9', '1-100'])}`,
    ],
    [1, () => 'from all'],
  )();
  const not = choose.chance(8) && selector !== 'from all' ? 'not ' : '';
  const action = choose.weighted(
    [8, `lookup ${choose.pick([100, 101])}`],
    [2, 'lookup main'],
    [1, 'lookup local'],
    [1, 'prohibit'],
    [1, 'unreachable'],
    [1, 'blackhole'],
  );
  const order = choose.weighted([3, ''], [5, ` pref ${choose.pick([10, 20, 1000, 32800])}`]);
  return `${not}${selector} ${action}${order}`;
}
