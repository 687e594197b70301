import type { RecordedStep } from '../packet/trace.ts';
import { tablesOf } from '../scenario/figure-tables.ts';
import { routeLine } from '../show/linux-route.ts';
import { showIpRule } from '../show/linux-rule.ts';
import { compareTables } from '../whitepaper/compare-tables.ts';
import { FIGURES } from '../whitepaper/figures.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { type Finding, type Judge, over, pathText, tableFinding, tripFinding } from './finding.ts';
import { links, linkText, mainRoutes } from './rows-of.ts';

export function text(rows: unknown): string {
  return JSON.stringify(rows);
}

export function kernelOf(run: EvidenceRun): string {
  return `${run.device?.name}/comware`;
}

/** The downloaded rule that sent a request to the table it was routed by: it names the port. */
export function portRule(run: EvidenceRun, trip: Trip): string | undefined {
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
export function firstRoute(trip: Trip): Extract<RecordedStep, { kind: 'route' }> | undefined {
  for (const step of trip.report.requestSteps) {
    if (step.kind === 'route' && step.place.role === 'comware' && step.component === 'Kernel forwarding') return step;
  }
  return undefined;
}

/** Who a named request was delivered to. */
export function choiceFinding(run: EvidenceRun, title: string, wanted: string): Finding {
  const trip = run.trip(title);
  if (trip === undefined) return { holds: false, evidence: `${run.name}: there is no step "${title}"` };
  const last = trip.request.at(-1);
  return tripFinding(run, trip, last?.what === wanted && trip.report.reply !== 0, pathText(trip.request));
}

/** An echo request has no port to tell by: the TTL of the answer shows that Comware takes it (INC-27). */
export function echoFindings(run: EvidenceRun): Finding[] {
  return run.trips.flatMap((trip) => {
    const [answer] = trip.probe.replies;
    if (trip.probe.kind !== 'ping' || trip.to !== 'comware') return [];
    const byComware = answer?.ttl === 255;
    const text = `an echo request has no port; answered with TTL ${answer?.ttl}`;
    return [tripFinding(run, trip, byComware, text, byComware ? 'INC-27' : undefined)];
  });
}

/** Both listeners are there, on one port: it takes the two stacks (INC-13). */
export function listenersFinding(run: EvidenceRun): Finding {
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
export function kernelFinding(
  run: EvidenceRun,
  kernel: StackSnapshot | undefined,
  wanted: boolean,
  when: string,
): Finding {
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
export function sourceFinding(
  run: EvidenceRun,
  kernel: StackSnapshot | undefined,
  name: string,
  when: string,
): Finding {
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
export function lostFinding(run: EvidenceRun): Finding {
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
export function climbsBy(stations: Trip['request'], device: string): boolean {
  const names = stations.filter((one) => one.place.role === 'comware').map((one) => one.what);
  return names.includes(device) && names.indexOf(device) > names.indexOf('Comware stack');
}

/** One route of figure 6 beside the container's table. */
export function figure6Route(destination: string): Judge {
  return over('fig06', (run) => {
    const figure = FIGURES.find((one) => one.number === 6);
    if (figure === undefined) return [];
    const only = { ...figure, routes: figure.routes.filter((one) => one.destination === destination) };
    return compareTables(only, tablesOf(run.world))
      .filter((row) => row.kind === 'route' && row.verdict !== 'not said in the paper')
      .map((row) => tableFinding(run, row.verdict === 'agreed', 'ip route of the container', row.run, row.inc));
  });
}
