import { configure } from '../comware/command.ts';
import { runDocker } from '../container/docker-apply.ts';
import { isDockerLine } from '../container/docker-command.ts';
import { parseCommand } from '../iproute2/command.ts';
import { isFault } from '../iproute2/fault.ts';
import { commandFault, runCommand } from '../world/commands.ts';
import { findLink } from '../world/find-link.ts';
import { missingStack } from '../world/stack-names.ts';
import type { Stack, World } from '../world/world.ts';
import type { Change, ChangeFault, FaultyChange } from './change.ts';
import { editsTopology } from './edit-topology.ts';
import { isListenLine, listen, unlisten } from './listen.ts';
import { removingText, undoText } from './removing.ts';

/** A command of a line, and the column it begins at. */
interface Part {
  readonly text: string;
  readonly at: number;
}

/** Makes the changes that a running world takes, in their order; the first that is refused ends it. */
export function applyChanges(world: World, changes: readonly Change[]): FaultyChange | undefined {
  for (const change of changes) {
    if (editsTopology(change)) continue;
    const fault = applyChange(world, change);
    if (fault !== undefined) return { change, fault };
  }
  return undefined;
}

function applyChange(world: World, { verb, target }: Change): ChangeFault | undefined {
  if (target.kind === 'link') return plug(world, target);
  if (target.kind !== 'stack') return undefined;
  const { name, column, text, at } = target;
  const stack = world.find(name);
  if (stack === undefined) return { ...missingStack(world, name), column, length: name.length };
  const whole: Part = { text, at };
  if (isListenLine(text)) return verb === 'set' ? listen(world, stack, whole) : unlisten(world, stack, whole);
  if (isDockerLine(text)) return docker(stack, verb, whole);
  if (stack.comware !== undefined) return configureDevice(stack, verb, whole);
  for (const part of partsOf(whole)) {
    const fault = verb === 'set' ? run(stack, part) : undo(stack, part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function plug(
  world: World,
  { end, column, text }: { readonly end: string; readonly column: number; readonly text: string },
): ChangeFault | undefined {
  const link = findLink(world, end);
  if (link === undefined) return { message: `no link ends at ${end}`, column, length: end.length };
  link.cable.setPlugged(text === 'up');
  return undefined;
}

/** The commands of a line, which `;` divides outside quotes. */
function partsOf({ text, at }: Part): Part[] {
  const parts: Part[] = [];
  let begin = 0;
  let quote = '';
  for (let index = 0; index <= text.length; index++) {
    const letter = text[index];
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    if (letter !== undefined && (letter !== ';' || quote !== '')) continue;
    const piece = text.slice(begin, index);
    if (piece.trim() !== '') parts.push({ text: piece.trim(), at: at + begin + piece.search(/\S/) });
    begin = index + 1;
  }
  return parts;
}

/** A setting by its name alone is one for sysctl. */
function run({ net }: Stack, { text, at }: Part): ChangeFault | undefined {
  const isSetting = /^[\w./-]+\s*=/.test(text);
  const line = isSetting ? `sysctl -w "${text.replace(/\s*=\s*/, '=')}"` : text;
  const shift = isSetting ? line.indexOf('"') + 1 : 0;
  const wrong = faultOf(line);
  if (wrong !== undefined) {
    const column = isSetting ? 0 : wrong.column;
    return { ...wrong, column: at + column, length: isSetting ? line.length - shift - 1 : wrong.length };
  }
  const refused = runCommand(net, line);
  return refused === undefined ? undefined : { message: refused, column: at, length: text.length };
}

/** Takes back what the command would have done. */
function undo({ net }: Stack, { text, at }: Part): ChangeFault | undefined {
  const removing = removingText(text);
  if ('message' in removing) return { ...removing, column: at, length: text.length };
  const { line, before, after } = removing;
  const wrong = faultOf(line);
  if (wrong !== undefined) {
    // What stands behind the verb is as the user wrote it.
    const column = wrong.column < after ? 0 : wrong.column - after + before;
    return { ...wrong, column: at + column };
  }
  const refused = runCommand(net, line);
  return refused === undefined ? undefined : { message: refused, column: at, length: text.length };
}

function faultOf(line: string): ChangeFault | undefined {
  const fault = commandFault(line);
  if (fault === undefined) return undefined;
  if (/^iptables(\s|$)/.test(line)) return { ...fault, column: 0, length: line.length };
  const command = parseCommand(line);
  return isFault(command) ? command : { ...fault, column: 0, length: line.length };
}

function docker({ node, title }: Stack, verb: Change['verb'], { text, at }: Part): ChangeFault | undefined {
  const length = text.length;
  if (node.kind !== 'comware' || (title !== node.name && title !== `${node.name}/host`)) {
    return { message: `${title} has no docker`, column: at, length };
  }
  if (verb === 'remove') {
    return {
      message: 'a command is not removed',
      hint: `write --set "${title}: docker rm -f NAME"`,
      column: at,
      length,
    };
  }
  const { error, later } = runDocker(node.docker, text);
  const message = later === undefined ? error : 'pulling an image takes time, which a change has not';
  return message === undefined ? undefined : { message, column: at, length };
}

/** Lines of configuration, each into the view that the one before opened; to remove is the last of them. */
function configureDevice({ node, comware }: Stack, verb: Change['verb'], whole: Part): ChangeFault | undefined {
  if (node.kind !== 'comware' || comware === undefined) return undefined;
  const parts = partsOf(whole);
  const last = parts.length - 1;
  const lines = parts.map(({ text }, index) => (verb === 'remove' && index === last ? undoText(text) : text));
  const [fault] = verb === 'remove' ? configure(comware, lines.join('\n')) : node.configure(lines.join('\n'));
  if (fault === undefined) return undefined;
  const part = parts[fault.line] ?? whole;
  return { message: fault.message, column: part.at, length: part.text.length };
}
