import type { DeviceSnapshot } from '../../container/snapshot.ts';
import { nearest } from '../../core/nearest.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { inspectContainers, inspectNetworks, showDockerInspect, showNetworkInspect } from '../docker-inspect.ts';
import { showDockerIds, showDockerImages, showDockerNetworks, showDockerPs } from '../docker-list.ts';
import { letters, type Misunderstanding, misunderstood, type Question } from './question.ts';

const VERBS = ['ps', 'images', 'inspect', 'network ls', 'network inspect'] as const;

/** Reads what follows `docker`: `ps [-a] [-q]`, `images`, `inspect NAME...`, `network ls`, `network inspect NAME...`. */
export function askDocker(words: readonly string[]): Question | Misunderstanding {
  const [first = '', second = '', ...rest] = words;
  // `docker container ls` is `docker ps`, `docker image ls` is `docker images`.
  if (first === 'container' && (second === 'ls' || second === 'list')) return askPs(rest);
  if (first === 'container' && second === 'inspect') return askInspect(rest);
  if (first === 'image' && (second === 'ls' || second === 'list') && rest.length === 0) return IMAGES;
  if (first === 'ps') return askPs(words.slice(1));
  if (first === 'images' && words.length === 1) return IMAGES;
  if (first === 'inspect') return askInspect(words.slice(1));
  if (first === 'network' && (second === 'ls' || second === 'list') && rest.length === 0) return NETWORKS;
  if (first === 'network' && second === 'inspect') return askNetworkInspect(rest);
  const close = nearest(words.join(' '), VERBS);
  const hint = close === undefined ? `there are docker ${VERBS.join(', ')}` : `did you mean "docker ${close}"?`;
  return misunderstood(`docker ${words.join(' ')} shows no table`.replace('docker  ', 'docker '), hint);
}

function question(
  command: string,
  key: string,
  parts: {
    readonly text: (device: DeviceSnapshot, snapshot: StackSnapshot) => string;
    readonly rows: (device: DeviceSnapshot) => unknown;
    readonly refusal?: (device: DeviceSnapshot) => string | undefined;
  },
): Question {
  return {
    command,
    of: 'docker',
    key,
    refusal: ({ device }) => (device === undefined ? undefined : parts.refusal?.(device)),
    text: (snapshot) => (snapshot.device === undefined ? '' : parts.text(snapshot.device, snapshot)),
    rows: ({ device }) => (device === undefined ? [] : parts.rows(device)),
  };
}

const IMAGES: Question = question('docker images', 'docker-image', {
  text: showDockerImages,
  rows: ({ instances }) => instances.user.images,
});

const NETWORKS: Question = question('docker network ls', 'docker-network', {
  text: showDockerNetworks,
  rows: ({ instances }) => instances.user.networks,
});

function askPs(words: readonly string[]): Question | Misunderstanding {
  const given = new Set<string>();
  for (const word of words) {
    const own = letters(word === '--all' ? '-a' : word === '--quiet' ? '-q' : word, 'aq');
    if (own === undefined) return misunderstood(`docker ps: "${word}" is not understood`, 'it takes -a and -q');
    for (const letter of own) given.add(letter);
  }
  const all = given.has('a');
  const options = [...'aq'].filter((letter) => given.has(letter)).join('');
  return question(`docker ps${options === '' ? '' : ` -${options}`}`, 'docker', {
    text: (device, { time }) => (given.has('q') ? showDockerIds(device, all) : showDockerPs(device, time, all)),
    rows: ({ instances }) =>
      instances.user.containers.filter(({ state }) => all || state === 'running' || state === 'restarting'),
  });
}

function askInspect(names: readonly string[]): Question | Misunderstanding {
  if (names.length === 0) return misunderstood('docker inspect: of which container?', 'write "docker inspect NAME"');
  const idsOf = ({ instances }: DeviceSnapshot): string[] =>
    names.flatMap((name) => instances.user.containers.find((one) => isMeant(one, name))?.id ?? []);
  return question(`docker inspect ${names.join(' ')}`, 'docker', {
    refusal: ({ instances }) => {
      const missing = names.find((name) => !instances.user.containers.some((one) => isMeant(one, name)));
      return missing === undefined ? undefined : `Error: No such object: ${missing}`;
    },
    text: (device) => showDockerInspect(device, idsOf(device)),
    rows: (device) => inspectContainers(device, idsOf(device)),
  });
}

function askNetworkInspect(names: readonly string[]): Question | Misunderstanding {
  if (names.length === 0)
    return misunderstood('docker network inspect: which one?', 'write "docker network inspect NAME"');
  const meant = ({ instances }: DeviceSnapshot): string[] =>
    names.flatMap((name) => instances.user.networks.find((one) => isMeant(one, name))?.name ?? []);
  return question(`docker network inspect ${names.join(' ')}`, 'docker-network', {
    refusal: ({ instances }) => {
      const missing = names.find((name) => !instances.user.networks.some((one) => isMeant(one, name)));
      return missing === undefined ? undefined : `Error: No such network: ${missing}`;
    },
    text: (device) => showNetworkInspect(device, meant(device)),
    rows: (device) => inspectNetworks(device, meant(device)),
  });
}

/** By name, or by the beginning of its id. */
function isMeant({ name, id }: { readonly name: string; readonly id: string }, word: string): boolean {
  return name === word || (word.length >= 4 && id.startsWith(word));
}
