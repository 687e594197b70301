import { scenarioSchema } from '../../../sim/scenario/scenario-schema.ts';
import type { ScenarioSource } from '../../../sim/scenario/scenario-source.ts';
import { readDocument } from '../../../sim/world/document.ts';
import { checkSchema } from '../../../sim/world/document-schema.ts';
import { type ScenarioDocument, scenarioText } from './document.ts';

/** A generated scenario as if it had been read from a file of this name. */
export function sourceOf(scenario: ScenarioDocument, file: string): ScenarioSource {
  const read = readDocument(scenarioText(scenario), file);
  if ('problems' in read) throw new Error(read.problems[0]?.message);
  const { document } = read;
  const checked = checkSchema(document, scenarioSchema);
  if ('problems' in checked) throw new Error(checked.problems[0]?.message);
  const { value } = checked;
  if (typeof value.topology === 'string') throw new Error('a generated scenario holds its topology');
  return {
    ...{ scenario: value, document, file },
    topology: { topology: value.topology, document, prefix: ['topology'], file },
  };
}
