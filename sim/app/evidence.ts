import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { EvidenceRun, type Moment, momentOf } from '../figures/evidence-run.ts';
import type { Runs } from '../figures/finding.ts';
import { reportScenario } from '../scenario/report.ts';
import { letArrive, runScenario } from '../scenario/runner.ts';
import { buildSource } from '../world/topology-source.ts';
import { PACKAGE_ROOT } from './package-root.ts';
import { loadScenario } from './sources.ts';

const WHITEPAPER = join(PACKAGE_ROOT, 'scenarios', 'whitepaper');

/** Where scenarios are looked for by their names, in this order. */
export const EVIDENCE_FOLDERS: readonly string[] = [WHITEPAPER, join(WHITEPAPER, 'claims')];

/** The runs of the white paper's scenarios: each is loaded and run when it is first asked for, and once. */
export class EvidenceRuns {
  readonly #folders: readonly string[];
  readonly #runs = new Map<string, EvidenceRun | undefined>();
  /** What is wrong with the files that were asked for. */
  readonly problems: Problem[] = [];

  constructor(folders: readonly string[] = EVIDENCE_FOLDERS) {
    this.#folders = folders;
  }

  readonly run: Runs = (name) => {
    if (!this.#runs.has(name)) this.#runs.set(name, this.#make(name));
    return this.#runs.get(name);
  };

  /** Those that ran and did not meet what they expect of themselves. */
  get failed(): readonly string[] {
    return [...this.#runs.values()].flatMap((one) => (one === undefined || one.passed ? [] : [one.name]));
  }

  #make(name: string): EvidenceRun | undefined {
    const file = this.#folders.map((folder) => join(folder, `${name}.yaml`)).find((path) => existsSync(path));
    if (file === undefined) return undefined;
    const loaded = loadScenario(file);
    if ('problems' in loaded) {
      this.problems.push(...loaded.problems);
      return undefined;
    }
    const { scenario, topology } = loaded.source;
    const { world } = buildSource(topology, { seed: scenario.seed, trace: true, capture: true });
    const before: Moment[] = [];
    const run = runScenario(world, scenario, () => before.push(momentOf(world)));
    letArrive(world, scenario);
    if (world.halt === undefined) world.audit();
    return new EvidenceRun(world, scenario, run, before, reportScenario(world, scenario, run).passed);
  }
}
