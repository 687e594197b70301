import type { End } from './flow.ts';
import { endName, type Relations } from './relations.ts';
import type { Row } from './rows.ts';

/** One direction of an entry, by the words of conntrack(8). */
type Tuple = Record<string, string>;

/** Words that say nothing of the connection: numbers of the machine, and how many look at it. */
const IGNORED = ['use', 'zone', 'delta-time'];

/** Whose lines they are, and how the numbers of the two worlds belong together. */
export interface ConntrackWorld {
  readonly world: 'simulator' | 'kernel';
  readonly relations: Relations;
}

/** Lines of `conntrack -L -o extended`, with the kernel's ports and identifiers in place of the simulator's. */
export function conntrackRows(lines: readonly string[], from: ConntrackWorld): Row[] {
  return lines.map((line) => conntrackRow(line, from));
}

function conntrackRow(line: string, from: ConntrackWorld): Row {
  const words = line.trim().split(/\s+/);
  const isExtended = words[0] === 'ipv4';
  const [protocol = '', number = '', timeout = '', ...rest] = isExtended ? words.slice(2) : words;
  const tuples: [Tuple, Tuple] = [{}, {}];
  const values: Record<string, string> = { timeout };
  const flags: string[] = [];
  let current = -1;
  for (const word of rest) {
    const [name = '', value] = word.split('=');
    if (value === undefined) {
      if (word.startsWith('[')) flags.push(word);
      else values.state = word;
    } else if (IGNORED.includes(name)) continue;
    else {
      if (name === 'src') current++;
      const tuple = name === 'mark' ? undefined : tuples[current];
      if (tuple === undefined) values[name] = value;
      else tuple[name] = value;
    }
  }
  const [original, reply] = translated(tuples, protocol, from);
  values.flags = flags.sort().join(' ');
  for (const name of ['packets', 'bytes']) {
    if (original[name] !== undefined) values[name] = `${original[name]} ${reply[name]}`;
    delete original[name];
    delete reply[name];
  }
  return { key: `${protocol} ${number} ${tupleText(original)} | ${tupleText(reply)}`, values };
}

function tupleText(tuple: Tuple): string {
  return Object.entries(tuple)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Both directions with the kernel's ports and identifiers; `unseen` for one that a stack chose and no frame shows. */
function translated(
  tuples: readonly [Tuple, Tuple],
  protocol: string,
  { world, relations }: ConntrackWorld,
): [Tuple, Tuple] {
  const known = new Map<string, string>();
  const family = familyOf(protocol);
  const lookUp = (end: End): string | undefined => {
    const name = endName(family, end);
    if (world === 'simulator') return relations.ends.kernelOf(name)?.split(':').at(-1);
    return relations.ends.simulatedOf(name) === undefined ? undefined : String(end.key);
  };
  for (const end of tuples.flatMap((tuple) => endsOf(tuple, protocol).map(([, one]) => one))) {
    const key = lookUp(end);
    if (key !== undefined) known.set(String(end.key), key);
  }
  const one = (tuple: Tuple): Tuple => {
    const copy = { ...tuple };
    for (const [name, end] of endsOf(tuple, protocol)) {
      // An end that no frame ever showed, such as that of an answer that never came, has kept the port of the other tuple.
      const key = lookUp(end) ?? known.get(String(end.key));
      copy[name] = key ?? (relations.isFree(family, end) ? 'unseen' : String(end.key));
    }
    return copy;
  };
  return [one(tuples[0]), one(tuples[1])];
}

function familyOf(protocol: string): 'tcp' | 'udp' | 'echo' {
  return protocol === 'tcp' || protocol === 'udp' ? protocol : 'echo';
}

/** The ports of a tuple, or its identifier, with whose they are. */
function endsOf({ src, dst, sport, dport, id, type }: Tuple, protocol: string): [string, End][] {
  const end = (address: string | undefined, key: string | undefined): End => ({
    address: address ?? '',
    key: Number(key),
  });
  if (protocol === 'tcp' || protocol === 'udp') {
    return [
      ['sport', end(src, sport)],
      ['dport', end(dst, dport)],
    ];
  }
  return protocol === 'icmp' && id !== undefined ? [['id', end(type === '8' ? src : dst, id)]] : [];
}
