import { afterEach, describe, expect, it } from 'vitest';
import { mayDraw, progressLine } from '../../sim/app/cli/progress.ts';
import type { SimTime } from '../../sim/core/time.ts';
import type { TemporaryFolder } from '../tools.ts';
import { CUTAWAY, temporaryFolder, WHITEPAPER_TOPOLOGY } from './cli.ts';
import { TWO_HOSTS } from './small-labs.ts';
import { hasTmux, Terminal } from './tui/tmux.ts';

const BAR = /\[=*>? *\] \d+ of \d+ \w+ (read|checked|run|compared|explained|traced)/;

/** Scenarios that take some seconds: thousands of pings. */
function slow(count: number): { folder: TemporaryFolder; files: string[] } {
  const folder = temporaryFolder();
  const files = Array.from({ length: count }, (_, index) => `slow${index}.yaml`);
  for (const [index, file] of files.entries())
    folder.write(file, `name: slow${index}\n${TWO_HOSTS}steps:\n${PING.repeat(8)}`);
  return { folder, files };
}

const PING = '  - ping: { from: a, to: 10.0.0.2, count: 1000, interval: 1ms }\n';

describe('the bar', () => {
  it('is for terminals that can, and for nobody who asked for quiet', () => {
    expect(mayDraw({ isTTY: true }, {}, false)).toBe(true);
    expect(mayDraw({ isTTY: true }, { NO_COLOR: '', CI: '' }, false)).toBe(true);
    expect(mayDraw({}, {}, false)).toBe(false);
    expect(mayDraw({ isTTY: true }, {}, true)).toBe(false);
    for (const set of [{ CI: 'true' }, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      expect(mayDraw({ isTTY: true }, set, false)).toBe(false);
    }
  });

  it('tells how many of how many, and of a long one how much of its time has passed', () => {
    const standing = { done: 7, total: 17, what: 'scenarios run', now: undefined, elapsed: 3999 };
    expect(progressLine(standing)).toBe('[=========>              ] 7 of 17 scenarios run, 3 s');
    expect(progressLine({ ...standing, now: 1_500_000_000 as SimTime })).toContain(' run, 1.500 s simulated, 3 s');
    expect(progressLine({ ...standing, done: 17 })).toContain('[========================]');
  });
});

describe.skipIf(!hasTmux)('on a terminal (tmux)', () => {
  let terminal: Terminal | undefined;
  afterEach(() => terminal?.close());

  /** Starts the command in a terminal, in `folder`. */
  function start(folder: string, words: string, environment: Readonly<Record<string, string>> = {}): Terminal {
    terminal = new Terminal(100, 30, environment);
    terminal.run(`cd ${folder}; clear; "${process.execPath}" "${CUTAWAY}" run --no-write ${words}; echo "ended $?"`);
    return terminal;
  }

  it.each(['1', '2'])(
    'shows itself while it runs, and is gone before anything is printed (-j %s)',
    async (jobs) => {
      const { folder, files } = slow(3);
      const shown = start(folder.path, `-j ${jobs} ${files.join(' ')} 2> >(tee err >&2) | tee out`);
      // With a pipe behind standard error there is no terminal, and no bar.
      expect(await shown.until(/ended 0/)).not.toMatch(BAR);
      shown.run(
        `clear; "${process.execPath}" "${CUTAWAY}" run --no-write -j ${jobs} ${files.join(' ')} > out; echo "ended again $?"`,
      );
      await shown.until(BAR);
      const end = await shown.until(/ended again 0/);
      expect(end).not.toMatch(BAR);
      expect(end).toContain('3 of 3 scenarios passed\n');
    },
    120_000,
  );

  it.each(['1', '2'])(
    'leaves the screen clean when it is interrupted (-j %s)',
    async (jobs) => {
      const { folder, files } = slow(3);
      const shown = start(folder.path, `-j ${jobs} ${files.join(' ')}`);
      await shown.until(BAR);
      shown.press('C-c');
      await shown.until((screen) => !BAR.test(screen));
      shown.run('echo still here');
      const end = await shown.until(/^still here$/m);
      expect(end).not.toMatch(BAR);
      expect(shown.variable('cursor_flag')).toBe('1');
    },
    120_000,
  );

  it.each([
    ['figures', /of \d+ figures compared/],
    ['show longest.yaml neigh a', /0 of 1 scenario run, \d+\.\d{3} s simulated/],
    ['trace slow0.yaml', /requests? traced|scenario run/],
    ['explain slow0.yaml', /requests? explained|scenario run/],
    ['walk slow0.yaml --text', /0 of 1 scenario run/],
    [`check $(yes slow0.yaml | head -n 2000)`, /of 2000 files checked/],
    [`diff ${WHITEPAPER_TOPOLOGY} --set "router: net.ipv4.ip_forward=0" --limit 300`, /flows compared/],
  ])(
    'is there for every command that may take a while, and hears Ctrl-C: %s',
    async (words, bar) => {
      const { folder } = slow(1);
      folder.write('longest.yaml', `name: longest\n${TWO_HOSTS}steps:\n${PING.repeat(100)}`);
      terminal = new Terminal(100, 30);
      terminal.run(`cd ${folder.path}; clear; "${process.execPath}" "${CUTAWAY}" ${words} > out`);
      await terminal.until(bar);
      terminal.press('C-c');
      await terminal.until((screen) => !BAR.test(screen));
      terminal.run('echo "ended $?"');
      expect(await terminal.until(/^ended 130$/m)).not.toMatch(BAR);
    },
    120_000,
  );

  it('does not come with --quiet or NO_COLOR', async () => {
    const { folder, files } = slow(1);
    const shown = start(folder.path, `-q ${files.join(' ')}`);
    let seen = '';
    await shown.until((screen) => {
      seen += screen;
      return /ended 0/.test(screen);
    });
    expect(seen).not.toMatch(BAR);
  }, 120_000);
});
