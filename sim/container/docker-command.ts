import { nearest } from '../core/nearest.ts';
import { type Ipv4, parseIpv4, parsePrefix } from '../wire/address.ts';
import { type Flag, type ParsedFlags, parseFlags } from './docker-flags.ts';
import type { NetworkRequest } from './docker-networks.ts';
import { RUN_FLAGS, type RunFlags, readRunFlags } from './run-flags.ts';

/** A docker command that was understood. */
export type DockerCommand =
  | {
      readonly verb: 'run' | 'create';
      readonly flags: RunFlags;
      readonly image: string;
      readonly command: readonly string[];
    }
  | { readonly verb: 'start' | 'stop' | 'restart' | 'kill'; readonly names: readonly string[] }
  | { readonly verb: 'rm'; readonly names: readonly string[]; readonly force: boolean }
  | { readonly verb: 'exec'; readonly name: string; readonly command: readonly string[] }
  | { readonly verb: 'ps'; readonly all: boolean; readonly quiet: boolean }
  | { readonly verb: 'images' }
  | { readonly verb: 'inspect'; readonly names: readonly string[] }
  | NetworkCommand
  | { readonly verb: 'logs' | 'pull'; readonly name: string }
  | { readonly verb: 'unmodelled'; readonly word: string; readonly names: readonly string[] }
  | { readonly verb: 'guestshell'; readonly action: 'start' | 'stop' };

/** `docker network ...`. */
export type NetworkCommand =
  | { readonly verb: 'network ls' }
  | { readonly verb: 'network inspect' | 'network rm'; readonly names: readonly string[] }
  | { readonly verb: 'network create'; readonly request: NetworkRequest };

/** What Docker's client says of a command that it cannot read. */
export interface DockerUsageError {
  readonly usage: string;
}

/** Whether a line is for Docker, or for the wrapper around its Guest Shell. */
export function isDockerLine(line: string): boolean {
  return /^(docker|guestshell)(\s|$)/.test(line.trim());
}

/** Management verbs that do nothing on the network; they are known so that `comware` is refused to them too. */
const UNMODELLED = ['pause', 'unpause', 'rename', 'update', 'attach', 'commit', 'cp', 'export', 'top', 'wait', 'stats'];

const ALL_VERBS = [
  ...['run', 'create', 'start', 'stop', 'restart', 'kill', 'rm', 'exec', 'ps', 'images', 'inspect', 'logs', 'pull'],
  ...['network', 'container', 'image', ...UNMODELLED],
];

const TIME: Flag = { long: 'time', short: 't', takes: true };
const SIGNAL: Flag = { long: 'signal', short: 's', takes: true };
const EXEC_FLAGS: readonly Flag[] = [
  { long: 'interactive', short: 'i', takes: false },
  { long: 'tty', short: 't', takes: false },
  { long: 'detach', short: 'd', takes: false },
  { long: 'user', short: 'u', takes: true },
];

/** Reads `docker ...` or `guestshell ...`; the first word may be left out for docker. */
export function parseDockerCommand(line: string): DockerCommand | DockerUsageError {
  const words = splitWords(line);
  if (typeof words === 'string') return { usage: words };
  if (words[0] === 'guestshell') return guestshell(words.slice(1));
  const rest = words[0] === 'docker' ? words.slice(1) : words;
  // `docker container stop` is `docker stop`; `docker container ls` is `docker ps`.
  const isNamespaced = rest[0] === 'container' || rest[0] === 'image';
  if (!isNamespaced) return parseVerb(rest[0] ?? '', rest.slice(1));
  const verb = rest[1] === 'ls' || rest[1] === 'list' ? (rest[0] === 'image' ? 'images' : 'ps') : (rest[1] ?? '');
  return parseVerb(verb, rest.slice(2));
}

function parseVerb(verb: string, words: readonly string[]): DockerCommand | DockerUsageError {
  switch (verb) {
    case 'run':
    case 'create':
      return parseRun(verb, words);
    case 'start':
      return named(verb, words, [
        { long: 'attach', short: 'a', takes: false },
        { long: 'interactive', short: 'i', takes: false },
      ]);
    case 'stop':
    case 'restart':
      return named(verb, words, [TIME, { long: 'timeout', takes: true }, SIGNAL]);
    case 'kill':
      return named(verb, words, [SIGNAL]);
    case 'rm':
      return parseRm(words);
    case 'exec':
      return parseExec(words);
    case 'ps':
      return parsePs(words);
    case 'images':
      return words.length === 0 ? { verb } : noArguments(verb);
    case 'inspect':
      return named(verb, words, [{ long: 'type', takes: true }]);
    case 'logs':
    case 'pull':
      return words.length === 1 && !words[0]?.startsWith('-')
        ? { verb, name: words[0] ?? '' }
        : { usage: flagOr(words, `docker: 'docker ${verb}' requires 1 argument`) };
    case 'network':
      return parseNetwork(words);
    default:
      return unknownVerb(verb, words);
  }
}

function unknownVerb(verb: string, words: readonly string[]): DockerCommand | DockerUsageError {
  if (UNMODELLED.includes(verb)) {
    return { verb: 'unmodelled', word: verb, names: words.filter((word) => !word.startsWith('-')) };
  }
  const close = nearest(verb, ALL_VERBS);
  const hint = close === undefined ? '' : `; did you mean "docker ${close}"?`;
  return { usage: `docker: unknown command: docker ${verb}${hint}` };
}

function parseRun(verb: 'run' | 'create', words: readonly string[]): DockerCommand | DockerUsageError {
  const parsed = parseFlags(words, RUN_FLAGS, true);
  if (typeof parsed === 'string') return { usage: parsed };
  const flags = readRunFlags(parsed);
  if (typeof flags === 'string') return { usage: flags };
  const [image, ...command] = parsed.rest;
  if (image === undefined) return { usage: `docker: 'docker ${verb}' requires at least 1 argument` };
  return { verb, flags, image, command };
}

function named(
  verb: 'start' | 'stop' | 'restart' | 'kill' | 'inspect',
  words: readonly string[],
  flags: readonly Flag[],
): DockerCommand | DockerUsageError {
  const names = namesOf(verb, words, flags);
  return 'usage' in names ? names : { verb, names: names.rest };
}

function namesOf(verb: string, words: readonly string[], flags: readonly Flag[]): ParsedFlags | DockerUsageError {
  const parsed = parseFlags(words, flags, false);
  if (typeof parsed === 'string') return { usage: parsed };
  if (parsed.rest.length === 0) return { usage: `docker: 'docker ${verb}' requires at least 1 argument` };
  return parsed;
}

function parseRm(words: readonly string[]): DockerCommand | DockerUsageError {
  const parsed = namesOf('rm', words, [
    { long: 'force', short: 'f', takes: false },
    { long: 'volumes', short: 'v', takes: false },
  ]);
  if ('usage' in parsed) return parsed;
  return { verb: 'rm', names: parsed.rest, force: isSet(parsed, 'force') };
}

function parseExec(words: readonly string[]): DockerCommand | DockerUsageError {
  const parsed = parseFlags(words, EXEC_FLAGS, true);
  if (typeof parsed === 'string') return { usage: parsed };
  const [name, ...command] = parsed.rest;
  if (name === undefined || command.length === 0)
    return { usage: "docker: 'docker exec' requires at least 2 arguments" };
  return { verb: 'exec', name, command };
}

function parsePs(words: readonly string[]): DockerCommand | DockerUsageError {
  const parsed = parseFlags(
    words,
    [
      { long: 'all', short: 'a', takes: false },
      { long: 'quiet', short: 'q', takes: false },
    ],
    false,
  );
  if (typeof parsed === 'string') return { usage: parsed };
  if (parsed.rest.length > 0) return noArguments('ps');
  return { verb: 'ps', all: isSet(parsed, 'all'), quiet: isSet(parsed, 'quiet') };
}

function parseNetwork([verb = '', ...words]: readonly string[]): DockerCommand | DockerUsageError {
  switch (verb) {
    case 'ls':
    case 'list':
      return words.length === 0 ? { verb: 'network ls' } : noArguments('network ls');
    case 'inspect': {
      const parsed = namesOf('network inspect', words, []);
      return 'usage' in parsed ? parsed : { verb: 'network inspect', names: parsed.rest };
    }
    case 'rm':
    case 'remove': {
      const parsed = namesOf('network rm', words, [{ long: 'force', short: 'f', takes: false }]);
      return 'usage' in parsed ? parsed : { verb: 'network rm', names: parsed.rest };
    }
    case 'create':
      return parseNetworkCreate(words);
    case 'connect':
    case 'disconnect':
      return {
        verb: 'unmodelled',
        word: `network ${verb}`,
        names: words.filter((word) => !word.startsWith('-')).slice(1),
      };
    default:
      return { usage: `docker: unknown command: docker network ${verb}` };
  }
}

function parseNetworkCreate(words: readonly string[]): DockerCommand | DockerUsageError {
  const parsed = parseFlags(
    words,
    [
      { long: 'driver', short: 'd', takes: true },
      { long: 'opt', short: 'o', takes: true },
      { long: 'subnet', takes: true },
      { long: 'gateway', takes: true },
      { long: 'ip-range', takes: true },
      { long: 'label', takes: true },
    ],
    false,
  );
  if (typeof parsed === 'string') return { usage: parsed };
  const [name, ...more] = parsed.rest;
  if (name === undefined || more.length > 0) return { usage: "docker: 'docker network create' requires 1 argument" };
  const last = (flag: string): string | undefined => parsed.values.get(flag)?.at(-1);
  const driver = last('driver') ?? 'bridge';
  if (driver !== 'bridge') return { usage: `could not find plugin ${driver} in v1 plugin registry: plugin not found` };
  const parent = parsed.values.get('opt')?.find((option) => option.startsWith('parent='));
  const subnet = readValue(last('subnet'), parsePrefix, 'subnet');
  const gateway = readValue(last('gateway'), parseIpv4, 'gateway');
  const range = readValue(last('ip-range'), parsePrefix, 'ip-range');
  for (const one of [subnet, gateway, range]) if (typeof one === 'object' && 'usage' in one) return one;
  const request = {
    name,
    parent: parent?.slice('parent='.length),
    subnet: subnet as NetworkRequest['subnet'],
    gateway: gateway as Ipv4 | undefined,
    range: range as NetworkRequest['range'],
  };
  return { verb: 'network create', request };
}

function readValue<T>(
  text: string | undefined,
  parse: (text: string) => T | undefined,
  flag: string,
): T | undefined | DockerUsageError {
  if (text === undefined) return undefined;
  return parse(text) ?? { usage: `invalid argument "${text}" for "--${flag}" flag` };
}

function guestshell(words: readonly string[]): DockerCommand | DockerUsageError {
  const [action, ...more] = words;
  if ((action !== 'start' && action !== 'stop') || more.length > 0) {
    return { usage: `Unrecognized command: guestshell ${words.join(' ')}`.trimEnd() };
  }
  return { verb: 'guestshell', action };
}

function isSet({ values }: ParsedFlags, flag: string): boolean {
  return values.get(flag)?.at(-1) === 'true';
}

function noArguments(verb: string): DockerUsageError {
  return { usage: `docker: 'docker ${verb}' accepts no arguments` };
}

function flagOr(words: readonly string[], otherwise: string): string {
  const flag = words.find((word) => word.startsWith('-'));
  return flag === undefined ? otherwise : `unknown flag: ${flag}`;
}

/** Words as a shell splits them: blanks, and quotes of both kinds. */
function splitWords(line: string): string[] | string {
  const words: string[] = [];
  const matches = line.trim().matchAll(/((?:[^\s"']|"[^"]*"|'[^']*')+)\s*/gy);
  let length = 0;
  for (const match of matches) {
    length += match[0].length;
    words.push((match[1] ?? '').replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return length < line.trim().length ? `unmatched quote in: ${line.trim()}` : words;
}
