import { withoutHidden } from '../core/hidden.ts';
import type { NetnsCommand, NetnsPlan } from './plan.ts';
import { shellLine, shellQuote } from './shell-quote.ts';
import { commonSettings } from './sysctls.ts';

/** What stands at the top of a script, as comments. */
export interface ScriptTitle {
  /** Of the topology. */
  readonly name: string;
  readonly description?: string;
  /** The file's own first comment, as pictureOf() takes it out. */
  readonly picture: readonly string[];
}

/**
 * A bash script that builds the plan and takes it away again, with `prefix` as the beginning of the names of its
 * namespaces unless `--prefix` says otherwise; the plan was made with the same one. Whatever fails, and Ctrl-C, takes
 * away what had been made.
 */
export function netnsScript(plan: NetnsPlan, prefix: string, title: ScriptTitle): string {
  const writer = new ScriptWriter(plan, prefix);
  const body = plan.commands.map((command) => writer.command(command)).join('');
  return [head(plan, title), settings(plan, prefix), FUNCTIONS, arrays(), BEGIN, `${body.trimStart()}\n${END}`].join(
    '\n',
  );
}

/** The comment that a file opens with, without the line for editors: where topologies have their picture. */
export function pictureOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const comment = lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice(1).replace(/^ /, ''));
  const picture = comment.filter((line) => !line.startsWith('yaml-language-server:'));
  while (picture[0]?.trim() === '') picture.shift();
  while (picture.at(-1)?.trim() === '') picture.pop();
  return picture;
}

function head(plan: NetnsPlan, { name, description, picture }: ScriptTitle): string {
  const lines = [
    `${name}, built from network namespaces of Linux. Made by cutaway export.`,
    ...(description === undefined ? [] : ['', ...description.trim().split(/\r?\n/)]),
    ...(picture.length === 0 ? [] : ['', ...picture]),
    '',
    'SCRIPT [--prefix PREFIX] up      builds it; alone, it does so too',
    'SCRIPT [--prefix PREFIX] down    takes it away',
    ...(plan.services.length === 0 ? [] : ['', 'Programs that listen there and that are not started here:']),
    ...plan.services.map(({ node, text }) => `  ${node}: ${text}`),
  ];
  return `#!/usr/bin/env bash\n${lines.map((line) => comment(withoutHidden(line, '?'))).join('')}`;
}

/** Nothing in it ends the line. */
function comment(text: string): string {
  const plain = [...text.trimEnd()].map((one) => (one < ' ' || one === '\u007f' ? ' ' : one)).join('');
  return plain.trim() === '' ? '#\n' : `# ${plain}\n`;
}

function settings(plan: NetnsPlan, prefix: string): string {
  const needed = plan.commands.filter(({ optional }) => optional !== true).map(({ argv }) => argv[0] ?? '');
  return `set -euo pipefail

prefix=${shellQuote(prefix)}
nodes=(${shellLine(plan.namespaces.filter(({ node }) => node !== '').map(({ node }) => node))})
# Each becomes the namespace of its name with the prefix in front.
namespaces=(${shellLine(plan.namespaces.map(({ name }) => name.slice(prefix.length)))})
tools=(${shellLine([...new Set(needed)].filter((tool) => tool !== 'sh'))})
`;
}

const FUNCTIONS = `say() { printf '%s\\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }
exists() { [[ -e /var/run/netns/$1 ]]; }

# Runs a command in the namespace of a node.
inside() {
  local node=$1
  shift
  ip netns exec "$prefix$node" "$@" || die "in $node this failed: $*"
}

# Runs a command outside of all of them.
outside() { "$@" || die "this failed: $*"; }

# The same as inside, for what not every machine can do: says what is missing then, if that matters.
try() {
  local missing=$1 node=$2
  shift 2
  ip netns exec "$prefix$node" "$@" >/dev/null 2>&1 || [[ -z $missing ]] || say "note: $missing"
}

made=()

take_away() {
  local name
  for name in "$@"; do
    if exists "$name"; then ip netns del "$name" || say "$name is left"; fi
  done
}

finish() {
  local status=$?
  trap '' HUP INT TERM
  trap - EXIT
  if [[ $status -ne 0 && \${#made[@]} -gt 0 ]]; then
    say 'Taking away what was made.'
    take_away "\${made[@]}"
  fi
  exit "$status"
}

down() {
  local name users
  for name in "\${namespaces[@]}"; do
    name=$prefix$name
    exists "$name" || continue
    users=$(ip netns pids "$name" | tr '\\n' ' ')
    [[ -z $users ]] || say "note: $name lives on until these processes end: $users"
    take_away "$name"
  done
}
`;

/** What is set in every namespace, one a line. */
function arrays(): string {
  return [...commonSettings()]
    .map(([name, [, , ...words]]) => `${name}=(\n${words.map((word) => `  ${shellQuote(word)}\n`).join('')})\n`)
    .join('');
}

const BEGIN = `verb=up
while [[ $# -gt 0 ]]; do
  case $1 in
    up | down) verb=$1 ;;
    --prefix)
      [[ $# -gt 1 ]] || die 'after --prefix the beginning of the names of the namespaces is missing'
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=\${1#--prefix=} ;;
    -h | --help)
      printf '%s\\n' "usage: $0 [--prefix PREFIX] [up|down]"
      exit 0
      ;;
    *) die "\\"$1\\" is unknown; usage: $0 [--prefix PREFIX] [up|down]" ;;
  esac
  shift
done

[[ $prefix =~ ^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$ ]] || die 'a prefix is 1 to 40 letters, digits, "-", "_" and "."'
[[ $EUID -eq 0 ]] || die 'only root can make network namespaces'
for tool in "\${tools[@]}"; do
  command -v "$tool" >/dev/null || die "$tool is needed, and is not installed"
done

if [[ $verb == down ]]; then
  down
  exit 0
fi

for name in "\${namespaces[@]}"; do
  if exists "$prefix$name"; then
    die "there is a namespace $prefix$name already: \\"$0 --prefix $prefix down\\" takes it away"
  fi
done

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

for name in "\${namespaces[@]}"; do
  made+=("$prefix$name")
  ip netns add "$prefix$name"
done
`;

const END = `printf 'Built. To enter a node:\\n'
for node in "\${nodes[@]}"; do
  printf '  ip netns exec %s bash\\n' "$prefix$node"
done
printf 'To take it away: %s --prefix %s down\\n' "$0" "$prefix"
`;

class ScriptWriter {
  readonly #prefix: string;
  readonly #names: ReadonlySet<string>;

  constructor(plan: NetnsPlan, prefix: string) {
    this.#prefix = prefix;
    this.#names = new Set(plan.namespaces.map(({ name }) => name));
  }

  command({ node, argv, stdin, optional, lost, heading }: NetnsCommand): string {
    const before = heading === undefined ? '' : `\n${comment(heading)}`;
    const runner =
      optional === true ? `try ${shellQuote(lost ?? '')} ${shellQuote(node)}` : `inside ${shellQuote(node)}`;
    const line = node === '' ? `outside ${this.#outside(argv)}` : `${runner} ${this.#words(argv)}`;
    return `${before}${line}${stdin === undefined ? '\n' : hereDocument(stdin)}`;
  }

  #words(argv: readonly string[]): string {
    const [array] = [...commonSettings()].find(([, common]) => common.join('\0') === argv.join('\0')) ?? [];
    return array === undefined ? shellLine(argv) : `${shellLine(argv.slice(0, 2))} "\${${array}[@]}"`;
  }

  /** Names of namespaces follow the prefix that the script was called with. */
  #outside(argv: readonly string[]): string {
    return argv
      .map((word, index) => {
        const isNamespace = ['netns', '-n', 'exec'].includes(argv[index - 1] ?? '') && this.#names.has(word);
        return isNamespace ? `"$prefix"${shellQuote(word.slice(this.#prefix.length))}` : shellQuote(word);
      })
      .join(' ');
  }
}

/** The text ends with a line feed. */
function hereDocument(text: string): string {
  const lines = text.split('\n');
  let end = 'END';
  while (lines.includes(end)) end += '_';
  return ` <<'${end}'\n${text}${end}\n`;
}
