import type { LinuxDocument, NodeDocument, ScenarioDocument, StepDocument } from './document.ts';

/*
 * Smaller scenarios: each candidate is a document with one thing less. Nothing here knows what a disagreement is; the
 * caller tries a candidate and goes on from it where it still shows the same.
 */

/** One way to make a document smaller; undefined where it does not apply any more. */
type Reduction = (document: ScenarioDocument) => ScenarioDocument | undefined;

/** Reductions of a document, the boldest first. Each works on a copy. */
export function reductionsOf(document: ScenarioDocument): Reduction[] {
  const { nodes, links } = document.topology.topology;
  const names = Object.keys(nodes);
  const last = document.steps.length - 1;
  return [
    ...halves(document.steps.length),
    ...names.map(
      (name): Reduction =>
        (copy) =>
          withoutNode(copy, name),
    ),
    ...document.steps.map(
      (_, index): Reduction =>
        (copy) =>
          withoutStep(copy, last - index),
    ),
    ...links.map(
      (_, index): Reduction =>
        (copy) =>
          withoutLink(copy, index),
    ),
    ...names.flatMap((name) => ofNode(name, nodes[name])),
    ...document.steps.flatMap(ofStep),
    ...links.flatMap((link, index): Reduction[] =>
      link.mtu === undefined ? [] : [(copy) => deleteKey(copy, copy.topology.topology.links[index], 'mtu')],
    ),
  ];
}

/** The first or the second half of the steps alone. */
function halves(count: number): Reduction[] {
  const middle = Math.floor(count / 2);
  if (middle < 2) return [];
  return [
    (copy) => ({ ...copy, steps: copy.steps.slice(0, middle) }),
    (copy) => ({ ...copy, steps: copy.steps.slice(middle) }),
  ];
}

/** Waits stay between two steps: without them a change races with what is still under way. */
function withoutStep(copy: ScenarioDocument, index: number): ScenarioDocument | undefined {
  const [step] = copy.steps.splice(index, 1);
  if (step === undefined || copy.steps.length === 0) return undefined;
  if ('wait' in step && index > 0 && index < copy.steps.length) return undefined;
  if (copy.steps[index] !== undefined && 'wait' in copy.steps[index] && !('exec' in step)) copy.steps.splice(index, 1);
  return copy.steps.length === 0 ? undefined : copy;
}

function withoutNode(copy: ScenarioDocument, name: string): ScenarioDocument | undefined {
  const { topology } = copy.topology;
  if (topology.nodes[name] === undefined) return undefined;
  delete topology.nodes[name];
  topology.links = topology.links.filter(({ endpoints }) => !endpoints.some((end) => end.startsWith(`${name}:`)));
  copy.steps = copy.steps.filter((step) => placeOf(step) !== name);
  return copy.steps.length === 0 || Object.keys(topology.nodes).length === 0 ? undefined : copy;
}

function placeOf(step: StepDocument): unknown {
  const [spec] = Object.values(step);
  return typeof spec === 'object' && spec !== null
    ? ((spec as { from?: unknown }).from ?? (spec as { on?: unknown }).on)
    : '';
}

function withoutLink(copy: ScenarioDocument, index: number): ScenarioDocument | undefined {
  return copy.topology.topology.links.splice(index, 1).length === 0 ? undefined : copy;
}

const LISTS = ['exec', 'rules', 'routes', 'services'] as const;

function ofNode(name: string, node: NodeDocument | undefined): Reduction[] {
  if (node?.kind !== 'linux') return [];
  const on =
    (change: (node: LinuxDocument) => boolean): Reduction =>
    (copy) => {
      const own = copy.topology.topology.nodes[name];
      return own?.kind === 'linux' && change(own) ? copy : undefined;
    };
  const reductions: Reduction[] = [];
  if (node.iptables !== undefined) {
    reductions.push(on((own) => removeKey(own, 'iptables')));
    const lines = node.iptables.split('\n').filter((line) => line.startsWith('-A'));
    for (const line of lines) reductions.push(on((own) => removeLine(own, line)));
  }
  for (const list of LISTS) {
    for (const item of (node[list] ?? []) as unknown[]) reductions.push(on((own) => removeItem(own[list], item)));
  }
  for (const key of Object.keys(node.sysctls ?? {})) reductions.push(on((own) => removeKey(own.sysctls, key)));
  for (const [device, spec] of Object.entries(node.interfaces ?? {})) {
    reductions.push(on((own) => removeInterface(own, device)));
    for (const key of ['address', 'mtu', 'up'] as const) {
      if (spec[key] !== undefined) reductions.push(on((own) => removeKey(own.interfaces?.[device], key)));
    }
    if (!Array.isArray(spec.address)) continue;
    for (const address of spec.address)
      reductions.push(on((own) => removeItem(own.interfaces?.[device]?.address, address)));
  }
  return reductions;
}

/** Also from the bridge whose port it is. What a link still needs the check of the topology refuses to lose. */
function removeInterface(node: LinuxDocument, device: string): boolean {
  for (const spec of Object.values(node.interfaces ?? {})) removeItem(spec.ports, device);
  return removeKey(node.interfaces, device);
}

function removeLine(node: LinuxDocument, line: string): boolean {
  const lines = node.iptables?.split('\n') ?? [];
  const done = removeItem(lines, line);
  node.iptables = lines.join('\n');
  return done;
}

/** Removes an item that looks the same: the list may be a copy. */
function removeItem(list: unknown, item: unknown): boolean {
  if (!Array.isArray(list) || (typeof item === 'string' && list.length < 1)) return false;
  const text = JSON.stringify(item);
  const index = list.findIndex((one) => JSON.stringify(one) === text);
  if (index < 0) return false;
  list.splice(index, 1);
  return true;
}

function removeKey(from: object | undefined, key: string): boolean {
  return from !== undefined && key in from && Reflect.deleteProperty(from, key);
}

function deleteKey(copy: ScenarioDocument, from: object | undefined, key: string): ScenarioDocument | undefined {
  return removeKey(from, key) ? copy : undefined;
}

/** What a step need not say. Those that keep it short stay. */
const NEEDED = ['from', 'to', 'get', 'on', 'commands', 'timeout', 'silence', 'wait', 'max_hops', 'interval'];

function ofStep(step: StepDocument, index: number): Reduction[] {
  const [verb] = Object.keys(step);
  const spec = verb === undefined ? undefined : step[verb];
  if (verb === undefined || typeof spec !== 'object' || spec === null) return [];
  return Object.keys(spec)
    .filter((key) => !NEEDED.includes(key))
    .map(
      (key): Reduction =>
        (copy) =>
          deleteKey(copy, copy.steps[index]?.[verb] as object | undefined, key),
    );
}

/**
 * Makes a document smaller as long as `stillShows` says so and `isTime` allows. Candidates that are not sound are passed
 * over by `stillShows`, which is asked for `atOnce` of them at the same time; the boldest that shows it is gone on with.
 */
export async function reduce(
  document: ScenarioDocument,
  stillShows: (candidate: ScenarioDocument) => Promise<boolean>,
  isTime: () => boolean,
  atOnce = 1,
): Promise<ScenarioDocument> {
  let best = document;
  for (let round = 0; round < 10; round++) {
    let shrank = false;
    for (let index = 0; index < reductionsOf(best).length && isTime(); ) {
      const candidates = reductionsOf(best)
        .slice(index, index + atOnce)
        .map((reduction) => reduction(structuredClone(best)));
      const shown = await Promise.all(candidates.map(async (one) => one !== undefined && (await stillShows(one))));
      const first = shown.indexOf(true);
      const smaller = candidates[first];
      if (smaller === undefined) {
        index += candidates.length;
        continue;
      }
      best = smaller;
      index += first;
      shrank = true;
    }
    if (!shrank || !isTime()) break;
  }
  return best;
}
