import { formatIpv4 } from '../wire/address.ts';
import { type Judge, over, overAll, pathText, replyFinding, tableFinding, tripFinding } from './finding.ts';
import { flowFindings } from './flow-findings.ts';
import { addresses, comwareAddresses, isOutside, links, linkText, sharedContainers } from './rows-of.ts';
import {
  choiceFinding,
  climbsBy,
  echoFindings,
  figure6Route,
  firstRoute,
  kernelFinding,
  kernelOf,
  listenersFinding,
  lostFinding,
  portRule,
  sourceFinding,
  text,
} from './sharing-findings.ts';

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
        const { drops, refusals, reply } = trip.report;
        // The answer dies for want of a route, at whoever would send it or on its way.
        const unroutable = [
          ...refusals.filter((one) => one.errno === 'ENETUNREACH').map((one) => `${one.errno} at ${one.place.title}`),
          ...drops
            .filter((one) => one.reason === 'kernel:IP_INNOROUTES')
            .map((one) => `${one.reason} at ${one.place.title}`),
        ];
        const text = `to source ${source} no answer: ${unroutable.join(', ') || 'but not for want of a route'}`;
        return tripFinding(run, trip, arrived && reply === 0 && unroutable.length > 0, text);
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
