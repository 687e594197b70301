import { z } from 'zod';
import { manners, tcpSocket } from './manners-schema.ts';
import { duration, ipv4, port } from './schema-values.ts';

/* Programs that listen: what a topology may say of them. */

/** Which protocol each program speaks; echo and sink speak either. */
const PROTOCOLS: Readonly<Record<ServiceProgram, readonly ('udp' | 'tcp')[]>> = {
  echo: ['udp', 'tcp'],
  sink: ['udp', 'tcp'],
  responder: ['tcp'],
  tftp: ['udp'],
  ftp: ['tcp'],
  http: ['tcp'],
  cadvisor: ['tcp'],
  registry: ['tcp'],
};

type ServiceProgram = 'echo' | 'sink' | 'responder' | 'tftp' | 'ftp' | 'http' | 'cadvisor' | 'registry';

/** Options that only some programs have. */
const OPTIONS: Readonly<Record<string, readonly ServiceProgram[]>> = {
  banner: ['ftp'],
  pages: ['http'],
  files: ['tftp'],
  overwrite: ['tftp'],
  images: ['registry'],
  ...Object.fromEntries(
    [...Object.keys(manners), ...Object.keys(tcpSocket), 'size', 'delay'].map((key) => [key, ['responder'] as const]),
  ),
};

const program = z
  .enum(['echo', 'sink', 'responder', 'tftp', 'ftp', 'http', 'cadvisor', 'registry'])
  .default('echo')
  .describe(
    'echo sends back what comes, sink only receives; responder: reads a request and answers with so many bytes, over TCP; tftp: a TFTP server; ftp: the control connection of an FTP ' +
      "server; http: fixed pages; cadvisor: cAdvisor's pages; registry: images to pull.",
  );

const page = z.union([
  z.string(),
  z.strictObject({
    body: z.string().default(''),
    type: z.string().min(1).optional().describe('Content-Type; default text/html or text/plain, as the body looks.'),
    redirect: z.string().min(1).optional().describe('Another path: the answer is 307 Temporary Redirect.'),
  }),
]);

const fileSize = z.int().min(0).max(2_097_152);

const file = z.union([
  z.string().describe('Its text.'),
  z.strictObject({ size: fileSize.describe('So many bytes of a pattern.') }),
]);

const IMAGE = /^[a-z0-9]+(?:[._/-][a-z0-9]+)*(?::\w[\w.-]{0,127})?$/;

/** A program that listens. */
export const serviceSchema = z
  .strictObject({
    name: z.string().min(1).max(40).optional().describe('How it is called in listings; default PROTOCOL-PORT.'),
    protocol: z
      .enum(['udp', 'tcp'])
      .optional()
      .describe('Of echo and sink; default udp. The other programs speak one protocol only.'),
    port,
    address: ipv4.optional().describe('Listen on this address only; default every address.'),
    program,
    banner: z.string().min(1).max(200).optional().describe('Of ftp: what it greets with after 220.'),
    pages: z
      .record(z.string().startsWith('/', 'a path begins with /'), page)
      .optional()
      .describe('Of http: the pages, by path; default one page at / that tells who answers.'),
    files: z.record(z.string().min(1), file).optional().describe('Of tftp: what it has to give, by name.'),
    overwrite: z.boolean().optional().describe('Of tftp: a file that is there may be written again; default false.'),
    images: z
      .record(
        z.string().regex(IMAGE, 'expected REPOSITORY or REPOSITORY:TAG, such as cadvisor:latest'),
        z.strictObject({ size: fileSize.default(2000) }).nullable(),
      )
      .optional()
      .describe('Of registry: its images by REPOSITORY:TAG, each with the bytes of the file in its layer.'),
    size: fileSize.optional().describe('Of responder: bytes of each answer; default none.'),
    delay: duration.optional().describe('Of responder: how long each answer takes.'),
    ...manners,
    ...tcpSocket,
    autostart: z.boolean().default(true).describe('false: it waits for a start step.'),
  })
  .superRefine((value, context) => {
    const spoken = PROTOCOLS[value.program];
    if (value.protocol !== undefined && !spoken.includes(value.protocol)) {
      const message = `${value.program} speaks ${spoken.join(' or ')}`;
      context.addIssue({ code: 'custom', message, path: ['protocol'] });
    }
    for (const [option, programs] of Object.entries(OPTIONS)) {
      if (value[option as keyof typeof value] === undefined || programs.includes(value.program)) continue;
      const message = `${option} goes with program: ${programs.join(' or ')}`;
      context.addIssue({ code: 'custom', message, path: [option] });
    }
  })
  .describe('A program that listens.');

/** One of Comware's applications. */
export const applicationSchema = serviceSchema.safeExtend({
  stack: z
    .enum(['comware', 'kernel'])
    .default('comware')
    .describe("comware: listens on Comware's own stack. kernel: on the Linux kernel's stack of the same namespace."),
});

export type ServiceSpec = z.output<typeof serviceSchema>;
export type ApplicationSpec = z.output<typeof applicationSchema>;

/** What a service speaks: what it says, or the first protocol of its program. */
export function protocolOf({ protocol, program }: ServiceSpec): 'udp' | 'tcp' {
  return protocol ?? PROTOCOLS[program][0] ?? 'udp';
}
