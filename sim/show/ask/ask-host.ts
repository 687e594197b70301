import type { SocketRow } from '../../kernel/socket-snapshot.ts';
import { nstatCounters, showCounters } from '../linux-counters.ts';
import { routeNRows, showRouteN } from '../linux-route.ts';
import { type SocketFilter, showSockets, socketsAsked } from '../linux-socket.ts';
import { showSysctl, sysctlRows } from '../linux-sysctl.ts';
import { letters, type Misunderstanding, misunderstood, type Question } from './question.ts';

/** Reads what follows `ss`: letters of `-tulnapH4`; without a kind, both are asked for. */
export function askSs(words: readonly string[]): Question | Misunderstanding {
  const given = new Set<string>();
  for (const word of words) {
    const own = letters(LONG_OF_SS.get(word) ?? word, 'tulnapH4');
    if (own === undefined) return misunderstood(`ss: "${word}" is not understood`, 'it takes letters of -tulnapH4');
    for (const letter of own) given.add(letter);
  }
  if (!given.has('n')) return misunderstood('ss asks for the names of services', 'write -n as well, as in "ss -tuln"');
  const kinds = (['udp', 'tcp'] as const).filter((netid) => given.has(netid === 'udp' ? 'u' : 't'));
  if (kinds.length === 0) return misunderstood('ss without -t or -u shows local sockets too', 'write "ss -tun"');
  const filter: SocketFilter = {
    netids: kinds,
    states: given.has('a') ? 'all' : given.has('l') ? 'listening' : 'connected',
    processes: given.has('p'),
    header: !given.has('H'),
  };
  return {
    command: `ss -${[...'tulnap4H'].filter((letter) => given.has(letter)).join('')}`,
    of: 'linux',
    key: 'socket',
    text: ({ namespace }) => showSockets(namespace, filter),
    rows: ({ namespace }): readonly SocketRow[] => socketsAsked(namespace, filter),
  };
}

const LONG_OF_SS: ReadonlyMap<string, string> = new Map([
  ['--tcp', '-t'],
  ['--udp', '-u'],
  ['--listening', '-l'],
  ['--numeric', '-n'],
  ['--all', '-a'],
  ['--processes', '-p'],
  ['--no-header', '-H'],
]);

/** Reads what follows `nstat`: letters of `-asz`. It has no history here: what it tells counts from the beginning. */
export function askNstat(words: readonly string[]): Question | Misunderstanding {
  const given = new Set<string>();
  for (const word of words) {
    const own = letters(word, 'asz');
    if (own === undefined) return misunderstood(`nstat: "${word}" is not understood`, 'it takes letters of -asz');
    for (const letter of own) given.add(letter);
  }
  const zeros = given.has('z');
  const options = [...'asz'].filter((letter) => given.has(letter)).join('');
  return {
    command: `nstat${options === '' ? '' : ` -${options}`}`,
    of: 'linux',
    key: 'counters',
    text: ({ namespace }) => showCounters(namespace, zeros),
    rows: ({ namespace }) =>
      Object.fromEntries(Object.entries(nstatCounters(namespace)).filter(([, value]) => zeros || value !== 0)),
  };
}

/** Reads what follows `sysctl`: `-a`, or names; what begins with a name is shown too. */
export function askSysctl(words: readonly string[]): Question | Misunderstanding {
  const isAll = words.length === 1 && (words[0] === '-a' || words[0] === '--all');
  if (words.length === 0 || (!isAll && words.some((word) => word.startsWith('-')))) {
    return misunderstood('sysctl shows all with -a, or what it is given', 'write "sysctl net.ipv4.ip_forward"');
  }
  const change = words.find((word) => word.includes('='));
  if (change !== undefined) return misunderstood(`sysctl ${change} would change it: this only shows`);
  const keys = isAll ? [] : words.map((word) => word.replaceAll('/', '.'));
  return {
    command: `sysctl ${words.join(' ')}`,
    of: 'linux',
    key: 'sysctl',
    refusal: ({ namespace }) => {
      const missing = keys.find((key) => sysctlRows(namespace, [key]).length === 0);
      const path = missing?.replaceAll('.', '/');
      return missing === undefined
        ? undefined
        : `sysctl: cannot stat /proc/sys/${path}: it is not modelled, or there is no such setting`;
    },
    text: ({ namespace }) => showSysctl(namespace, keys),
    rows: ({ namespace }) => sysctlRows(namespace, keys),
  };
}

/** Reads what follows `route`: `-n`. */
export function askRoute(words: readonly string[]): Question | Misunderstanding {
  if (words.length !== 1 || words[0] !== '-n') {
    return misunderstood(`route ${words.join(' ')}`.trimEnd().concat(' asks for names'), 'write "route -n"');
  }
  return {
    command: 'route -n',
    of: 'linux',
    key: 'route',
    text: ({ namespace }) => showRouteN(namespace),
    rows: ({ namespace }) => routeNRows(namespace),
  };
}
