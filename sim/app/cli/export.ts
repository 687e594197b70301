import { planNetns } from '../../netns/plan.ts';
import { netnsScript, pictureOf } from '../../netns/script.ts';
import { problemsOf } from '../../world/document-problem.ts';
import { buildSource } from '../../world/topology-source.ts';
import { readText, writeWhole } from '../files.ts';
import { loadTopology } from '../sources.ts';
import { print, refuse, say } from './terminal.ts';

export interface ExportOptions {
  readonly format: 'netns';
  readonly prefix: string;
  readonly out?: string;
  readonly seed: number;
}

/** `cutaway export`: a script that builds the topology for real. */
export function exportTopology(file: string, { prefix, out, seed }: ExportOptions): undefined {
  const loaded = loadTopology(file);
  if ('problems' in loaded) return refuse(loaded.problems, false);
  const { source } = loaded;
  const { world, problems } = buildSource(source, { seed, trace: false, capture: false });
  if (problems.length > 0) return refuse(problems, false);
  const planned = planNetns(source.topology, world, { prefix });
  if ('findings' in planned) return refuse(problemsOf(source.document, planned.findings, source.prefix), false);
  const read = readText(file);
  const { name = 'A topology', description } = source.topology;
  const script = netnsScript(planned.plan, prefix, {
    name,
    ...(description === undefined ? {} : { description }),
    picture: 'text' in read ? pictureOf(read.text) : [],
  });
  if (out === undefined) {
    print(script);
    return undefined;
  }
  writeWhole(out, script, true);
  say(`${out}: run it as root; "${out} down" takes away what it made`);
  return undefined;
}
