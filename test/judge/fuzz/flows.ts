import type { Choices } from './choices.ts';
import type { StepDocument } from './document.ts';
import { CHAINS, chooseFilterRule, chooseTable } from './filter.ts';
import { chooseAddress, chooseAnyRoute, chooseDevice, choosePrefix, chooseRule } from './routing.ts';
import { chooseSetting } from './settings.ts';
import { bare, type Host, type Shape } from './shape.ts';

/* What happens in a random network: requests of every kind, and changes between them. */

/*
 * No program waits for as long as a timer of the kernel runs: what comes at the same moment comes in either order.
 */

/** Long enough for what is still under way when a step has ended, so that no change races with it. */
const SETTLE: StepDocument = { wait: '115ms' };

/** The kernel hears of a bridge that lost its carrier within a second, when depends on all other devices of the machine. */
const CARRIER: StepDocument = { wait: '1200ms' };

export function chooseSteps(choose: Choices, shape: Shape): StepDocument[] {
  const steps: StepDocument[] = [];
  const count = 2 + choose.below(7);
  for (let index = 0; index < count; index++) {
    if (choose.chance(28)) steps.push(...chooseChange(choose, shape));
    else steps.push(chooseFlow(choose, shape), SETTLE);
  }
  return steps;
}

function chooseFlow(choose: Choices, shape: Shape): StepDocument {
  const host = choose.pick(shape.hosts);
  const from = host.name;
  const to = chooseTarget(choose, shape, host);
  const source = chooseSource(choose, host);
  const options: StepDocument = { ...chooseOptions(choose, host), ...source };
  // What a bound socket hears of its own host depends on how the server answers (IP_PKTINFO).
  const isOwn = host.members.some(({ addresses }) => addresses.some((address) => bare(address) === to));
  if (isOwn || to.startsWith('127.')) delete options.device;
  return choose.weighted<() => StepDocument>(
    [6, () => ({ ping: { from, to, ...choosePing(choose), ...options, timeout: '1330ms' } })],
    [
      5,
      () => ({ udp: { from, to: `${to}:${choosePort(choose)}`, ...chooseUdp(choose), ...options, timeout: '640ms' } }),
    ],
    [
      5,
      () => ({
        tcp: {
          from,
          to: `${to}:${choosePort(choose)}`,
          ...chooseTcp(choose),
          ...options,
          timeout: '1630ms',
          silence: '520ms',
        },
      }),
    ],
    [1, () => ({ http: { from, get: `http://${to}:80/`, ...source, timeout: '1630ms', silence: '520ms' } })],
    [
      2,
      () => ({
        traceroute: {
          from,
          to,
          max_hops: choose.pick([3, 5]),
          queries: choose.pick([1, 2]),
          wait: '1330ms',
          ...source,
        },
      }),
    ],
  )();
}

/** Mostly somebody else who is there. */
function chooseTarget(choose: Choices, shape: Shape, host: Host): string {
  const others = shape.hosts
    .filter((other) => other !== host)
    .flatMap(({ members }) => members.flatMap(({ addresses }) => addresses.map(bare)));
  return others.length > 0 && choose.chance(78) ? choose.pick(others) : chooseAddress(choose, shape);
}

function chooseSource(choose: Choices, host: Host): { source?: string } {
  const own = host.members.flatMap(({ addresses }) => addresses.map(bare));
  return own.length > 0 && choose.chance(12) ? { source: choose.pick(own) } : {};
}

function chooseOptions(choose: Choices, host: Host): StepDocument {
  return {
    ...(choose.chance(14) ? { ttl: choose.pick([1, 2, 3, 200]) } : {}),
    ...(choose.chance(8) ? { tos: choose.pick([0x10, 0xb8, 4]) } : {}),
    ...(choose.chance(12) ? { df: choose.pick(['do', 'want', 'dont']) } : {}),
    ...(host.members.length > 0 && choose.chance(5) ? { device: choose.pick(host.members).device } : {}),
  };
}

/**
 * Of packets in two pieces ping's send buffer holds three while a neighbour is looked for, and a fourth is tried again and
 * again: buffers of sending are not modelled.
 */
function choosePing(choose: Choices): StepDocument {
  const size = choose.weighted([60, undefined], [8, 0], [8, 8], [12, 1400], [6, 1472], [6, 1473], [8, 2500]);
  const most = (size ?? 0) > 1472 ? 3 : 4;
  const count = Math.min(most, choose.weighted([6, 1], [3, 2], [1, 4]));
  return { ...(size === undefined ? {} : { size }), count, ...(count > 1 ? { interval: '210ms' } : {}) };
}

function choosePort(choose: Choices): number {
  return choose.weighted([74, 7], [8, 9], [8, 80], [10, 4242]);
}

function chooseUdp(choose: Choices): StepDocument {
  const size = choose.weighted([60, undefined], [6, 0], [6, 1], [10, 1472], [6, 1473], [8, 2500]);
  const count = choose.weighted([8, 1], [2, 2]);
  return {
    ...(size === undefined ? {} : { size }),
    ...(choose.chance(15) ? { source_port: 4000 + choose.below(1000) } : {}),
    ...(count > 1 ? { count, interval: '210ms' } : {}),
  };
}

function chooseTcp(choose: Choices): StepDocument {
  const size = choose.weighted([10, undefined], [2, 0], [5, 100], [3, 1000]);
  return {
    ...(size === undefined ? { send: 'hello' } : { send: 'hello ', size }),
    ...(choose.chance(15) ? { source_port: 4000 + choose.below(1000) } : {}),
  };
}

function chooseChange(choose: Choices, shape: Shape): StepDocument[] {
  if (choose.chance(4)) return chooseMtuChange(choose, shape);
  const host = choose.pick(shape.hosts);
  const command = chooseCommand(choose, shape, host);
  const step = { exec: { on: host.name, commands: [command] } };
  return / (down|up)$/.test(command) ? [step, CARRIER] : [step];
}

/** Of a cable, both ends. */
function chooseMtuChange(choose: Choices, shape: Shape): StepDocument[] {
  const cables = shape.segments.filter(({ medium }) => medium === 'cable');
  const cable = cables.length === 0 ? undefined : choose.pick(cables);
  const mtu = choose.pick([1400, 1280, 1500]);
  return (cable?.members ?? []).map(({ host, device }) => ({
    exec: { on: host.name, commands: [`ip link set ${device} mtu ${mtu}`] },
  }));
}

/** Any command, right or wrong. */
export function chooseCommand(choose: Choices, shape: Shape, host: Host): string {
  return choose.weighted<() => string>(
    [7, () => chooseRouteCommand(choose, shape, host)],
    [4, () => `ip rule ${choose.pick(['add', 'add', 'add', 'del'])} ${chooseRule(choose, shape, host)}`],
    [3, () => chooseNeighbourCommand(choose, shape, host)],
    [2, () => chooseAddressCommand(choose, shape, host)],
    [2, () => `ip link set ${chooseDevice(choose, host)} ${chooseLinkChange(choose)}`],
    [8, () => chooseFilterCommand(choose, shape, host)],
    [4, () => settingCommand(choose, host)],
  )();
}

function settingCommand(choose: Choices, host: Host): string {
  const { key, value } = chooseSetting(choose, host);
  return `sysctl -w ${key}=${value}`;
}

function chooseLinkChange(choose: Choices): string {
  return choose.weighted([3, 'down'], [2, 'up']);
}

function chooseRouteCommand(choose: Choices, shape: Shape, host: Host): string {
  return choose.weighted<() => string>(
    [8, () => `ip route add ${chooseAnyRoute(choose, shape, host)}`],
    [
      3,
      () =>
        `ip route ${choose.pick(['replace', 'append', 'prepend', 'change'])} ${chooseAnyRoute(choose, shape, host)}`,
    ],
    [3, () => `ip route del ${choose.chance(40) ? 'default' : choosePrefix(choose, shape)}`],
    [1, () => `ip route flush ${choose.pick([`dev ${chooseDevice(choose, host)}`, 'table main', 'table 100'])}`],
  )();
}

function chooseNeighbourCommand(choose: Choices, shape: Shape, host: Host): string {
  // On lo the kernel takes an entry, and keeps it for another address: arp_constructor() is not modelled that far.
  const device = host.members.length === 0 ? 'eth0' : choose.pick(host.members).device;
  const address = chooseAddress(choose, shape);
  const mac = choose.pick(['02:00:00:00:00:99', '02:00:00:00:00:01', '02:00:00:00:00:02']);
  return choose.weighted(
    [3, `ip neigh ${choose.pick(['add', 'replace'])} ${address} lladdr ${mac} dev ${device} nud permanent`],
    [2, `ip neigh del ${address} dev ${device}`],
    [2, `ip neigh flush dev ${device}`],
  );
}

function chooseAddressCommand(choose: Choices, shape: Shape, host: Host): string {
  const device = chooseDevice(choose, host);
  const length = choose.pick([24, 32, 16, 31]);
  return choose.weighted(
    [4, `ip addr add 10.${choose.pick([0, 1, 7])}.${choose.below(4)}.${60 + choose.below(4)}/${length} dev ${device}`],
    [2, `ip addr del ${chooseAddress(choose, shape)}/${length} dev ${device}`],
    [1, `ip addr flush dev ${device}`],
  );
}

function chooseFilterCommand(choose: Choices, shape: Shape, host: Host): string {
  const table = chooseTable(choose);
  const { chain, text } = chooseFilterRule(choose, shape, host, table);
  const front = `iptables -t ${table}`;
  return choose.weighted<() => string>(
    [6, () => `${front} -A ${chain} ${text}`.trimEnd()],
    [4, () => `${front} -I ${chain} ${text}`.trimEnd()],
    [1, () => `${front} -D ${chain} 1`],
    [1, () => `${front} -F ${choose.pick(['', chain])}`.trimEnd()],
    [1, () => `iptables -P ${choose.pick(CHAINS.filter)} ${choose.pick(['DROP', 'ACCEPT'])}`],
  )();
}
