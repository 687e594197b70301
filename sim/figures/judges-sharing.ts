import type { RecordedStep } from '../packet/trace.ts';
import { tablesOf } from '../scenario/figure-tables.ts';
import { routeLine } from '../show/linux-route.ts';
import { showIpRule } from '../show/linux-rule.ts';
import { compareTables } from '../whitepaper/compare-tables.ts';
import { FIGURES } from '../whitepaper/figures.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import {
  type Finding,
  type Judge,
  over,
  overAll,
  pathText,
  replyFinding,
  tableFinding,
  tripFinding,
} from './finding.ts';
import { flowFindings } from './flow-findings.ts';
import { addresses, comwareAddresses, isOutside, links, linkText, mainRoutes, sharedContainers } from './rows-of.ts';

/** Section 3.5.1: containers that share the namespace of Comware. */
export const SHARING_JUDGES: Readonly<Record<string, Judge>> = {
  // Interfaces, addresses, routes and ports of the container are those of Comware's namespace.
  'CLM-23': over('fig06', (run) => {
    const kernel = run.end(`${run.device?.name}/comware`)?.namespace;
    return sharedContainers(run).map((title) => {
      const own = run.end(title);
      const same =
        own !== undefined &&
        kernel !== undefined &&
        text(own.namespace.addr) === text(kernel.addr) &&
        text(own.namespace.route) === text(kernel.route) &&
        text(own.namespace.socket) === text(kernel.socket);
      const names = links(own).map(linkText).join(', ');
      const comwares = comwareAddresses(run).every((one) => addresses(own).includes(one));
      return tableFinding(run, same && comwares, `${title} ip addr`, names);
    });
  }),

  'CLM-24': over('fig08', (run) =>
    run.trips
      .filter((trip) => trip.from === 'on-link' && trip.to === 'shared')
      .map((trip) => {
        const to = formatIpv4(trip.probe.destination);
        const holds = comwareAddresses(run).includes(to) && trip.report.reply !== 0;
        return tripFinding(run, trip, holds, `sent to ${to}, an address of Comware; ${pathText(trip.request)}`);
      }),
  ),

  // The rule that names the port decides, and where none does the kernel's own tables.
  'CLM-25': overAll({
    fig07: (run) => {
      const sent = run.trips.filter((trip) => trip.from === 'shared' && trip.probe.port !== 0);
      const named = sent.filter((trip) => portRule(run, trip) !== undefined).length;
      return sent.map((trip) => {
        const rule = portRule(run, trip);
        const byComware = trip.request.some((one) => one.what === 'Comware stack');
        const why = rule === undefined ? 'no rule names the port' : `rule ${rule}`;
        const holds = named > 0 && byComware === (rule !== undefined) && trip.report.reply !== 0;
        return tripFinding(run, trip, holds, `port ${trip.probe.port}: ${why}`);
      });
    },
    'shared-conflict': (run) => [
      choiceFinding(run, 'both listen, from outside', 'Comware application'),
      ...echoFindings(run),
    ],
  }),

  // Two listeners on one port: Comware's gets the packet, from outside and from inside.
  'CLM-26': over('shared-conflict', (run) => [
    listenersFinding(run),
    choiceFinding(run, 'both listen, from outside', 'Comware application'),
    choiceFinding(run, 'both listen, from inside', 'Comware application'),
    choiceFinding(run, 'only the container listens, from outside', 'Application'),
  ]),

  'CLM-27': over('shared-address', (run) => [
    kernelFinding(run, run.before('take the address away', kernelOf(run)), true, 'with the address'),
    kernelFinding(run, run.after('take the address away', kernelOf(run)), false, 'without it'),
    kernelFinding(run, run.after('give another address', kernelOf(run)), true, 'with another address'),
  ]),

  'CLM-28': over('fig08', (run) =>
    run.trips
      .filter((trip) => trip.from === 'shared' && isOutside(trip.to))
      .map((trip) => {
        const route = firstRoute(trip);
        const onLink = trip.to === 'on-link';
        const byEth = trip.request.some((one) => one.place.role === 'comware' && /^eth\d+$/.test(one.what));
        const isConnected = route !== undefined && route.gateway === '' && route.device !== 'vrfif0';
        const holds = byEth === onLink && isConnected === onLink;
        return tripFinding(
          run,
          trip,
          holds,
          `${trip.to}: route ${route?.prefix} dev ${route?.device}; ${pathText(trip.request)}`,
        );
      }),
  ),

  // With routes both ways it works from the configured source; without the one back no answer comes.
  'CLM-29': overAll({
    fig08: (run) =>
      run.trips
        .filter((trip) => trip.from === 'shared' && trip.to === 'off-link')
        .map((trip) => {
          const source = formatIpv4(trip.probe.source);
          return tripFinding(run, trip, trip.report.reply !== 0, `answered, source ${source}`);
        }),
    'shared-no-return': (run) =>
      run.trips.map((trip) => {
        const arrived = trip.request.some((one) => one.place.node !== run.device?.name);
        const source = formatIpv4(trip.probe.source);
        return tripFinding(
          run,
          trip,
          arrived && trip.report.reply === 0,
          `no answer: nobody there has a route to ${source}`,
        );
      }),
  }),

  'CLM-30': over('shared-source', (run) => [
    sourceFinding(run, run.before('set the source', kernelOf(run)), 'LoopBack0', 'by default'),
    sourceFinding(run, run.after('set the source', kernelOf(run)), 'GE1/0/2', 'as configured'),
    lostFinding(run),
  ]),

  // From another network by vrfif0, even to the address of a port (INC-11).
  'CLM-31': overAll({
    fig08: (run) =>
      run.trips
        .filter((trip) => trip.from === 'shared' && trip.to === 'off-link' && trip.report.reply !== 0)
        .map((trip) => replyFinding(run, trip, climbsBy(trip.reply, 'vrfif0'), pathText(trip.reply))),
    'shared-source': (run) =>
      run.trips
        .filter((trip) => trip.from === 'off-link' && trip.to === 'shared')
        .map((trip) => {
          const to = formatIpv4(trip.probe.destination);
          return tripFinding(
            run,
            trip,
            climbsBy(trip.request, 'vrfif0'),
            `to ${to}: ${pathText(trip.request)}`,
            'INC-11',
          );
        }),
  }),

  'CLM-32': figure6Route('default'),
  'CLM-33': figure6Route('10.10.0.0/24'),
  'CLM-34': figure6Route('2.2.2.0/24'),
  'CLM-35': figure6Route('3.3.3.0/24'),
  'CLM-36': figure6Route('127.0.0.0/8'),

  'CLM-37': over('fig07', (run) => flowFindings(run, '7').map((one) => one.finding)),

  // The same request takes the other way when the rule for its port goes.
  'CLM-38': over('shared-conflict', (run) => {
    const [first, second] = [run.trip('both listen, from inside'), run.trip('only the container listens, from inside')];
    if (first === undefined || second === undefined) return [];
    const rule = portRule(run, first);
    const byStack = first.request.some((one) => one.what === 'Comware stack');
    const byKernel = !second.request.some((one) => one.what === 'Comware stack');
    const text = rule === undefined ? 'no rule names the port' : `rule ${rule}`;
    return [
      tripFinding(run, first, rule !== undefined && byStack, `${text}; ${pathText(first.request)}`, 'INC-10'),
      tripFinding(run, second, portRule(run, second) === undefined && byKernel, `no rule; ${pathText(second.request)}`),
    ];
  }),

  // One address, two ports, two stacks.
  'CLM-39': over('fig07', (run) => {
    const found = flowFindings(run, '7').filter(({ trip }) => trip.probe.port !== 0);
    const stacks = found.map(({ trip }) => trip.request.at(-2)?.what ?? '');
    const both = stacks.includes('Comware stack') && stacks.includes('Inet stack');
    return found.map(({ trip }, index) => {
      const holds = both && trip.request.at(-1)?.what === 'Comware application';
      return tripFinding(
        run,
        trip,
        holds,
        `port ${trip.probe.port}: ${stacks[index]} gives it to the Comware application`,
      );
    });
  }),

  'CLM-40': over('fig07', (run) =>
    flowFindings(run, '7-containers').map(({ trip, finding }) => {
      const byComware = [...trip.request, ...trip.reply].some((one) => one.what.startsWith('Comware '));
      return { ...finding, holds: finding.holds && !byComware };
    }),
  ),

  'CLM-41': over('fig08', (run) => {
    const found = flowFindings(run, '8');
    const ways = new Set(found.map(({ trip }) => trip.to));
    return found.map(({ finding }) => ({ ...finding, holds: finding.holds && ways.size === 2 }));
  }),

  'CLM-42': overAll({
    fig08: (run) => [
      ...flowFindings(run, '8').map(({ trip, finding }) =>
        replyFinding(run, trip, finding.holds && trip.report.reply !== 0, pathText(trip.reply)),
      ),
      ...flowFindings(run, '8-inbound').map((one) => one.finding),
    ],
  }),
};

function text(rows: unknown): string {
  return JSON.stringify(rows);
}

function kernelOf(run: EvidenceRun): string {
  return `${run.device?.name}/comware`;
}

/** The downloaded rule that sent a request to the table it was routed by: it names the port. */
function portRule(run: EvidenceRun, trip: Trip): string | undefined {
  const table = firstRoute(trip)?.table;
  const namespace = run.before(trip.index, kernelOf(run))?.namespace;
  const rule = namespace?.rule.find((one) => one.table === table && one.dport === trip.probe.port);
  return namespace === undefined || rule === undefined
    ? undefined
    : showIpRule({ ...namespace, rule: [rule] })
        .trim()
        .replace(/\s+/g, ' ');
}

/** The kernel's first routing decision in Comware's namespace. */
function firstRoute(trip: Trip): Extract<RecordedStep, { kind: 'route' }> | undefined {
  for (const step of trip.report.requestSteps) {
    if (step.kind === 'route' && step.place.role === 'comware' && step.component === 'Kernel forwarding') return step;
  }
  return undefined;
}

/** Who a named request was delivered to. */
function choiceFinding(run: EvidenceRun, title: string, wanted: string): Finding {
  const trip = run.trip(title);
  if (trip === undefined) return { holds: false, evidence: `${run.name}: there is no step "${title}"` };
  const last = trip.request.at(-1);
  return tripFinding(run, trip, last?.what === wanted && trip.report.reply !== 0, pathText(trip.request));
}

/** An echo request has no port to tell by: the TTL of the answer shows that Comware takes it (INC-27). */
function echoFindings(run: EvidenceRun): Finding[] {
  return run.trips.flatMap((trip) => {
    const [answer] = trip.probe.replies;
    if (trip.probe.kind !== 'ping' || trip.to !== 'comware') return [];
    const byComware = answer?.ttl === 255;
    const text = `an echo request has no port; answered with TTL ${answer?.ttl}`;
    return [tripFinding(run, trip, byComware, text, byComware ? 'INC-27' : undefined)];
  });
}

/** Both listeners are there, on one port: it takes the two stacks (INC-13). */
function listenersFinding(run: EvidenceRun): Finding {
  const device = run.device?.name ?? '';
  const port = run.trip('both listen, from outside')?.probe.port;
  const sockets = run.before('both listen, from outside', device)?.comware?.sockets ?? [];
  const rows = sockets.filter((one) => one.port === port);
  const stacks = new Set(rows.map((one) => one.stack));
  const row = rows
    .map((one) => `${one.protocol} ${one.local}:${one.port} ${one.application} (${one.stack})`)
    .join(', ');
  const inc = stacks.size === 2 ? 'INC-13' : undefined;
  return tableFinding(run, stacks.size === 2, `${device} listeners`, row, inc);
}

/** Whether the kernel has a device for GE1/0/2, and the connected route of its address. */
function kernelFinding(run: EvidenceRun, kernel: StackSnapshot | undefined, wanted: boolean, when: string): Finding {
  const eth = links(kernel).find((one) => one.ifname === 'eth2');
  const route = mainRoutes(kernel).find((one) => one.dev === 'eth2' && one.protocol === 'kernel');
  const own = eth?.addr_info[0];
  const fits = own !== undefined && route?.prefsrc === own.local && route.dst.endsWith(`/${own.prefixlen}`);
  const holds = wanted ? fits : eth === undefined && route === undefined && kernel !== undefined;
  const row =
    eth === undefined ? 'no eth2' : `${linkText(eth)}; ${route === undefined ? 'no route' : routeLine(route)}`;
  return tableFinding(run, holds, `${kernelOf(run)} ${when}`, row);
}

/** The default route's source is the address of this interface. */
function sourceFinding(run: EvidenceRun, kernel: StackSnapshot | undefined, name: string, when: string): Finding {
  const device = run.device?.name ?? '';
  const row = run
    .before('set the source', device)
    ?.comware?.interfaces.find((one) => one.name === name || one.shortName === name);
  const route = mainRoutes(kernel).find((one) => one.dst === 'default');
  const holds = route?.dev === 'vrfif0' && route.prefsrc !== undefined && route.prefsrc === row?.address.split('/')[0];
  return tableFinding(
    run,
    holds,
    `${kernelOf(run)} ip route, ${when}`,
    route === undefined ? 'no default route' : routeLine(route),
  );
}

/** Without an address to take there is no default route at all (INC-12). */
function lostFinding(run: EvidenceRun): Finding {
  const kernel = run.after('LoopBack0 loses its address', kernelOf(run));
  const route = mainRoutes(kernel).find((one) => one.dst === 'default');
  const holds = kernel !== undefined && route === undefined;
  const row = route === undefined ? 'no default route' : routeLine(route);
  return tableFinding(
    run,
    holds,
    `${kernelOf(run)} ip route, LoopBack0 without an address`,
    row,
    holds ? 'INC-12' : undefined,
  );
}

/** Between the Comware stack and the kernel the packet passed this device. */
function climbsBy(stations: Trip['request'], device: string): boolean {
  const names = stations.filter((one) => one.place.role === 'comware').map((one) => one.what);
  return names.includes(device) && names.indexOf(device) > names.indexOf('Comware stack');
}

/** One route of figure 6 beside the container's table. */
function figure6Route(destination: string): Judge {
  return over('fig06', (run) => {
    const figure = FIGURES.find((one) => one.number === 6);
    if (figure === undefined) return [];
    const only = { ...figure, routes: figure.routes.filter((one) => one.destination === destination) };
    return compareTables(only, tablesOf(run.world))
      .filter((row) => row.kind === 'route' && row.verdict !== 'not said in the paper')
      .map((row) => tableFinding(run, row.verdict === 'agreed', 'ip route of the container', row.run, row.inc));
  });
}
