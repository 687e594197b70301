import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dropReasons } from '../sim/packet/drop-reasons.ts';

/*
 * What the compiler does not hold: who may lean on whom, and no state outside a world. Sources are read as text; the
 * formatter puts whatever belongs to a module itself into column 0.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Rooms of sim/ from the ground up, each with the rooms it may import from besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ['core'],
  // The expressions of tcpdump, asked of the bytes of a frame.
  filter: ['core', 'wire'],
  packet: ['core', 'wire'],
  link: ['core', 'wire', 'packet'],
  transport: ['core', 'wire', 'packet'],
  program: ['core', 'wire', 'packet', 'transport'],
  capture: ['core', 'wire', 'packet'],
  kernel: ['core', 'wire', 'packet', 'link', 'transport'],
  iproute2: ['core', 'wire', 'link', 'kernel'],
  iptables: ['core', 'wire', 'kernel'],
  comware: ['core', 'wire', 'packet', 'link', 'transport', 'kernel'],
  container: ['core', 'wire', 'packet', 'link', 'kernel', 'comware'],
  world: [
    ...['core', 'wire', 'packet', 'link', 'transport', 'program', 'kernel', 'iproute2', 'iptables'],
    ...['comware', 'container'],
  ],
  show: [
    ...['core', 'wire', 'packet', 'kernel/*snapshot*', 'comware/*snapshot*', 'container/*snapshot*'],
    'world/stack-snapshot.ts',
  ],
  // What the paper says, and one figure beside one run: steps beside stations, sentences beside tables.
  whitepaper: ['core', 'wire', 'packet', 'kernel/*snapshot*', 'world/stack-snapshot.ts', 'show'],
  scenario: [
    ...['core', 'wire', 'packet', 'link', 'transport', 'program', 'whitepaper'],
    ...['kernel', 'iproute2', 'comware', 'container', 'world', 'show'],
  ],
  // The claims of the paper, judged over the runs of scenarios.
  figures: [
    ...['core', 'wire', 'packet', 'program', 'whitepaper', 'world', 'show', 'scenario'],
    ...['kernel/*snapshot*', 'comware/*snapshot*', 'container/*snapshot*'],
  ],
  // One flow and its answer: what every hop decided and changed, and what it died of.
  explain: [
    ...['core', 'wire', 'filter', 'capture', 'packet', 'program', 'world', 'show', 'scenario'],
    ...['kernel/*snapshot*', 'comware/*snapshot*', 'container/*snapshot*'],
  ],
  // The same flow with something changed: the language of changes, remedies found by re-running, two networks compared.
  whatif: [
    ...['core', 'wire', 'filter', 'packet', 'link', 'program', 'kernel', 'iproute2', 'comware', 'container'],
    ...['world', 'show', 'scenario', 'explain'],
  ],
  // Pictures: a world as boxes and lines, laid out, and the ways of packets over them.
  draw: [
    ...['core', 'wire', 'packet', 'link', 'kernel', 'comware', 'container', 'whitepaper'],
    ...['world', 'show', 'scenario', 'explain'],
  ],
  // All of it as one object that a test holds: built, asked, told, looked at.
  lab: [
    ...['core', 'wire', 'packet', 'capture', 'world', 'show', 'scenario', 'explain', 'container/docker-command.ts'],
    ...['kernel/*snapshot*', 'comware/*snapshot*', 'container/*snapshot*'],
  ],
  // The flows of a capture file, as steps of a scenario.
  replay: ['core', 'wire', 'capture', 'filter'],
  // A run as a tape: any moment of it as it was, drawn and told in lines for a terminal.
  walk: [
    ...[
      'core',
      'wire',
      'packet',
      'program',
      'filter',
      'whitepaper',
      'world',
      'show',
      'scenario',
      'explain',
      'whatif',
      'draw',
    ],
    ...['kernel/*snapshot*', 'comware/*snapshot*', 'container/*snapshot*'],
  ],
  // The same topology built from network namespaces of a real kernel: only text, nothing is run here.
  netns: ['core', 'wire', 'link', 'kernel', 'iproute2', 'iptables', 'world'],
  app: [
    ...['core', 'wire', 'packet', 'link', 'transport', 'program', 'capture', 'whitepaper'],
    ...['kernel', 'iproute2', 'comware', 'container', 'world', 'show', 'scenario', 'figures', 'netns'],
    ...['explain', 'whatif', 'filter', 'replay', 'draw'],
    ...['lab', 'walk'],
  ],
};

/** Packages from outside, and the rooms that may import them; app/ may import whatever package.json names. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'ip-address': ['wire'],
  yaml: ['world'],
  zod: ['world', 'scenario', 'explain'],
};

const MOST_LINES = 400;

/** What the package exports: the one file that hands on what is written elsewhere. */
const ENTRY = 'sim/app/library/index.ts';

interface Import {
  /** Path below the root, or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
  /** Imported names; `*` for a whole module. */
  readonly names: readonly string[];
  /** Whether the module is loaded along with the file: neither for its types alone nor only when it comes to that. */
  readonly isLoadedAtOnce: boolean;
}

interface Source {
  /** Path below the root, such as `sim/core/time.ts`. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
}

const sim = sourcesBelow('sim');
const tests = sourcesBelow('test');
/** Everything that is compiled without Node's types. */
const pure = sim.filter((source) => source.room !== 'app');

describe('the rooms of sim/', () => {
  it('are all in the table', () => {
    expect(new Set(sim.map((source) => source.room))).toEqual(new Set(Object.keys(ROOMS)));
  });

  it('stand on what lies below them: the table itself has no cycle', () => {
    const seen: string[] = [];
    for (const [room, below] of Object.entries(ROOMS)) {
      expect({ room, above: below.filter((one) => !seen.includes(one.split('/')[0] ?? '')) }).toEqual({
        room,
        above: [],
      });
      seen.push(room);
    }
  });

  it('import only from the rooms the table grants them, `import type` included', () => {
    const breaches = imports(sim).filter(({ from, to }) => !to.isPackage && !mayImport(from.room, to.target));
    expect(breaches.map(({ from, to }) => `${from.path} -> ${to.target}`)).toEqual([]);
  });

  it('import foreign packages only where the table says so', () => {
    const breaches = imports(pure).filter(({ from, to }) => to.isPackage && !PACKAGES[to.target]?.includes(from.room));
    expect(breaches.map(({ from, to }) => `${from.path} -> ${to.target}`)).toEqual([]);
  });

  it('have no cycle between files, `import type` included', () => {
    expect(cycles(sim)).toEqual([]);
  });

  it('name every import in full, so that this test sees it', () => {
    expect(linesWith(pure, /\bimport\s*\(|\brequire\s*\(/)).toEqual([]);
    expect(linesWith(sim, /^import \*|^export default\b/)).toEqual([]);
  });

  it('have no barrels but the entry of the package: nothing is exported that is written elsewhere', () => {
    const inside = sim.filter((source) => source.path !== ENTRY);
    expect(linesWith(inside, /^export (type )?(\*|\{)/)).toEqual([]);
    expect(linesWith(sim, /^export (type )?\*/)).toEqual([]);
  });
});

describe('the command line', () => {
  it('loads what a command does only when it is asked for: saying what there is takes neither a world nor a file', () => {
    const loaded = loadedWith('sim/app/cli/command-line.ts');
    expect(loaded.packages).toEqual(['commander']);
    expect(loaded.rooms).toEqual(['app', 'core', 'show', 'whatif', 'wire']);
    expect(loaded.files).toBeLessThan(40);
  });

  it('imports later in one way, so that this test sees it', () => {
    expect(linesWith(sim, /\bimport\s*\((?!'[^']+'\);$)|(?<!= await )\bimport\s*\(/)).toEqual([]);
  });
});

describe('state and chance', () => {
  it('no module holds a variable', () => {
    expect(linesWith(pure, /^(export )?(let|var)\b/)).toEqual([]);
    expect(linesWith(pure, /^\s+static (?!readonly\b|[\w#]+[(<])/)).toEqual([]);
  });

  it('what a module does hold cannot change: it is typed read-only, or nothing in its file alters it', () => {
    expect(pure.flatMap(alterable)).toEqual([]);
  });

  it('nobody asks the clock, the dice or a timer of the machine', () => {
    expect(linesWith(pure, /\b(Date|Math\.random|setTimeout|setInterval|performance|queueMicrotask)\b(?!`)/)).toEqual(
      [],
    );
  });
});

describe('files', () => {
  it(`no file is longer than ${MOST_LINES} lines`, () => {
    const long = sim.filter((source) => source.lines.length > MOST_LINES);
    expect(long.map((source) => `${source.path}: ${source.lines.length}`)).toEqual([]);
  });

  it('a file is named after what it is about', () => {
    const names = [...sim, ...tests].map((source) => source.path);
    expect(names.filter((path) => /util|helper|manager|misc|common|shared/.test(path.toLowerCase()))).toEqual([]);
  });

  it('nothing is exported that nobody imports', () => {
    expect(unusedExports()).toEqual([]);
  });

  it('every drop reason is given somewhere', () => {
    const texts = sim.filter((source) => source.path !== 'sim/packet/drop-reasons.ts').map((source) => source.text);
    // A header's fault is spelt as the second half of a reason; the kernel's input puts `kernel:` in front of it.
    const given = (reason: string) =>
      texts.some((text) => text.includes(`'${reason}'`) || text.includes(`'${reason.replace('kernel:', '')}'`));
    expect(dropReasons.filter((reason) => !given(reason))).toEqual([]);
  });

  it('no text mentions where it was written', () => {
    const texts = ['sim', 'test', 'topologies', 'scenarios'].flatMap((folder) => filesBelow(folder));
    const place = new RegExp(['/wor' + 'k/', '\\.\\./sha' + 'red'].join('|'));
    expect(texts.filter((path) => place.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
  });

  it('the lock file names versions and not the registry of one machine', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function sourcesBelow(folder: string): Source[] {
  return filesBelow(folder)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const [, room = ''] = path.split('/');
      return { path, room, text, lines: text.trimEnd().split('\n'), imports: importsOf(path, text) };
    });
}

/** The import and re-export statements of a file, and what it imports when it comes to that. */
function importsOf(path: string, text: string): Import[] {
  const stated = /^(?:import|export) (?:([^'";=]*?) from )?'([^']+)';$/gm;
  const awaited = /^ *const (\{[^}]*\}) = await import\('([^']+)'\);$/gm;
  const each = ([statement, clause = '', target = '']: RegExpExecArray, isLater: boolean): Import => {
    const isPackage = !target.startsWith('.');
    const names = clause.includes('*') ? ['*'] : [...clause.matchAll(/(\w+)(?: as \w+)?(?=\s*[,}])/g)];
    return {
      target: isPackage
        ? target
        : relative(ROOT, resolve(ROOT, dirname(path), target))
            .split(sep)
            .join('/'),
      isPackage,
      names: names.map((name) => (typeof name === 'string' ? name : (name[1] ?? ''))),
      isLoadedAtOnce: !isLater && !statement.startsWith('import type'),
    };
  };
  return [
    ...[...text.matchAll(stated)].map((found) => each(found, false)),
    ...[...text.matchAll(awaited)].map((found) => each(found, true)),
  ];
}

function imports(sources: readonly Source[]): { from: Source; to: Import }[] {
  return sources.flatMap((from) => from.imports.map((to) => ({ from, to })));
}

/** What Node loads along with a file of sim/, before anything else is asked for. */
function loadedWith(path: string): { packages: string[]; rooms: string[]; files: number } {
  const byPath = new Map(sim.map((source) => [source.path, source]));
  const packages = new Set<string>();
  const files = new Set([path]);
  for (const file of files) {
    for (const { target, isPackage, isLoadedAtOnce } of byPath.get(file)?.imports ?? []) {
      if (!isLoadedAtOnce || target.startsWith('node:')) continue;
      if (isPackage) packages.add(target);
      else files.add(target);
    }
  }
  const rooms = new Set([...files].map((file) => file.split('/')[1] ?? ''));
  return { packages: [...packages].sort(), rooms: [...rooms].sort(), files: files.size };
}

function mayImport(room: string, target: string): boolean {
  const [top = '', targetRoom = '', ...rest] = target.split('/');
  if (top !== 'sim') return false;
  if (room === targetRoom) return true;
  const path = [targetRoom, ...rest].join('/');
  return (ROOMS[room] ?? []).some((granted) =>
    granted.includes('/') ? matches(granted, path) : granted === targetRoom,
  );
}

/** `*` stands for anything but a folder. */
function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path);
}

/** Each cycle once, as the path that closes it. */
function cycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) found.push([...above.slice(above.indexOf(path)), path].join(' -> '));
    if (done.has(path) || above.includes(path)) return;
    for (const { target } of byPath.get(path)?.imports ?? []) visit(target, [...above, path]);
    done.add(path);
  };
  for (const path of byPath.keys()) visit(path, []);
  return found;
}

/** `path:line: text` of every line of code that matches; comments are left out. */
function linesWith(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap((source) =>
    source.lines.flatMap((line, index) =>
      pattern.test(line) && !/^\s*(\/\/|\/?\*)/.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

/** Module-level lists, maps, sets and objects that someone could change. */
function alterable(source: Source): string[] {
  const declared = source.text.matchAll(
    /^(export )?const (\w+)(: [^=]+?)? =\s+(new \w+|\[|\{)(?:.*;$|[\s\S]*?\n[\])}].*;$)/gm,
  );
  return [...declared].flatMap(([whole, exported, name = '', type = '', start = '']) => {
    const isReadOnly = /^: (readonly |Readonly|\{ readonly )/.test(type) || /\bas (const|readonly [^;]*);$/.test(whole);
    if (isReadOnly) return [];
    const changes = new RegExp(
      `\\b${name}(\\.(set|add|push|pop|shift|unshift|splice|sort|reverse|fill|delete|clear)\\(|(\\.\\w+|\\[[^\\]]*\\]) [-+*|&]?= )`,
    );
    const isKnownKind = start === '[' || start === '{' || /^new (Map|Set|WeakMap)$/.test(start);
    const unsafe = (exported !== undefined && start !== '{') || !isKnownKind || changes.test(source.text);
    return unsafe ? [`${source.path}: ${name}`] : [];
  });
}

/**
 * What is exported and imported by no other file of sim/ or test/. A type may be: whoever calls a function of its file
 * gets one without naming it.
 */
function unusedExports(): string[] {
  const used = new Set(imports([...sim, ...tests]).flatMap(({ to }) => to.names.map((name) => `${to.target} ${name}`)));
  return sim.flatMap((source) =>
    [...source.text.matchAll(/^export (?:async |abstract )*(function\*?|class|const|interface|type) (\w+)/gm)].flatMap(
      ([, kind = '', name = '']) => {
        const key = `${source.path} ${name}`;
        const isNamedHere = source.text.split(new RegExp(`\\b${name}\\b`)).length > 2;
        const isPartOfSignature = ['interface', 'type', 'class'].includes(kind) && isNamedHere;
        return used.has(key) || isPartOfSignature ? [] : [key];
      },
    ),
  );
}
