import { z } from 'zod';
import { duration } from '../world/schema-values.ts';

/*
 * Steps that are for a Comware device and its Docker instance.
 */

const device = z.string().min(1).describe('A Comware device.');

const outputExpectation = z
  .strictObject({
    output_has: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Lines, or parts of lines, that it prints; runs of spaces count as one.'),
    output_lacks: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    error_has: z.string().min(1).optional().describe('It is refused, with words such as these.'),
  })
  .describe('What the command must answer.');

/** Each makes a step, with the base of every step. */
export const deviceSteps = {
  docker: {
    docker: z.strictObject({
      on: device,
      run: z
        .string()
        .min(1)
        .describe(
          'As typed behind docker: "run --name tftpd --network container:comware tftpd"; or "guestshell start".',
        ),
    }),
    expect: outputExpectation.optional(),
  },
  reboot: {
    reboot: z.strictObject({
      on: device,
      takes: duration.optional().describe('How long until it is up again; default 30s.'),
    }),
  },
  save: {
    save: z.strictObject({
      on: device,
      containers: z.boolean().default(false).describe('true: with the container files, as the device asks.'),
    }),
    expect: outputExpectation.optional(),
  },
  write: {
    write: z
      .strictObject({ on: z.string().min(1), file: z.string().min(1), content: z.string().default('') })
      .describe('A program of a running container writes a file: it is in the container layer alone.'),
  },
} as const;
