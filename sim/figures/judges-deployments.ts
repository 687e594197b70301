import { decodeUtf8 } from '../wire/utf8.ts';
import {
  exposedFindings,
  fixedAddressFindings,
  hiddenFindings,
  natFindings,
  pageFindings,
  pullFindings,
  sharedListenerFindings,
  uploadFindings,
} from './deployments.ts';
import type { EvidenceRun } from './evidence-run.ts';
import {
  type Finding,
  findingsOf,
  type Judge,
  judgeBy,
  over,
  overAll,
  replyFinding,
  tableFinding,
  tripFinding,
} from './finding.ts';

/** Chapter 4, what pulls images, and who answers for FTP. */
export const DEPLOYMENT_JUDGES: Readonly<Record<string, Judge>> = {
  // Through Comware while it has a route; without one nothing is pulled.
  'CLM-58': (runs) =>
    judgeBy([
      ...findingsOf(runs, 'fig18', (run) => pullFindings(run, runs)),
      ...findingsOf(runs, 'pull-unroutable', (run) =>
        run.trips.flatMap((trip) => {
          const { probe } = trip;
          if (probe.kind !== 'pull') return [];
          const text = `without a route of Comware: ${probe.failure ?? 'pulled'}`;
          return [tripFinding(run, trip, probe.failure !== undefined, text)];
        }),
      ),
    ]),

  'CLM-67': over('ftp', (run) => [bannerFinding(run, 'both listen', 'Comware')]),

  'CLM-68': over('ftp', (run) => [
    bannerFinding(run, 'both listen', 'Comware'),
    bannerFinding(run, "Comware's is off", 'container'),
    ...openFindings(run),
  ]),

  // Silence without the container; the same address and port answer with it.
  'CLM-72': over('tftpd', (run) => [
    ...run.trips
      .filter((trip) => trip.title === 'without a server')
      .map((trip) => {
        const [drop] = trip.report.drops;
        const isSilent = trip.report.reply === 0 && trip.probe.errors.length === 0;
        return tripFinding(run, trip, isSilent, `no answer, ${drop?.reason ?? 'nothing dropped'}`);
      }),
    ...clientFindings(run),
  ]),
  'CLM-73': over('fig16', sharedListenerFindings),
  'CLM-74': over('fig16', (run) => {
    const nodes = new Set(run.trips.map((trip) => trip.sender.split('/')[0]));
    return uploadFindings(run).map((one) => ({ ...one, holds: one.holds && nodes.size >= 3 }));
  }),

  'CLM-75': over('fig17', fixedAddressFindings),
  'CLM-76': overAll({ fig17: (run) => hiddenFindings(run, '10.10.10.10'), exposed: exposedFindings }),

  'CLM-77': (runs) => judgeBy(findingsOf(runs, 'fig18', (run) => pullFindings(run, runs))),
  'CLM-78': over('fig18', natFindings),
  'CLM-79': over('fig18', pageFindings),

  'CLM-80': over('tftpd', (run) => {
    const step = run.outcome('the command of the paper');
    const refusal = step?.refusal;
    const done = step !== undefined && refusal === undefined;
    return [
      tableFinding(run, done, 'docker run --network container:comware', refusal ?? 'done', done ? 'INC-14' : undefined),
      ...uploadFindings(run, (sender) => sender === 'host-b'),
    ];
  }),
};

/** Whose banner a connection was greeted with, and which application took it. */
function bannerFinding(run: EvidenceRun, title: string, whose: string): Finding {
  const trip = run.trip(title);
  if (trip === undefined || trip.probe.kind !== 'tcp')
    return { holds: false, evidence: `${run.name}: no step "${title}"` };
  const banner = decodeUtf8(trip.probe.received).split('\r\n')[0] ?? '';
  const taker = trip.request.at(-1);
  const isRight = taker?.what === (whose === 'Comware' ? 'Comware application' : 'Application');
  return tripFinding(
    run,
    trip,
    banner.includes(whose) && isRight,
    `${taker?.what}: ${banner === '' ? 'no banner' : banner}`,
  );
}

/** A session with Comware's server, open while that is switched off (INC-13). */
function openFindings(run: EvidenceRun): Finding[] {
  const held = run.trip('a session that is open');
  const after = run.outcome('what became of it')?.probe;
  if (held === undefined || after?.kind !== 'tcp') return [];
  const text = `a session that was open ${after.closed ? 'is closed' : 'stays'}`;
  return [tripFinding(run, held, after.closed, text, 'INC-13')];
}

/** Comware itself sends files by TFTP. */
function clientFindings(run: EvidenceRun): Finding[] {
  return run.trips.flatMap((trip) => {
    const { probe } = trip;
    if (trip.from !== 'comware' || probe.kind !== 'tftp') return [];
    const text = `as a client: ${probe.failure ?? `${probe.name}, ${probe.file?.length} bytes`}`;
    return [replyFinding(run, trip, probe.failure === undefined && probe.file !== undefined, text)];
  });
}
