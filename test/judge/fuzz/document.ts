import { stringify } from 'yaml';

/*
 * A scenario as the fuzzer writes it: plain data in the words of a scenario file, changed in place while it is made and
 * while it is made smaller.
 */

export interface InterfaceDocument {
  kind?: 'bridge';
  address?: string | string[];
  mtu?: number;
  up?: boolean;
  ports?: string[];
}

export interface ServiceDocument {
  port: number;
  protocol?: 'udp' | 'tcp';
  program?: 'echo' | 'sink' | 'http';
  address?: string;
}

export interface LinuxDocument {
  kind: 'linux';
  interfaces?: Record<string, InterfaceDocument>;
  routes?: string[];
  rules?: string[];
  sysctls?: Record<string, number>;
  services?: ServiceDocument[];
  iptables?: string;
  exec?: string[];
}

export type NodeDocument = LinuxDocument | { kind: 'bridge' };

export interface LinkDocument {
  endpoints: [string, string];
  mtu?: number;
}

export type StepDocument = Record<string, unknown>;

export interface ScenarioDocument {
  name: string;
  topology: { topology: { nodes: Record<string, NodeDocument>; links: LinkDocument[] } };
  steps: StepDocument[];
}

/** The text of a scenario file. `comment` stands above it. */
export function scenarioText(document: ScenarioDocument, comment = ''): string {
  const head = comment === '' ? '' : `${comment.trimEnd().replace(/^/gm, '# ').replace(/ +$/gm, '')}\n`;
  return `${head}${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
