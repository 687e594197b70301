import { buildWorld } from '../../../sim/world/build.ts';
import { checkTopology } from '../../../sim/world/check.ts';
import { type Topology, topologySchema } from '../../../sim/world/topology-schema.ts';
import type { LinuxDocument, ScenarioDocument, StepDocument } from './document.ts';

/** Lists of a node whose lines may be refused, each with the command that a line of it stands for. */
const LINES = [
  ['routes', (line: string): string => `ip route add ${line}`],
  ['rules', (line: string): string => `ip rule add ${line}`],
  ['exec', (line: string): string => line],
] as const;

/**
 * Moves what a topology may not hold to where it may be refused: a route whose gateway is nowhere becomes a command of
 * the first steps. So wrong routes are part of what is played, and the answer to them part of what is compared.
 */
export function sound(document: ScenarioDocument): ScenarioDocument {
  for (let round = 0; round < 50; round++) {
    const topology = topologySchema.parse(document.topology);
    const findings = refusalsOf(topology);
    const [first] = findings;
    if (first === undefined) return document;
    document.steps.unshift(...moveOut(document, first.path, first.message));
  }
  throw new Error('a generated topology does not become sound');
}

function refusalsOf(
  topology: Topology,
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const findings = checkTopology(topology);
  return findings.length > 0 ? findings : buildWorld(topology, { seed: 1, trace: false, capture: false }).findings;
}

/** Takes the refused line out of its node and gives the steps that try it. */
function moveOut(document: ScenarioDocument, path: readonly (string | number)[], message: string): StepDocument[] {
  const [, , name = '', key, index] = path;
  const node = document.topology.topology.nodes[name];
  if (node === undefined || node.kind !== 'linux') throw new Error(`${path.join('.')}: ${message}`);
  if (key === 'iptables') return moveBlock(node, String(name));
  for (const [list, commandOf] of LINES) {
    const lines = node[list];
    if (key !== list || lines === undefined || typeof index !== 'number') continue;
    return lines.splice(index, 1).map((line) => ({ exec: { on: name, commands: [commandOf(line)] } }));
  }
  throw new Error(`${path.join('.')}: ${message}`);
}

/** A block is refused whole; as commands, only the rule at fault is. */
function moveBlock(node: LinuxDocument, name: string): StepDocument[] {
  const steps: StepDocument[] = [];
  let table = '';
  for (const line of (node.iptables ?? '').split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, chain] = /^:(\S+) - /.exec(line) ?? [];
    const command = chain === undefined ? line : `-N ${chain}`;
    if (command.startsWith('-')) steps.push({ exec: { on: name, commands: [`iptables -t ${table} ${command}`] } });
  }
  delete node.iptables;
  return steps;
}
