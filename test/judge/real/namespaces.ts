import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { NetnsCommand, NetnsPlan } from '../../../sim/netns/plan.ts';
import { shellLine, shellQuote } from '../../../sim/netns/shell-quote.ts';
import { killChildren, run } from './process.ts';
import { settle } from './settle.ts';

/** Where iproute2 keeps its names of network namespaces. */
const NAMES = '/run/netns';

/** What the names of our namespaces begin with: the process that made them, and when that process began. */
const OURS = /^cwj-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+_/;

/** The kernel did not take a command of the plan: a difference by itself, for the simulator took the topology. */
export class PlanRefused extends Error {
  readonly command: NetnsCommand;

  constructor(command: NetnsCommand, complaint: string) {
    const where = command.node === '' ? '' : `${command.node}: `;
    super(`the kernel refused to build the network: ${where}${command.argv.join(' ')}: ${complaint.trim()}`);
    this.command = command;
  }
}

/** Namespaces that exist now and are ours to remove, by name. */
const made = new Set<string>();
let runs = 0;

/** A prefix for the namespaces of one run, which tells whose they are. */
export function newPrefix(): string {
  runs++;
  return `cwj-${process.pid.toString(36)}-${startOf(process.pid)}-${runs.toString(36)}_`;
}

/** `nsenter` into a namespace, before a command. */
export function inside(name: string): string[] {
  return ['nsenter', `--net=${pathOf(name)}`];
}

export function pathOf(name: string): string {
  return `${NAMES}/${name}`;
}

/** Makes the namespaces of a plan and carries out its commands; throws PlanRefused, and then nothing is left of it. */
export async function carryOut(plan: NetnsPlan): Promise<void> {
  const names = plan.namespaces.map(({ name }) => name);
  watchOverEnd();
  for (const name of names) made.add(name);
  try {
    const script = scriptOf(plan);
    const ended = await run(['bash', '-s'], { stdin: script });
    const failed = failedCommand(plan, ended.complaint);
    if (failed !== undefined) throw new PlanRefused(failed, withoutMarks(ended.complaint));
    if (ended.status !== 0) throw new Error(`cannot make namespaces: ${ended.complaint}`);
    await settle(names);
  } catch (error) {
    await remove(names);
    throw error;
  }
}

/** Removes namespaces with all that is in them; those that are gone already are no failure. */
export async function remove(names: readonly string[]): Promise<void> {
  await run(['ip', '-force', '-batch', '-'], { stdin: deletions(names) });
  for (const name of names) made.delete(name);
}

/** Removes what a run left behind that was killed before it could tidy up. */
export async function removeLeftovers(): Promise<void> {
  const left = existing().filter((name) => {
    const [, pid, start] = OURS.exec(name) ?? [];
    return pid !== undefined && startOf(Number.parseInt(pid, 36)) !== start;
  });
  if (left.length > 0) await run(['ip', '-force', '-batch', '-'], { stdin: deletions(left) });
}

/** Every name of a namespace there is, ours or not. */
export function existing(): string[] {
  try {
    return readdirSync(NAMES).sort();
  } catch {
    return [];
  }
}

let watching = false;

/** However the judge ends, short of SIGKILL, nothing of it stays. */
function watchOverEnd(): void {
  if (watching) return;
  watching = true;
  process.on('exit', removeNow);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      removeNow();
      // The shell is to see by which signal it ended.
      process.kill(process.pid, signal);
    });
  }
}

function removeNow(): void {
  killChildren();
  // What was just making one may be as slow to die: it has to be gone twice.
  for (let calm = 0, tries = 0; made.size > 0 && calm < 2 && tries < 40; tries++) {
    const left = existing().filter((name) => made.has(name));
    calm = left.length === 0 ? calm + 1 : 0;
    const command = left.length === 0 ? 'sleep 0.02' : 'ip -force -batch -';
    spawnSync('sh', ['-c', command], { input: deletions(left), stdio: ['pipe', 'ignore', 'ignore'] });
  }
  made.clear();
}

function deletions(names: readonly string[]): string {
  return names.map((name) => `netns delete ${name}\n`).join('');
}

/** When a process began, in ticks since boot, base 36; '' where it is no more. */
function startOf(pid: number): string {
  try {
    // The name of the program stands in parentheses, and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[19]).toString(36);
  } catch {
    return '';
  }
}

/** One script for all, and one process for as many commands as can share it: a plan has hundreds. */
function scriptOf({ namespaces, commands }: NetnsPlan): string {
  const names = new Map(namespaces.map(({ node, name }) => [node, name]));
  const lines = [
    'failed() { echo "failed: $1" >&2; exit 1; }',
    ...heredoc('ip -batch -', namespaces.map(({ name }) => `netns add ${name}`).join('\n'), '|| exit 1'),
  ];
  for (let index = 0; index < commands.length; ) {
    const batch = batchAt(commands, index);
    const first = commands[index] as NetnsCommand;
    const name = names.get(first.node);
    const enter = first.node === '' || name === undefined ? '' : `${shellLine(inside(name))} `;
    const otherwise = first.optional ? '2>/dev/null || true' : `|| failed ${index}`;
    if (batch.length > 1) {
      lines.push(...heredoc(`${enter}ip -batch -`, batch.map(batchLine).join('\n'), otherwise));
    } else if (first.stdin !== undefined) {
      lines.push(...heredoc(enter + shellLine(first.argv), first.stdin, otherwise));
    } else lines.push(`${enter}${shellLine(first.argv)} </dev/null ${otherwise}`);
    index += batch.length;
  }
  return `${lines.join('\n')}\n`;
}

/** The commands from `index` on that one `ip -batch` can do. */
function batchAt(commands: readonly NetnsCommand[], index: number): NetnsCommand[] {
  const first = commands[index] as NetnsCommand;
  const batch = [first];
  if (!isForBatch(first)) return batch;
  for (let at = index + 1; at < commands.length; at++) {
    const next = commands[at] as NetnsCommand;
    if (next.node !== first.node || !isForBatch(next)) break;
    batch.push(next);
  }
  return batch;
}

/** Options before the object are no part of a batch, and its lines know no quotes. */
function isForBatch({ argv, stdin, optional }: NetnsCommand): boolean {
  const isPlain = argv.every((word) => shellQuote(word) === word && word !== '');
  return (
    argv[0] === 'ip' && !argv[1]?.startsWith('-') && argv[1] !== 'netns' && stdin === undefined && !optional && isPlain
  );
}

function batchLine({ argv }: NetnsCommand): string {
  return argv.slice(1).join(' ');
}

function heredoc(command: string, text: string, otherwise: string): string[] {
  return [`${command} <<'END_OF_INPUT' ${otherwise}`, ...text.replace(/\n$/, '').split('\n'), 'END_OF_INPUT'];
}

/** Which command it was, by the number of the script's own and the line that `ip -batch` names. */
function failedCommand({ commands }: NetnsPlan, complaint: string): NetnsCommand | undefined {
  const first = /^failed: (\d+)$/m.exec(complaint)?.[1];
  if (first === undefined) return undefined;
  const line = /^Command failed -:(\d+)$/m.exec(complaint)?.[1];
  return commands[Number(first) + (line === undefined ? 0 : Number(line) - 1)];
}

function withoutMarks(complaint: string): string {
  return complaint.replace(/^(failed: \d+|Command failed -:\d+)$/gm, '').trim();
}
