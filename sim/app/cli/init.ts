import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { scenarioSchema } from '../../scenario/scenario-schema.ts';
import { topologySchema } from '../../world/topology-schema.ts';
import { writeWhole } from '../files.ts';
import { EXIT } from './exit.ts';
import { EXAMPLE_SCENARIO, EXAMPLE_TOPOLOGY } from './init-example.ts';
import { print, say } from './terminal.ts';

export interface InitOptions {
  readonly force?: boolean;
}

/** `cutaway init`: an example topology and scenario, and the schemas that editors complete them with. */
export function initExample(folder: string, options: InitOptions): void {
  const files = new Map([
    ['topology.yaml', EXAMPLE_TOPOLOGY],
    ['scenario.yaml', EXAMPLE_SCENARIO],
    ['topology.schema.json', schemaText(topologySchema)],
    ['scenario.schema.json', schemaText(scenarioSchema)],
  ]);
  const present = [...files.keys()].filter((name) => existsSync(join(folder, name)));
  if (present.length > 0 && options.force !== true) {
    say(`error: ${present.map((name) => join(folder, name)).join(', ')} already there; --force overwrites`);
    process.exitCode = EXIT.usage;
    return;
  }
  for (const [name, text] of files) writeWhole(join(folder, name), text);
  print([...files.keys()].map((name) => join(folder, name)).join('\n'));
  say(`now: cutaway run ${join(folder, 'scenario.yaml')}`);
}

function schemaText(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), null, 2)}\n`;
}
