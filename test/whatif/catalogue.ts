import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Flow } from '../../sim/explain/flow.ts';
import { type Change, isChangeFault, parseChange } from '../../sim/whatif/change.ts';
import { flowSubject, type Subject } from '../../sim/whatif/subject.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';

/** A network with a fault in it, a flow that shows it, and what is to be said of both. */
export interface BrokenNetwork {
  readonly name: string;
  readonly subject: Subject;
  readonly cause: { readonly reason: string; readonly at: string; readonly decided_by?: string };
  /** The best remedy as it is printed; where no single change helps, the two that do. */
  readonly remedy: string;
}

interface Entry extends Omit<BrokenNetwork, 'subject'> {
  /** The network itself, or the name of a sound one that changes break: `set gw: ...`, `remove gw: ...`. */
  readonly topology?: unknown;
  readonly base?: string;
  readonly broken_by?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly proto?: Flow['protocol'];
  readonly flow?: Partial<Flow>;
}

const FOLDER = join(import.meta.dirname, 'catalogue');
const NETWORKS = join(import.meta.dirname, 'networks');

/** Every network of the catalogue, by the file it stands in. */
export function catalogue(): { readonly file: string; readonly networks: BrokenNetwork[] }[] {
  return readdirSync(FOLDER).map((file) => {
    const entries = parse(readFileSync(join(FOLDER, file), 'utf8'), { merge: true }) as Entry[];
    return { file, networks: entries.map((entry) => ({ ...entry, subject: subjectOf(entry) })) };
  });
}

function subjectOf({ topology, base, broken_by = [], from, to, proto, flow }: Entry): Subject {
  const [host = '', port = '0'] = String(to).split(':');
  const protocol = proto ?? (port === '0' ? 'icmp' : 'udp');
  const sent: Flow = { protocol, destination: parseIpv4(host) ?? 0, port: Number(port), ...flow };
  const network = base === undefined ? topology : parse(readFileSync(join(NETWORKS, `${base}.yaml`), 'utf8'));
  const subject = flowSubject(topologySchema.parse(network), 1, from, sent);
  const breaking = broken_by.map((text) => {
    const [verb = '', ...words] = text.split(' ');
    return changeOf(verb, words.join(' '));
  });
  return { run: (changes) => subject.run([...breaking, ...changes]) };
}

/** The changes of a printed remedy, read back as a shell and the command line would. */
export function readBack(text: string): Change[] {
  return [...text.matchAll(/--(set|remove) (?:"((?:[^"\\]|\\.)*)"|'([^']*)')/g)].map(([, verb, quoted, plain]) => {
    return changeOf(verb ?? '', plain ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
  });
}

function changeOf(verb: string, line: string): Change {
  const change = parseChange(verb === 'set' ? 'set' : 'remove', line);
  if (isChangeFault(change)) throw new Error(`${line}: ${change.message}`);
  return change;
}
