import { z } from 'zod';
import { explanationSchema, traceRecordSchema } from '../../explain/record-schema.ts';
import { scenarioSchema } from '../../scenario/scenario-schema.ts';
import { topologySchema } from '../../world/topology-schema.ts';
import { diffSchema } from './diff-schema.ts';
import { EXIT } from './exit.ts';
import { shardHeadSchema } from './shard.ts';
import { print, say } from './terminal.ts';

/** `cutaway schema`: made from the same object that checks the files. */
export function printSchema(which: string): void {
  const schemas = new Map<string, z.ZodType>([
    ['topology', topologySchema],
    ['scenario', scenarioSchema],
    ['trace', traceRecordSchema],
    ['explain', explanationSchema],
    ['diff', diffSchema],
    ['shard', shardHeadSchema],
  ]);
  const schema = schemas.get(which);
  if (schema === undefined) {
    say(`error: there is no schema "${which}"; there are ${[...schemas.keys()].join(', ')}`);
    process.exitCode = EXIT.usage;
    return;
  }
  print(JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), null, 2));
}
