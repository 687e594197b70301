import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab, type LabOptions } from '../../lab/lab.ts';
import { TopologyError } from '../../lab/lab-error.ts';
import type { ScenarioReport } from '../../scenario/report.ts';
import { readText } from '../files.ts';

/** A path, or the URL of a file: `new URL('office.yaml', import.meta.url)`. */
export type FileName = string | { readonly href: string };

/** Builds the topology of a file. Throws TopologyError with all that is wrong with it. */
export function openLab(file: FileName, options: LabOptions = {}): Lab {
  const path = pathOf(file);
  return Lab.fromYaml(textOf(path), { ...options, file: path });
}

/**
 * Builds the topology of a scenario file, runs its steps, and holds the run against what it expects; the lab is left as it
 * is at the end. The seed is that of the file, unless one is given. Throws TopologyError with all that is wrong.
 */
export function openScenario(
  file: FileName,
  options: LabOptions = {},
): { readonly lab: Lab; readonly report: ScenarioReport } {
  const path = pathOf(file);
  const read = (named: string): string => textOf(resolve(dirname(path), named));
  return Lab.fromScenario(textOf(path), { ...options, file: path, read });
}

function pathOf(file: FileName): string {
  return typeof file === 'string' ? file : fileURLToPath(file.href);
}

function textOf(file: string): string {
  const read = readText(file);
  if ('problem' in read) throw new TopologyError([read.problem]);
  return read.text;
}
