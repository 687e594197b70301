import { z } from 'zod';
import { duration } from '../world/schema-values.ts';
import { topologySchema } from '../world/topology-schema.ts';
import { deviceSteps } from './device-step-schema.ts';
import { expectation, probeExpectation } from './expectation-schema.ts';
import { arping, http, ping, pull, stack, tcp, tftp, traceroute, udp } from './verb-schema.ts';

/*
 * The one description of a scenario file: what happens, and what must be seen. Outcomes are written here and compared
 * with the run after it has run; nothing in a scenario changes what a packet does.
 */

const base = {
  name: z.string().min(1).max(60).optional(),
  at: duration.optional().describe('When; default: as soon as the step before has ended.'),
};

const figure = z
  .string()
  .optional()
  .describe("Compare the request and its answer with a flow of the whitepaper's figures, such as 11 or 10.");

const step = z.union([
  z.strictObject({ ...base, ping, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, udp, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, tcp, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, http, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, tftp, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, traceroute, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, pull, figure, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, arping, expect: probeExpectation.optional() }),
  z.strictObject({ ...base, exec: z.strictObject({ on: stack, commands: z.array(z.string().min(1)).min(1) }) }),
  z.strictObject({ ...base, configure: z.strictObject({ on: stack, lines: z.string() }) }),
  z.strictObject({ ...base, start: z.strictObject({ on: stack, service: z.string().optional() }) }),
  z.strictObject({ ...base, stop: z.strictObject({ on: stack, service: z.string().optional() }) }),
  z.strictObject({ ...base, restart: z.strictObject({ on: stack }) }),
  z.strictObject({
    ...base,
    link: z.strictObject({
      endpoint: z.string().describe('Either end, NODE:INTERFACE.'),
      state: z.enum(['up', 'down']),
    }),
  }),
  z.strictObject({ ...base, wait: duration }),
  z.strictObject({ ...base, ...deviceSteps.docker }),
  z.strictObject({ ...base, ...deviceSteps.reboot }),
  z.strictObject({ ...base, ...deviceSteps.save }),
  z.strictObject({ ...base, ...deviceSteps.write }),
]);

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a name is letters, digits, "-", "_" and "."')
  .max(60);

const story = {
  title: z.string().optional(),
  description: z.string().optional(),
  figure: z.int().optional().describe('The figure of the whitepaper it replays.'),
  until: duration.optional().describe('Run on until then; default: until the last step has ended.'),
  steps: z.array(step).default([]),
  expect: z
    .array(expectation)
    .default([])
    .describe('What the tables must hold at the end, and which addresses were seen where.'),
};

/** A scenario file. */
export const scenarioSchema = z
  .strictObject({
    name,
    title: story.title,
    description: story.description,
    topology: z
      .union([z.string().min(1), topologySchema])
      .describe('Path of a topology file, from this file; or inline.'),
    seed: z.int().min(0).default(1).describe('Seed of everything that is random.'),
    figure: story.figure,
    until: story.until,
    steps: story.steps,
    expect: story.expect,
  })
  .describe('What happens in a topology, and what must be seen.');

/** A scenario for a world that is there already: without its topology and its seed. */
export const episodeSchema = z.strictObject({ name: name.default('scenario'), ...story });

export type Scenario = z.output<typeof scenarioSchema>;
/** A scenario but for the topology, which is built before it is played. */
export type Play = Omit<Scenario, 'topology'>;
export type EpisodeInput = z.input<typeof episodeSchema>;
export type StepInput = z.input<typeof step>;
export type ScenarioStep = z.output<typeof step>;
