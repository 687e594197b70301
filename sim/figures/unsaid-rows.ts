import type { IncId } from '../whitepaper/data/contradictions.ts';
import type { Figure } from '../whitepaper/figure.ts';
import type { FigureRow } from '../whitepaper/row.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { tripsOf } from './flow-rows.ts';
import { links, linkText, separateContainers } from './rows-of.ts';

/** What a run needs or does that the paper is silent about: the TTL on the way, and settings of the kernels. */
export function unsaidRows(run: EvidenceRun, figure: Figure): FigureRow[] {
  return [...maskRows(run, figure), ...ttlRows(run, figure), ...assumptionRows(run, figure)];
}

function unsaid(kind: string, text: string, run: string, inc?: IncId): FigureRow {
  return { kind, quote: '', text, run, verdict: 'not said in the paper', ...(inc === undefined ? {} : { inc }) };
}

/** Addresses that sentences of a figure name without a mask, and the mask that the run had to choose. */
function maskRows(run: EvidenceRun, figure: Figure): FigureRow[] {
  const named = figure.statements.flatMap(({ quote }) => [...quote.matchAll(/\d+\.\d+\.\d+\.\d+(?![\d./])/g)]);
  return [...new Set(named.map(([address]) => address))].flatMap((address) => {
    const holder = [run.device?.name ?? '', ...separateContainers(run)].flatMap((title) => {
      const stack = run.end(title);
      const own =
        stack?.comware?.interfaces.map((one) => `${one.shortName} ${one.address}`) ?? links(stack).map(linkText);
      return own.filter((one) => one.includes(` ${address}/`)).map((one) => `${title} ${one}`);
    });
    return holder.map((one) => unsaid('address', `the mask of ${address}`, `${run.name}: ${one}`, 'INC-24'));
  });
}

/** Where the TTL of a request goes down on the device, for each flow of the figure. */
function ttlRows(run: EvidenceRun, figure: Figure): FigureRow[] {
  return figure.flows.flatMap((flow) => {
    const [trip] = tripsOf(run, flow);
    const row = trip === undefined ? undefined : ttlRow(run, trip, flow.id);
    return row === undefined ? [] : [row];
  });
}

function ttlRow(run: EvidenceRun, trip: Trip, flow: string): FigureRow | undefined {
  const node = run.device?.name ?? '';
  const seen = run
    .headers(trip.report.requestSteps)
    .filter((one) => one.point.startsWith(`${node}:`) || one.point.startsWith(`${node}/`));
  const [first] = seen;
  const last = seen.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const changes = seen.flatMap((one, index) => {
    const before = seen[index - 1];
    return before === undefined || before.ttl === one.ttl ? [] : [`${before.ttl} to ${one.ttl} before ${one.point}`];
  });
  const where = changes.length === 0 ? `stays ${first.ttl} as far as ${last.point}` : changes.join(', ');
  return unsaid('TTL', `TTL of flow ${flow}`, `${run.name} packet ${first.packet}: ${where}`, 'INC-25');
}

/** What had to be set in the kernels of the device for the figure to work. */
function assumptionRows(run: EvidenceRun, figure: Figure): FigureRow[] {
  if (figure.interfaces.length === 0 || run.device === undefined) return [];
  const { comware, host } = run.device;
  const speaksOfHost = figure.interfaces.some((one) => one.of === 'host');
  const all = [
    ...(speaksOfHost ? host.assumptions.map((command) => ({ on: host.net.place.title, command })) : []),
    ...comware.assumptions.map((command) => ({ on: comware.net.place.title, command })),
  ];
  return all.flatMap(({ on, command }) => {
    const inc = incOf(command);
    const isOfHost = inc === 'INC-04' || inc === 'INC-26' || inc === 'INC-08';
    // What only the Docker0 bridge needs belongs to the figures about the host.
    return isOfHost && !speaksOfHost ? [] : [unsaid('assumption', '', `${run.name} ${on}: ${command}`, inc)];
  });
}

/** The contradiction that makes a setting necessary. */
function incOf(command: string): IncId | undefined {
  if (/route_localnet/.test(command) || /to 127\.1\.1\.\d+ lookup main/.test(command)) return 'INC-04';
  if (/^ip route add default via 127\./.test(command) && / src /.test(command)) return 'INC-26';
  if (/accept_local/.test(command)) return 'INC-08';
  if (/^ip rule/.test(command)) return 'INC-10';
  return undefined;
}
