import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { EVIDENCE_FOLDERS, EvidenceRuns } from '../../sim/app/evidence.ts';
import { type FigureReport, type JudgedClaim, judgeClaim, reportFigure } from '../../sim/figures/figure-report.ts';
import { CLAIMS } from '../../sim/whitepaper/claims.ts';
import type { FigureRow } from '../../sim/whitepaper/row.ts';
import { TemporaryFolder } from '../tools.ts';

/* Runs of the bundled scenarios, changed in ways that must change what is said of the paper. */

/** A value of a YAML file, to be changed. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into a file of any shape.
export type Yaml = any;

/** What is changed of a scenario, and of its topology's nodes. */
export type Change = (scenario: Yaml, nodes: Yaml) => void;

/** Runs with changes, by the names of the scenarios that they are for. */
export class ChangedRuns {
  readonly evidence: EvidenceRuns;
  readonly #folder = new TemporaryFolder();

  constructor(changes: Readonly<Record<string, Change>>) {
    for (const [name, change] of Object.entries(changes)) this.#write(name, change);
    this.evidence = new EvidenceRuns([this.#folder.path, ...EVIDENCE_FOLDERS]);
  }

  #write(name: string, change: Change): void {
    const file = EVIDENCE_FOLDERS.map((folder) => join(folder, `${name}.yaml`)).find(isThere);
    if (file === undefined) throw new Error(`no scenario ${name}`);
    const scenario: Yaml = parse(readFileSync(file, 'utf8'));
    if (typeof scenario.topology === 'string') {
      scenario.topology = parse(readFileSync(resolve(dirname(file), scenario.topology), 'utf8'));
    }
    change(scenario, scenario.topology.topology.nodes);
    writeFileSync(join(this.#folder.path, `${name}.yaml`), stringify(scenario));
  }

  report(figure: number | null): FigureReport {
    const report = reportFigure(figure, this.evidence.run);
    this.#sound();
    if (report === undefined) throw new Error(`no figure ${figure}`);
    return report;
  }

  claim(id: string): JudgedClaim {
    const claim = CLAIMS.find((one) => one.id === id);
    if (claim === undefined) throw new Error(`no claim ${id}`);
    const judged = judgeClaim(claim, this.evidence.run);
    this.#sound();
    return judged;
  }

  /** Rows whose English line holds a text. */
  rows(figure: number, text: string): FigureRow[] {
    return this.report(figure).rows.filter((row) => row.text.includes(text));
  }

  #sound(): void {
    if (this.evidence.problems.length > 0) throw new Error(JSON.stringify(this.evidence.problems, null, 2));
  }

  dispose(): void {
    this.#folder.dispose();
  }
}

function isThere(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
