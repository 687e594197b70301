import {
  fixedAddressFindings,
  hiddenFindings,
  natFindings,
  pageFindings,
  pullFindings,
  sharedListenerFindings,
  uploadFindings,
} from './deployments.ts';
import type { EvidenceRun } from './evidence-run.ts';
import { type Finding, judgeBy } from './finding.ts';
import { comwareAddresses, links, linkText, separateContainers } from './rows-of.ts';
import type { Shown, StatementCheck } from './statement-check.ts';

/** Sentences of figures 16 to 18. */
export const DEPLOYMENT_STATEMENTS: Readonly<Record<string, StatementCheck>> = {
  '16/tftp-address': (run) => shownBy(run, sharedListenerFindings(run)),
  '16/tftp-command': (run) => {
    const step = run.run.outcomes.find(
      (one) => /run .*--network container:comware .*tftpd/.test(one.title) || isCommand(one.step),
    );
    const listener = sharedListenerFindings(run)[0];
    if (step === undefined) return { run: `${run.name}: nobody gave that command`, verdict: 'contradicted' };
    const holds = step.refusal === undefined && listener?.holds === true;
    return { run: `${run.name}: ${step.title}; ${listener?.evidence}`, verdict: holds ? 'agreed' : 'contradicted' };
  },
  '16/tftp-upload-a': (run) =>
    shownBy(
      run,
      uploadFindings(run, (sender) => isDevice(run, sender)),
    ),
  '16/tftp-upload-b': (run) =>
    shownBy(
      run,
      uploadFindings(run, (sender) => otherNodes(run)[0] === nodeOf(sender)),
    ),
  '16/tftp-upload-c': (run) =>
    shownBy(
      run,
      uploadFindings(run, (sender) => otherNodes(run)[1] === nodeOf(sender)),
    ),

  '17/device-address': (run) => shownBy(run, hiddenFindings(run, '10.10.10.10')),
  '17/cadvisor-fixed-address': (run) => addressShown(run, '135.1.1.6'),
  '17/cadvisor-without-nat': (run) => shownBy(run, fixedAddressFindings(run)),

  '18/pull': (run, runs) => shownBy(run, pullFindings(run, runs)),
  '18/device-address': (run) => {
    const own = comwareAddresses(run);
    const text = `${run.name} ${run.device?.name}: ${own.join(', ')}`;
    return { run: text, verdict: own.includes('10.10.10.10') ? 'agreed' : 'contradicted' };
  },
  '18/cadvisor-private-address': (run) => addressShown(run, '192.168.10.2'),
  '18/cadvisor-nat': (run) => shownBy(run, natFindings(run)),
  '18/cadvisor-page': (run) => shownBy(run, pageFindings(run)),
};

function shownBy(run: EvidenceRun, findings: readonly Finding[]): Shown {
  const { verdict, incs } = judgeBy(findings);
  const [inc] = incs;
  const text =
    findings.length === 0 ? `${run.name}: nothing there shows it` : findings.map((one) => one.evidence).join('; ');
  return { run: text, verdict: verdict === 'holds' ? 'agreed' : 'contradicted', ...(inc === undefined ? {} : { inc }) };
}

/** A container with a namespace of its own has this address. */
function addressShown(run: EvidenceRun, address: string): Shown {
  const rows = separateContainers(run).map((title) => `${title} ${links(run.end(title)).map(linkText).join(', ')}`);
  const verdict = rows.some((one) => one.includes(` ${address}/`)) ? 'agreed' : 'contradicted';
  return { run: `${run.name}: ${rows.join('; ') || 'there is no such container'}`, verdict };
}

function isCommand(step: object): boolean {
  return 'docker' in step && /--network container:comware .*tftpd/.test(JSON.stringify(step.docker));
}

function isDevice(run: EvidenceRun, sender: string): boolean {
  return nodeOf(sender) === run.device?.name;
}

function nodeOf(title: string): string {
  return title.split('/')[0] ?? '';
}

/** The nodes beside the device that uploaded something, in their order. */
function otherNodes(run: EvidenceRun): readonly string[] {
  const senders = run.trips.filter((trip) => trip.probe.kind === 'tftp').map((trip) => nodeOf(trip.sender));
  return [...new Set(senders)].filter((one) => one !== run.device?.name);
}
