import { stationText } from '../packet/stations.ts';
import { tablesOf } from '../scenario/figure-tables.ts';
import { compareTables } from '../whitepaper/compare-tables.ts';
import { FIGURES } from '../whitepaper/figures.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import {
  type Finding,
  type Judge,
  outside,
  over,
  overAll,
  pathText,
  shortly,
  tableFinding,
  tripFinding,
} from './finding.ts';
import { flowFindings } from './flow-findings.ts';
import { isOutside, links, linkText, loopbackOf } from './rows-of.ts';

/** Sections 3.5.3 and 3.6: applications on the host, and Kubernetes. */
export const HOST_JUDGES: Readonly<Record<string, Judge>> = {
  // Every port with a cable is Comware's; the host has bridges and virtual ends alone.
  'CLM-57': over('fig12', (run) => {
    const { device } = run;
    if (device === undefined) return [];
    const ports = device.host.net.devices.filter((one) => one.kind === 'physical').map((one) => one.name);
    const theirs = device.comware.interfaces.filter((one) => one.port !== undefined).map((one) => one.name.short);
    const own = links(run.end(hostOf(run)))
      .map(linkText)
      .join(', ');
    return [
      tableFinding(run, ports.length === 0, `${hostOf(run)} ip addr`, own),
      tableFinding(run, theirs.length > 0, `${device.name} ports`, theirs.join(', ')),
      apartFinding(run),
    ];
  }),

  // Bridge, two addresses and two routes, ahead of anything that a user does.
  'CLM-59': overAll({
    fig12: (run) => {
      const rows = tableRows(run).filter((row) => row.verdict !== 'not said in the paper');
      const host = links(run.end(hostOf(run)));
      const bridge = host.find((one) => one.info_kind === 'bridge' && one.ifname === 'docker0');
      const sysctl = run
        .end(hostOf(run))
        ?.namespace.sysctl.find((one) => one.key === 'net.ipv4.conf.docker0.route_localnet');
      return [
        tableFinding(
          run,
          bridge !== undefined,
          `${hostOf(run)} ip addr`,
          bridge === undefined ? 'no bridge' : linkText(bridge),
        ),
        ...rows.map((row) => tableFinding(run, row.verdict === 'agreed' || row.inc !== undefined, row.kind, row.run)),
        tableFinding(run, sysctl?.value === 1, `${hostOf(run)} sysctl`, `${sysctl?.key} = ${sysctl?.value}`, 'INC-04'),
      ];
    },
    'stock-inc04': (run) => [
      ...run.trips
        .slice(0, 1)
        .map((trip) => tripFinding(run, trip, trip.report.reply !== 0, 'answered as the device is')),
      ...run.trips.slice(1).map((trip) => {
        const why = trip.report.drops[0]?.reason ?? trip.probe.sent[0]?.errno ?? 'nothing';
        return tripFinding(run, trip, trip.report.reply === 0, `a stock kernel: ${why}`, 'INC-04');
      }),
    ],
  }),

  'CLM-60': overAll({
    fig12: (run) => {
      const row = tableRows(run).find((one) => one.kind === 'route' && one.run.startsWith('default '));
      if (row === undefined) return [];
      // The claim is about the next hop; the device that the paper names is the far end (INC-05).
      return [tableFinding(run, / via 127\.1\.1\.2 /.test(row.run), `${hostOf(run)} ip route`, row.run, row.inc)];
    },
    // The route as the paper prints it, without a source.
    'stock-inc26': (run) =>
      hostTrips(run).map((trip) => {
        const [first] = run.headers(trip.report.requestSteps);
        const inc = first?.source === '0.0.0.0' ? 'INC-26' : undefined;
        return tripFinding(run, trip, trip.report.reply === 0, `without a source: from ${first?.source}`, inc);
      }),
  }),

  'CLM-61': over('fig12', (run) =>
    tableRows(run)
      .filter((row) => row.kind === 'route' && row.text.includes('connected'))
      .map((row) => tableFinding(run, row.verdict === 'agreed', `${hostOf(run)} ip route`, row.run, row.inc)),
  ),

  'CLM-62': over('fig13', (run) => flowFindings(run, '13').map((one) => one.finding)),

  // Outside the host's requests carry LoopBack0's address, and answers to it come back; what comes unasked does not.
  'CLM-63': overAll({
    fig14: (run) => hostTrips(run).map((trip) => seenFinding(run, trip)),
    'host-inbound': (run) =>
      run.trips
        .filter((trip) => isOutside(trip.from))
        .map((trip) => {
          const to = formatIpv4(trip.probe.destination);
          const isGiven = run.device?.comware.hostPorts.some((one) => one.port === trip.probe.port) === true;
          // A port that was given away has to answer; what was not must not get as far as the host.
          const reached = trip.request.some((one) => one.place.role === 'host');
          const holds = isGiven ? reached && trip.report.reply !== 0 : !reached;
          const end = trip.request.at(-1);
          const text = isGiven
            ? `to ${to}, port given to the host: ${pathText(trip.request)}`
            : `to ${to}: ends in the ${end === undefined ? 'sender' : shortly(stationText(end))}`;
          return tripFinding(run, trip, holds && to === loopbackOf(run), text, isGiven ? undefined : 'INC-09');
        }),
  }),

  // Captured on docker0 the source is LoopBack0's already; a stock kernel drops that on the other side.
  'CLM-64': overAll({
    fig14: (run) =>
      hostTrips(run).map((trip) => {
        const out = run.headers(trip.report.requestSteps).find((one) => one.point === `${hostOf(run)}:docker0`);
        const rewrite = trip.report.requestSteps.find((one) => one.kind === 'rewrite' && one.field === 'source');
        const inKernel = rewrite?.component === 'Kernel forwarding' && rewrite.place.role === 'host';
        const text = `source ${out?.source ?? 'unknown'} on docker0`;
        return tripFinding(run, trip, inKernel && out?.source === loopbackOf(run), text);
      }),
    'stock-inc08': (run) =>
      hostTrips(run).map((trip) => {
        const [drop] = trip.report.drops;
        const isMartian = drop?.reason === 'kernel:IP_LOCAL_SOURCE';
        const text = `accept_local=0: ${drop?.reason}: ${drop?.detail}`;
        return tripFinding(run, trip, trip.report.reply === 0, text, isMartian ? 'INC-08' : undefined);
      }),
  }),

  'CLM-65': over('fig14', (run) => flowFindings(run, '14').map((one) => one.finding)),

  'CLM-66': outside(
    'there is no Kubelet and no Kubernetes master in it; the way that Kubelet would take is figure 14 (INC-31)',
  ),
};

function hostOf(run: EvidenceRun): string {
  return `${run.device?.name}/host`;
}

function tableRows(run: EvidenceRun): ReturnType<typeof compareTables> {
  const figure = FIGURES.find((one) => one.number === 12);
  return figure === undefined ? [] : compareTables(figure, tablesOf(run.world));
}

/** Requests of the host to the outside. */
function hostTrips(run: EvidenceRun): readonly Trip[] {
  return run.trips.filter((one) => one.from === 'host' && isOutside(one.to));
}

/** The host's namespace has none of the addresses of Comware's. */
function apartFinding(run: EvidenceRun): Finding {
  const own = links(run.end(hostOf(run))).flatMap((one) => one.addr_info.map((info) => info.local));
  const theirs = links(run.end(`${run.device?.name}/comware`)).flatMap((one) =>
    one.addr_info.map((info) => info.local),
  );
  const shared = own.filter((one) => theirs.includes(one));
  return tableFinding(run, shared.length === 0, 'addresses of both', `${own.join(', ')} | ${theirs.join(', ')}`);
}

/** What the other end sees as the source. */
function seenFinding(run: EvidenceRun, trip: Trip): Finding {
  const last = run.headers(trip.report.requestSteps).at(-1);
  const holds = last !== undefined && last.source === loopbackOf(run) && trip.report.reply !== 0;
  return tripFinding(run, trip, holds, `arrives at ${last?.point ?? 'nobody'} from ${last?.source ?? 'nowhere'}`);
}
