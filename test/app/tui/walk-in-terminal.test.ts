import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../sim/app/package-root.ts';
import { textWidth } from '../../../sim/show/table.ts';
import { cutaway, cutawayIn, temporaryFolder, WHITEPAPER_TOPOLOGY, whitepaperScenario } from '../cli.ts';
import { hasTmux, Terminal } from './tmux.ts';

/* The real program in a real terminal: keys are pressed, the screen is read, and the terminal is looked at afterwards. */

const WALK = 'node dist/bin/main.js walk';
const README = readFileSync(join(PACKAGE_ROOT, 'README.md'), 'utf8');
const open: Terminal[] = [];

function terminal(width = 100, height = 30, environment: Record<string, string> = {}): Terminal {
  const one = new Terminal(width, height, environment);
  open.push(one);
  return one;
}

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** `7/298` at the end of the title: the stop. */
function stopOf(screen: string): string {
  return /^.*?(\d+\/\d+)$/m.exec(screen)?.[1] ?? '';
}

/** The terminal is as the shell had it: its own screen, a cursor, and lines that echo what is typed. */
async function expectRestored(shell: Terminal): Promise<void> {
  shell.run('stty -a | tr " ;" "\\n\\n" | grep -xE -e "-?(echo|icanon|isig|opost)" | xargs echo modes:');
  await shell.until(/modes: isig icanon echo opost|modes: opost isig icanon echo/);
  expect(shell.variable('alternate_on')).toBe('0');
  expect(shell.variable('cursor_flag')).toBe('1');
}

describe.skipIf(!hasTmux)('cutaway walk in a terminal', () => {
  it('leads from the list to the first moving packet, and back to the shell', async () => {
    const shell = terminal();
    shell.run('echo before the walk');
    shell.run(WALK);
    await shell.until(/figure 11/);
    await shell.until(/✓ passed +figure 6/);
    shell.type('figure 11');
    await shell.until(/filter: figure 11/);
    shell.press('Enter');
    await shell.until(/@ Application, device-a\/container3/);
    shell.press('Right');
    await shell.until(/@ Kernel forwarding, device-a\/container3/);
    shell.press('Left');
    await shell.until(/@ Application, device-a\/container3/);
    shell.press('q');
    await shell.until(/▶ .*figure 11/);
    shell.press('q');
    await shell.until(/before the walk/);
    await expectRestored(shell);
  });

  it.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fills a terminal of %i columns and %i rows, the packet always in it', async (width, height) => {
    const shell = terminal(width, height);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    for (let step = 0; step < 12; step++) {
      shell.press('Right');
      const screen = await shell.until((text) => stopOf(text).startsWith(`${step + 2}/`));
      const lines = screen.split('\n');
      expect(lines.length).toBe(height);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      const [head = ''] = screen.split(/^◆ #/m);
      expect(head.match(/◆/g)).toHaveLength(1);
    }
    expect(shell.lines.at(-1)).toMatch(/^←→ step/);
  });

  it('shows what the README shows', async () => {
    const [, shown = ''] = /```\n(fig11 step 1\/5:[\s\S]*?)\n```/.exec(README) ?? [];
    const shell = terminal(80, 24);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    for (let key = 0; key < 33; key++) shell.press('Right');
    await shell.until((screen) => screen === shown);
  });

  it('is drawn anew when the terminal gets another size', async () => {
    const shell = terminal(120, 40);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.resize(80, 24);
    const isWhole = (screen: string): boolean => /^fig11 [^\n]*\n[\s\S]*\n←→ step[^\n]*$/.test(screen);
    const small = await shell.until((screen) => screen.split('\n').length === 24 && isWhole(screen));
    expect(small.split('\n').filter((line) => line.startsWith('←→ step'))).toHaveLength(1);
    shell.resize(160, 50);
    await shell.until((screen) => screen.split('\n').length === 50 && isWhole(screen) && /packets ─/.test(screen));
  });

  it('says at each stop what trace says', async () => {
    const shell = terminal(160, 50);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.press('f');
    await shell.until(/following #1/);
    const records = cutaway('trace', whitepaperScenario('fig11'), '--step', '1', '--json')
      .stdout.trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { event: string; text: string; packet: number; leg: string; flow: number; netns: string },
      );
    const there = records.filter(({ event, leg, flow }) => event === 'step' && leg === 'there' && flow === 1);
    const first = stopOf(shell.screen);
    shell.press('End');
    const last = stopOf(await shell.until((screen) => stopOf(screen) !== first));
    shell.press('Home');
    await shell.until((screen) => stopOf(screen) === first);
    const seen = new Set<string>();
    for (let at = first; ; ) {
      // One pane wide, as it stands on the screen: lines of a step are put together again.
      const pane = shell.lines.map((line) => line.slice(0, 39).trimEnd());
      const text = pane.slice(pane.findIndex((line) => line.startsWith('─ decided here')) + 1).join(' ');
      seen.add(text.replace(/\s+/g, ''));
      if (at === last) break;
      shell.press('Right');
      const before = at;
      at = stopOf(await shell.until((screen) => stopOf(screen) !== before));
    }
    const said = [...seen].join('\n');
    for (const { text } of there) expect(said).toContain(text.replace(/\s+/g, ''));
    expect(there.length).toBeGreaterThan(15);
  });

  it('gives the terminal back on Ctrl-C, and when it is told to end', async () => {
    const shell = terminal();
    shell.run(`${WALK} fig11; echo "exit code $?"`);
    await shell.until(/@ Application/);
    expect(shell.variable('alternate_on')).toBe('1');
    shell.press('C-c');
    await shell.until(/exit code 130/);
    await expectRestored(shell);
    shell.run(`${WALK} fig11; echo "exit code $?"`);
    await shell.until(/@ Application/);
    process.kill(Number(execFileSync('pgrep', ['-P', shell.variable('pane_pid')], { encoding: 'utf8' })), 'SIGTERM');
    await shell.until(/exit code 143/);
    await expectRestored(shell);
  });

  it('gives it back after a crash, whose message can be read', async () => {
    const shell = terminal();
    const crash =
      "import('./dist/app/tui/screen-mode.js').then(({ takeScreen }) => { takeScreen(process.stdout, process.stdin); process.stdin.setRawMode(true); setTimeout(() => { throw new Error('something broke'); }, 50); });";
    shell.run(`node -e "${crash}"; echo "exit code $?"`);
    await shell.until(/something broke[\s\S]*exit code 1/);
    await expectRestored(shell);
  });

  it('shows no colour under NO_COLOR, and marks all the same', async () => {
    const shell = terminal(100, 30, { NO_COLOR: '1' });
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(shell.painted).not.toMatch(/\u001b\[(?:\d+;)*(?:[34][0-8]|9\d|10\d)[;m]/);
    expect(shell.screen).toMatch(/◆/);
    expect(shell.screen).toMatch(/^▶ /m);
  });

  it('speaks Chinese where the locale does', async () => {
    const shell = terminal(100, 30, { LC_ALL: 'zh_CN.UTF-8' });
    shell.run(`${WALK} fig11`);
    const screen = await shell.until(/此处的决定/);
    expect(screen).toMatch(/内核协议栈/);
    expect(screen).toMatch(/步骤 1\/5/);
  });

  it('filters, refuses what is no filter with its reason, and walks along what is left', async () => {
    const shell = terminal(120, 40);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.press('/');
    await shell.until(/expression of tcpdump/);
    shell.type('prot 7');
    shell.press('Enter');
    await shell.until(/✗ /);
    shell.press('C-u');
    shell.type('udp port 7');
    shell.press('Enter');
    await shell.until(/\[filter udp port 7\][\s\S]*#\d+ UDP /);
  });

  it('changes something, and says what becomes of the flows', async () => {
    const shell = terminal(120, 40);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.press('x');
    await shell.until(/--remove "device-a\/container3: ip route add default/);
    shell.press('Enter');
    const screen = await shell.until(/\[changed 1\]/);
    expect(screen).toMatch(/container3/);
    shell.press('Escape');
    await shell.until(/^▶ tables|decided here/m);
  });

  it('explains a death with what would have let it pass, tried beside the screen', async () => {
    const shell = terminal(120, 40);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.press('n');
    await shell.until(/^✗ #/m);
    shell.press('e');
    await shell.until(/IP_INNOROUTES/);
    await shell.until(/What would have let it pass/);
  });

  it('asks which way before it shows it, and keeps the score', async () => {
    const shell = terminal(120, 40);
    shell.run(`${WALK} fig11`);
    await shell.until(/@ Application/);
    shell.press('p');
    await shell.until(/\[predict 0\/0\]/);
    shell.press('Right');
    await shell.until(/^\? /m);
    shell.press('1');
    await shell.until(/\[predict [01]\/1\]/);
  });
});

describe.skipIf(!hasTmux)('cutaway walk in a terminal that cannot move its cursor', () => {
  it('is text', async () => {
    const shell = terminal(100, 30);
    shell.run(`TERM=dumb ${WALK} fig11 --filter "udp port 7" | head -n 5; TERM=dumb ${WALK} fig11 | wc -l`);
    await shell.until(/== step 2\/5: UDP to a host outside[\s\S]*\n\d{3}/);
    expect(shell.variable('alternate_on')).toBe('0');
  });
});

describe('cutaway walk where there is no terminal', () => {
  it('is the same walk as text', () => {
    const { status, stdout } = cutaway('walk', 'fig11', '--filter', 'icmp');
    expect(status).toBe(0);
    expect(stdout).toContain('== step 1/5: ping a host outside');
    expect(stdout).toContain('Application (device-a/container3): sent by ping');
    expect(stdout).toContain('paper: figure 11, request step 1');
    expect(stdout).toContain('第三方应用');
    expect(stdout).toContain('DROP kernel:IP_INNOROUTES');
    expect(stdout).not.toContain('ARP who has');
  });

  it('leaves nothing out of a run that is longer than a terminal keeps whole', () => {
    const folder = temporaryFolder();
    const requests = 900;
    const step = `{ udp: { from: a, to: "10.0.2.2:7", count: ${requests}, interval: 1ms } }`;
    folder.write(
      'long.yaml',
      `name: long
topology:
  topology:
    nodes:
      a: { kind: linux, interfaces: { eth0: { address: 10.0.1.2/24 } }, routes: [default via 10.0.1.1] }
      r: { kind: linux, interfaces: { in: { address: 10.0.1.1/24 }, out: { address: 10.0.2.1/24 } }, sysctls: { net.ipv4.ip_forward: 1 } }
      b: { kind: linux, interfaces: { eth0: { address: 10.0.2.2/24 } }, routes: [default via 10.0.2.1], services: [{ port: 7 }] }
    links: [{ endpoints: ["a:eth0", "r:in"] }, { endpoints: ["r:out", "b:eth0"] }]
steps: [${step}, ${step}, ${step}]
`,
    );
    const { status, stdout } = cutawayIn(folder.path, ['walk', 'long.yaml']);
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.length).toBeGreaterThan(60_000);
    expect(lines.filter((line) => line.endsWith('sent by udp client'))).toHaveLength(3 * requests);
    expect(lines.filter((line) => /delivered to udp client/.test(line))).toHaveLength(3 * requests);
    expect(lines.filter((line) => /: *$/.test(line))).toEqual([]);
  });

  it('lists what there is to walk', () => {
    const { stdout, stderr } = cutaway('walk');
    expect(stdout).toMatch(/^fig06 {2}/m);
    expect(stderr).toContain('no terminal');
  });

  it('says what is wrong, and where', () => {
    expect(cutaway('walk', 'nowhere.yaml')).toMatchObject({ status: 4 });
    expect(cutaway('walk', 'fig11', '--from', 'router')).toMatchObject({ status: 2 });
    expect(cutaway('walk', 'fig11', '--filter', 'prot 7').status).toBe(2);
    expect(cutaway('walk', WHITEPAPER_TOPOLOGY).stderr).toContain('--from');
  });
});
