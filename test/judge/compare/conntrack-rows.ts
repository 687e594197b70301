import type { End } from './flow.ts';
import { endName, type OneToOne } from './relations.ts';
import type { Row } from './rows.ts';

/** One direction of an entry, by the words of conntrack(8). */
type Tuple = Record<string, string>;

/** Words that say nothing of the connection: numbers of the machine, and how many look at it. */
const IGNORED = ['use', 'zone', 'delta-time'];

/**
 * Lines of `conntrack -L -o extended`. `ends` turns ports and identifiers of the simulator into the kernel's.
 */
export function conntrackRows(lines: readonly string[], ends?: OneToOne): Row[] {
  return lines.map((line) => conntrackRow(line, ends));
}

function conntrackRow(line: string, ends: OneToOne | undefined): Row {
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
  const known = new Map<string, string>();
  const [original, reply] =
    ends === undefined ? tuples : (tuples.map((tuple) => translated(tuple, protocol, ends, known)) as [Tuple, Tuple]);
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

/**
 * A number that stands beside an address which no frame shows is the one that the other direction has beside an address
 * that frames do show (`known`): translation of addresses leaves it as it was.
 */
function translated(tuple: Tuple, protocol: string, ends: OneToOne, known: Map<string, string>): Tuple {
  const other = (family: 'tcp' | 'udp' | 'echo', address: string | undefined, key: string | undefined): string => {
    const end: End = { address: address ?? '', key: Number(key) };
    const found = ends.kernelOf(endName(family, end))?.split(':').at(-1);
    if (found !== undefined) known.set(String(key), found);
    return found ?? known.get(String(key)) ?? String(key);
  };
  const { src, dst, sport, dport, id, type } = tuple;
  if (protocol === 'tcp' || protocol === 'udp') {
    return { ...tuple, sport: other(protocol, src, sport), dport: other(protocol, dst, dport) };
  }
  if (protocol === 'icmp' && id !== undefined) return { ...tuple, id: other('echo', type === '8' ? src : dst, id) };
  return tuple;
}
