import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { nearest } from '../core/nearest.ts';
import { ownValue } from '../core/own-value.ts';
import { parseDuration } from '../core/time.ts';
import { checkTopology } from '../world/check.ts';
import { bitsPerSecond } from '../world/rate.ts';
import type { Endpoint, LinkSpec, Topology } from '../world/topology-schema.ts';
import type { Change, ChangeFault, FaultyChange } from './change.ts';

type Nodes = Topology['topology']['nodes'];
type LinkTarget = Extract<Change['target'], { kind: 'link' }>;

/** Whether a change is made to what is built, and not to what is running. */
export function editsTopology({ verb, target }: Change): boolean {
  if (target.kind === 'link') return verb === 'remove' || !/^(up|down)$/.test(target.text);
  return target.kind === 'node';
}

/** The topology with the changes that edit it, in their order; the others are left to the world. */
export function editTopology(topology: Topology, changes: readonly Change[]): Topology | FaultyChange {
  let edited = topology;
  for (const change of changes) {
    if (!editsTopology(change)) continue;
    const next = edit(edited, change);
    if ('message' in next) return { change, fault: next };
    edited = next;
    const [finding] = checkTopology(edited);
    if (finding === undefined) continue;
    const { message, hint } = finding;
    return { change, fault: { ...wholeLine(change), message, ...(hint === undefined ? {} : { hint }) } };
  }
  return edited;
}

function wholeLine({ line }: Change): { readonly column: number; readonly length: number } {
  return { column: line.search(/\S/), length: line.trim().length };
}

function edit(topology: Topology, { verb, target }: Change): Topology | ChangeFault {
  if (target.kind === 'node') return withoutNode(topology, target);
  if (target.kind !== 'link') return topology;
  return verb === 'remove' ? withoutLink(topology, target) : withLink(topology, target);
}

/** Takes a node out with its cables, or a container out of its device. */
function withoutNode(
  topology: Topology,
  { name, column }: { readonly name: string; readonly column: number },
): Topology | ChangeFault {
  const { nodes, links } = topology.topology;
  if (ownValue(nodes, name) !== undefined) {
    const rest = Object.fromEntries(Object.entries(nodes).filter(([other]) => other !== name));
    const left = links.filter((link) => link.endpoints.every((end) => end.node !== name));
    return { ...topology, topology: { nodes: rest, links: left } };
  }
  const owners = Object.entries(nodes).filter(([owner, node]) => containerOf(owner, node, name) !== undefined);
  const [owner] = owners;
  if (owner === undefined || owners.length > 1) {
    const why = owner === undefined ? 'is no node and no container' : 'is a container of more than one device';
    return { message: `"${name}" ${why}`, ...hintFor(name, namesOf(nodes)), column, length: name.length };
  }
  const [device, node] = owner;
  const gone = containerOf(device, node, name);
  if (node.kind !== 'comware' || gone === undefined) return topology;
  const containers = Object.fromEntries(Object.entries(node.containers).filter(([other]) => other !== gone));
  return withNode(topology, device, { ...node, containers });
}

function withNode(topology: Topology, name: string, node: Nodes[string]): Topology {
  return { ...topology, topology: { ...topology.topology, nodes: { ...topology.topology.nodes, [name]: node } } };
}

/** The bare name of a container of the node that `DEVICE/CONTAINER` or `CONTAINER` means. */
function containerOf(device: string, node: Nodes[string], name: string): string | undefined {
  if (node.kind !== 'comware') return undefined;
  return Object.keys(node.containers).find((container) => container === name || `${device}/${container}` === name);
}

function namesOf(nodes: Nodes): string[] {
  const containers = Object.values(nodes).flatMap((node) =>
    node.kind === 'comware' ? Object.keys(node.containers) : [],
  );
  return [...Object.keys(nodes), ...containers];
}

function hintFor(name: string, names: readonly string[]): { readonly hint?: string } {
  const close = nearest(name, names);
  return { hint: close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?` };
}

/** Index of the link with an end `NODE:INTERFACE`. */
function indexOfLink(topology: Topology, end: string): number {
  const wanted = canonical(end);
  return topology.topology.links.findIndex((link) => link.endpoints.some((one) => canonical(textOf(one)) === wanted));
}

/** A port of Comware may be named in its short or long form. */
function canonical(end: string): string {
  const colon = end.indexOf(':');
  const name = end.slice(colon + 1);
  return `${end.slice(0, colon)}:${parseInterfaceName(name)?.short ?? name}`;
}

function textOf(end: Endpoint): string {
  return `${end.node}:${end.interface}`;
}

function noLink(topology: Topology, end: string, column: number): ChangeFault {
  const ends = topology.topology.links.flatMap((link) => link.endpoints.map(textOf));
  return { message: `no link ends at ${end}`, ...hintFor(end, ends), column, length: end.length };
}

function withoutLink(topology: Topology, { end, column, text, at }: LinkTarget): Topology | ChangeFault {
  if (text !== '')
    return { message: `"${text}" is too much: a link is removed whole`, column: at, length: text.length };
  const index = indexOfLink(topology, end);
  if (index < 0) return noLink(topology, end, column);
  return withLinks(
    topology,
    topology.topology.links.filter((_, other) => other !== index),
  );
}

function withLinks(topology: Topology, links: readonly LinkSpec[]): Topology {
  return { ...topology, topology: { ...topology.topology, links: [...links] } };
}

/** `link A:B WORD VALUE ...`, `link A:B swap C:D`, `link A:B C:D`. */
function withLink(topology: Topology, { end, column, text, at }: LinkTarget): Topology | ChangeFault {
  const [word = '', value = '', ...more] = text.split(/\s+/);
  if (word === 'swap' && more.length === 0) return swapped(topology, end, column, value, at + text.lastIndexOf(value));
  if (word.includes(':') && value === '') return withNewLink(topology, end, column, word, at);
  const index = indexOfLink(topology, end);
  if (index < 0) return noLink(topology, end, column);
  const link = topology.topology.links[index];
  const parts = link === undefined ? wrong(text, at) : readParts(link, text, at);
  if ('message' in parts) return parts;
  return withLinks(
    topology,
    topology.topology.links.map((other, place) => (place === index ? parts : other)),
  );
}

function readParts(link: LinkSpec, text: string, at: number): LinkSpec | ChangeFault {
  let made: LinkSpec = link;
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: at + match.index }));
  if (words.length === 0) return { message: 'up, down, or what else?', hint: LINK_FORMS, column: at, length: 1 };
  for (let index = 0; index < words.length; ) {
    const word = words[index++];
    if (word === undefined) break;
    if (word.text === 'up' || word.text === 'down') {
      made = { ...made, state: word.text };
      continue;
    }
    const value = words[index++];
    const part = value === undefined ? undefined : partOf(word.text, value.text);
    if (part === undefined) return wrong(value?.text ?? word.text, value?.column ?? word.column);
    made = { ...made, ...part };
  }
  return made;
}

const LINK_FORMS =
  'up, down, rate 10mbit, delay 5ms, jitter 1ms, loss 0, mtu 1400, NODE:INTERFACE or swap NODE:INTERFACE';

function wrong(word: string, column: number): ChangeFault {
  return {
    message: `"${word}" is nothing a link can be set to`,
    hint: LINK_FORMS,
    column,
    length: Math.max(1, word.length),
  };
}

function partOf(word: string, value: string): Partial<LinkSpec> | undefined {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  switch (word) {
    case 'rate':
      return bitsPerSecond(value) === undefined ? undefined : { rate: value };
    case 'delay':
    case 'jitter': {
      const span = parseDuration(value);
      return span === undefined ? undefined : { [word]: span };
    }
    case 'loss':
      return number >= 0 && number <= 100 ? { loss: number } : undefined;
    case 'mtu':
      return Number.isInteger(number) && number >= 68 && number <= 65535 ? { mtu: number } : undefined;
    default:
      return undefined;
  }
}

/** Each of the two ports gets the plug of the other. */
function swapped(topology: Topology, a: string, columnA: number, b: string, columnB: number): Topology | ChangeFault {
  const indexA = indexOfLink(topology, a);
  const indexB = indexOfLink(topology, b);
  if (indexA < 0) return noLink(topology, a, columnA);
  if (indexB < 0) return noLink(topology, b, columnB);
  const [endA, endB] = [canonical(a), canonical(b)];
  const other = (end: Endpoint): Endpoint => {
    const text = canonical(textOf(end));
    return text === endA ? endpoint(b) : text === endB ? endpoint(a) : end;
  };
  const links = topology.topology.links.map((link): LinkSpec => {
    const [one, two] = link.endpoints;
    return { ...link, endpoints: [other(one), other(two)] };
  });
  return withLinks(topology, links);
}

function endpoint(text: string): Endpoint {
  const colon = text.indexOf(':');
  return { node: text.slice(0, colon), interface: text.slice(colon + 1) };
}

function withNewLink(
  topology: Topology,
  a: string,
  columnA: number,
  b: string,
  columnB: number,
): Topology | ChangeFault {
  for (const [end, column] of [
    [a, columnA],
    [b, columnB],
  ] as const) {
    const { node, interface: name } = endpoint(end);
    if (node !== '' && name !== '' && ownValue(topology.topology.nodes, node) !== undefined) continue;
    const message = `there is no port ${end}`;
    return { message, ...hintFor(node, Object.keys(topology.topology.nodes)), column, length: end.length };
  }
  const link: LinkSpec = { endpoints: [endpoint(a), endpoint(b)], state: 'up' };
  return withLinks(topology, [...topology.topology.links, link]);
}
