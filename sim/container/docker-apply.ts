import { COMWARE_NAME, type Container } from './container.ts';
import { COMWARE_REFUSAL, inventName } from './container-name.ts';
import { type DockerCommand, type NetworkCommand, parseDockerCommand } from './docker-command.ts';
import type { DockerEngine } from './docker-engine.ts';
import { withTag } from './image.ts';
import type { RunFlags } from './run-flags.ts';
import type { DockerView } from './snapshot.ts';

export interface DockerAnswer {
  /** What is printed at once. */
  readonly lines: readonly string[];
  readonly view: DockerView | undefined;
  /** What goes to stderr, and makes the exit status one of failure. */
  readonly error: string | undefined;
  /** What follows, of a command that takes time. */
  readonly later?: LaterAnswer;
}

/** Filled in when a pull has ended. */
export interface LaterAnswer {
  finished: boolean;
  lines: readonly string[];
  error: string | undefined;
}

/** Runs `docker ...` or `guestshell ...` in the user's instance, as the command line of the device does. */
export function runDocker(engine: DockerEngine, line: string): DockerAnswer {
  const command = parseDockerCommand(line);
  return 'usage' in command ? failed(command.usage) : apply(engine, command);
}

function apply(engine: DockerEngine, command: DockerCommand): DockerAnswer {
  switch (command.verb) {
    case 'run':
    case 'create':
      return run(engine, command);
    case 'start':
      return each(command.names, (name) => engine.start(name), 'Error: failed to start containers: ');
    case 'stop':
      return each(command.names, (name) => engine.stop(name));
    case 'restart':
      return each(command.names, (name) => engine.restart(name));
    case 'kill':
      return each(command.names, (name) => engine.kill(name));
    case 'rm':
      return each(command.names, (name) => engine.remove(name, command.force));
    case 'exec':
      return exec(engine, command.name, command.command);
    case 'logs':
      return logs(engine, command.name);
    case 'pull':
      return pull(engine, command.name);
    case 'ps':
      return shown({ kind: 'ps', all: command.all, quiet: command.quiet });
    case 'images':
      return shown({ kind: 'images' });
    case 'inspect':
      return inspect(engine, command.names);
    case 'guestshell':
      return plain(command.action === 'start' ? engine.startGuestShell() : engine.stopGuestShell());
    case 'unmodelled':
      return unmodelled(engine, command.word, command.names);
    default:
      return network(engine, command);
  }
}

function network(engine: DockerEngine, command: NetworkCommand): DockerAnswer {
  const { networks, containers } = engine;
  switch (command.verb) {
    case 'network ls':
      return shown({ kind: 'networks' });
    case 'network rm':
      return each(command.names, (name) => networks.remove(name, containers));
    case 'network inspect': {
      const known = command.names.flatMap((name) => networks.find(name)?.name ?? []);
      const unknown = command.names.filter((name) => networks.find(name) === undefined);
      return {
        ...shown({ kind: 'network inspect', names: known }),
        error: daemonLines(unknown, 'network', 'not found'),
      };
    }
    case 'network create': {
      const made = networks.create(command.request);
      return 'refused' in made ? daemon(made.refused) : { ...NOTHING, lines: [made.id] };
    }
  }
}

function pull(engine: DockerEngine, reference: string): DockerAnswer {
  const later: LaterAnswer = { finished: false, lines: [], error: undefined };
  const refused = engine.pull(reference, (end) => Object.assign(later, end, { finished: true }));
  return refused === undefined ? { ...NOTHING, later } : daemon(refused);
}

type RunCommand = Extract<DockerCommand, { verb: 'run' | 'create' }>;

/** An image that is not on the device is pulled first, as the client does. */
function run(engine: DockerEngine, command: RunCommand): DockerAnswer {
  const { verb, flags, image } = command;
  if (flags.name === COMWARE_NAME) return refuseRun(verb, COMWARE_REFUSAL);
  const published = portFault(flags);
  if (published !== undefined) return refuseRun(verb, published);
  if (engine.images.get(withTag(image))?.local === true) return runLocal(engine, command);
  const later: LaterAnswer = { finished: false, lines: [], error: undefined };
  const refused = engine.pull(image, (end) => {
    const answer = end.error === undefined ? runLocal(engine, command) : failed(`docker: ${end.error}`);
    Object.assign(later, { finished: true, lines: [...end.lines, ...answer.lines], error: answer.error });
  });
  const missing = `Unable to find image '${withTag(image)}' locally`;
  if (refused === undefined) return { ...NOTHING, lines: [missing], later };
  const refusal = refuseRun(verb, refused);
  return { ...refusal, error: `${missing}\n${refusal.error}` };
}

function runLocal(engine: DockerEngine, { verb, flags, image, command }: RunCommand): DockerAnswer {
  const name = flags.name ?? inventName(engine.chance, (one) => engine.container(one) !== undefined);
  const created = engine.create({ ...flags, name, image, command, autoRemove: flags.remove });
  if (typeof created === 'string') return refuseRun(verb, created);
  const warnings =
    flags.ports.length > 0 ? ['WARNING: Published ports are discarded when using host network mode'] : [];
  if (verb === 'create') return { ...NOTHING, lines: [...warnings, created.id] };
  const lines = [...warnings, ...(flags.detach ? [created.id] : [])];
  const refused = engine.start(created.id);
  if (refused !== undefined) return { ...refuseRun(verb, refused), lines };
  // In the foreground what the program says is seen, and how it ends.
  const said = flags.detach || created.state === 'running' ? [] : created.log;
  return { ...NOTHING, lines, error: said.length === 0 ? undefined : said.join('\n') };
}

function refuseRun(verb: 'run' | 'create', sentence: string): DockerAnswer {
  if (verb === 'create') return daemon(sentence);
  return failed(`docker: Error response from daemon: ${sentence}\n\nRun 'docker run --help' for more information`);
}

/** Published ports: the host is not on the way to a container, so there is nothing that Docker could translate. */
function portFault({ ports, network }: RunFlags): string | undefined {
  if (ports.length === 0 || network === 'host' || network === 'none') return undefined;
  if (network.startsWith('container:')) {
    return 'conflicting options: port publishing and the container type network mode';
  }
  return 'ports are not published by Docker on this device: let Comware translate, with nat server on its uplink';
}

function exec(engine: DockerEngine, name: string, command: readonly string[]): DockerAnswer {
  const container = engine.container(name);
  if (container?.state === 'running' && command[0] === 'cat' && command.length === 2) {
    return readFile(engine, container, command[1] ?? '');
  }
  return daemon(engine.exec(name, command.join(' ')));
}

/** What the container sees at a path: its layer lies over the files of its image. */
function readFile(engine: DockerEngine, container: Container, path: string): DockerAnswer {
  const content = container.layer.get(path) ?? engine.images.get(withTag(container.options.image))?.files.get(path);
  if (content === undefined) return failed(`cat: ${path}: No such file or directory`);
  return { ...NOTHING, lines: content.replace(/\n$/, '').split('\n') };
}

function logs(engine: DockerEngine, name: string): DockerAnswer {
  const container = engine.container(name);
  return container === undefined ? daemon(`No such container: ${name}`) : { ...NOTHING, lines: container.log };
}

function inspect(engine: DockerEngine, names: readonly string[]): DockerAnswer {
  const known = names.flatMap((name) => engine.container(name)?.id ?? []);
  const unknown = names.filter((name) => engine.container(name) === undefined);
  const error = unknown.map((name) => `Error: No such object: ${name}`).join('\n');
  return { ...shown({ kind: 'inspect', names: known }), error: error === '' ? undefined : error };
}

/** A verb without a counterpart here is refused, to the Comware container for a better reason. */
function unmodelled(engine: DockerEngine, word: string, names: readonly string[]): DockerAnswer {
  if (names.some((name) => name === COMWARE_NAME || name.startsWith(`${COMWARE_NAME}:`)))
    return daemon(COMWARE_REFUSAL);
  const unknown = names.find((name) => engine.container(name) === undefined);
  if (unknown !== undefined && word !== 'cp') return daemon(`No such container: ${unknown}`);
  return failed(`docker ${word} is not modelled`);
}

const NOTHING: DockerAnswer = { lines: [], view: undefined, error: undefined };

/** One line for each that it was done to, and one error for each other. */
function each(
  names: readonly string[],
  act: (name: string) => string | undefined,
  summary: string | undefined = undefined,
): DockerAnswer {
  const lines: string[] = [];
  const errors: string[] = [];
  const failing: string[] = [];
  for (const name of names) {
    const refused = act(name);
    if (refused === undefined) lines.push(name);
    else {
      errors.push(`Error response from daemon: ${refused}`);
      failing.push(name);
    }
  }
  if (summary !== undefined && failing.length > 0) errors.push(`${summary}${failing.join(', ')}`);
  return { lines, view: undefined, error: errors.length === 0 ? undefined : errors.join('\n') };
}

function daemon(refused: string | undefined): DockerAnswer {
  return refused === undefined ? NOTHING : failed(`Error response from daemon: ${refused}`);
}

function daemonLines(names: readonly string[], before: string, after: string): string | undefined {
  const lines = names.map((name) => `Error response from daemon: ${before} ${name} ${after}`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** The device's own command: no daemon speaks. */
function plain(refused: string | undefined): DockerAnswer {
  return refused === undefined ? NOTHING : failed(refused);
}

function failed(error: string): DockerAnswer {
  return { ...NOTHING, error };
}

function shown(view: DockerView): DockerAnswer {
  return { ...NOTHING, view };
}
