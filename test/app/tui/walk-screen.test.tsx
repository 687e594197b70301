import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import { StartScreen } from '../../../sim/app/tui/start-screen.tsx';
import { Verdicts } from '../../../sim/app/tui/verdicts.ts';
import { WalkScreen } from '../../../sim/app/tui/walk-screen.tsx';
import type { Entry } from '../../../sim/walk/start.ts';
import { Tape } from '../../../sim/walk/tape.ts';
import { reelOf, worked } from '../../walk/reels.ts';

/* The screens as strings: what is drawn, and what keys make of it. Without a terminal they take 100 columns, 24 rows. */

const KEYS = { left: '\u001b[D', right: '\u001b[C', up: '\u001b[A', down: '\u001b[B', escape: '\u001b', enter: '\r' };

/** Until a frame shows something; keys and slices of work go on in between. */
async function until(frame: () => string | undefined, shows: RegExp): Promise<string> {
  const end = Date.now() + 20_000;
  for (;;) {
    const text = frame() ?? '';
    if (shows.test(text)) return text;
    if (Date.now() > end) throw new Error(`no frame showed ${shows}:\n${text}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

describe('the walk', () => {
  const tape = worked(new Tape(reelOf('scenarios/whitepaper/fig11.yaml')));
  const opened = (props: Partial<Parameters<typeof WalkScreen>[0]> = {}) => {
    const left: string[] = [];
    const screen = render(
      <WalkScreen
        tape={tape}
        name="fig11"
        language="en"
        onLeave={() => left.push('left')}
        onChange={() => undefined}
        onWrite={() => ({ en: 'written', zh: '已写' })}
        {...props}
      />,
    );
    return { ...screen, left };
  };

  it('shows what was decided, beside the tables and the row that decided', async () => {
    const { lastFrame, stdin, unmount } = opened();
    await until(lastFrame, /@ Application, device-a\/container3/);
    stdin.write(KEYS.right);
    const frame = await until(lastFrame, /@ Kernel forwarding, device-a\/container3/);
    expect(frame).toMatch(/· route to 203\.0\.113\.10/);
    expect(frame).toMatch(/· next hop 1\.1\.1\.200 on eth0: NONE, asking by ARP/);
    expect(frame).toMatch(/▶\+ 1\.1\.1\.200 dev eth0 INCOMPLETE/);
    stdin.write('1');
    await until(lastFrame, /[▷▶] +default via 1\.1\.1\.200 dev eth0/);
    unmount();
  });

  it('steps back to what it was', async () => {
    const { lastFrame, stdin, unmount } = opened();
    const first = await until(lastFrame, /default via 1\.1\.1\.200/);
    for (let key = 0; key < 5; key++) stdin.write(KEYS.right);
    await until(lastFrame, / 6\/298/);
    for (let key = 0; key < 5; key++) stdin.write(KEYS.left);
    await until(lastFrame, / 1\/298/);
    expect(lastFrame()).toBe(first);
    unmount();
  });

  it('goes from packet to packet, to the next death, to both ends, and plays', async () => {
    const { lastFrame, stdin, unmount } = opened();
    await until(lastFrame, /#1 ICMP echo request/);
    stdin.write(KEYS.down);
    await until(lastFrame, /◆ #2 ARP who has 1\.1\.1\.200/);
    stdin.write('n');
    await until(lastFrame, /^✗ #\d+ ICMP echo request 1\.1\.1\.3 > 198\.51\.100\.1/m);
    stdin.write('G');
    await until(lastFrame, / 298\/298/);
    stdin.write('g');
    await until(lastFrame, / 1\/298/);
    stdin.write('++++ ');
    await until(lastFrame, /\[playing 32\/s\]/);
    await until(lastFrame, / [2-9]\d\/298/);
    stdin.write(' ');
    unmount();
  });

  it('goes through the panes, makes one large, and leaves what is open before it leaves', async () => {
    const { lastFrame, stdin, left, unmount } = opened();
    await until(lastFrame, /▶ tables of/);
    stdin.write('\t');
    await until(lastFrame, /▶ headers/);
    stdin.write('\t');
    await until(lastFrame, /▶ packets/);
    stdin.write(KEYS.enter);
    const large = await until(lastFrame, /#21 UDP/);
    expect(large).not.toMatch(/decided here/);
    stdin.write(KEYS.escape);
    await until(lastFrame, /decided here/);
    stdin.write('?');
    await until(lastFrame, /next drop or NAT/);
    stdin.write(KEYS.escape);
    await until(lastFrame, /decided here/);
    expect(left).toEqual([]);
    stdin.write('w');
    await until(lastFrame, /^written/m);
    stdin.write('q');
    expect(left).toEqual(['left']);
    unmount();
  });

  it('compares with the figure and with what the scenario expects', async () => {
    const { lastFrame, stdin, unmount } = opened();
    await until(lastFrame, /#1 ICMP/);
    stdin.write('c');
    await until(lastFrame, /✓ 1 the application in the container sends to the Inet stack/);
    unmount();
  });
});

describe('a verdict', () => {
  it('of what expects nothing tells whether it was answered', () => {
    const reel = reelOf('scenarios/whitepaper/fig11.yaml');
    const only = (index: number) => {
      const { expect: _, figure: __, ...step } = reel.play.steps[index] as { expect?: unknown; figure?: unknown };
      const steps = [step] as unknown as typeof reel.play.steps;
      return { ...reel, play: { ...reel.play, expect: [], steps } };
    };
    const entries = ['answered', 'unanswered'].map(
      (key): Entry => ({ key, name: key, title: '', figure: undefined, group: { en: '', zh: '' } }),
    );
    const verdicts = new Verdicts(entries, ({ key }) => only(key === 'answered' ? 0 : 4));
    while (verdicts.work());
    expect([...verdicts.all]).toEqual([
      ['answered', 'answered'],
      ['unanswered', 'unanswered'],
    ]);
  });
});

describe('the list', () => {
  const entry = (name: string, figure: number | undefined): Entry => ({
    ...{ key: name, name, title: `the title of ${name}`, figure, group: { en: 'Mine', zh: '我的' } },
  });
  const entries = [entry('fig11', 11), entry('fig12', 12), entry('lab', undefined)];

  it('has chapters, figures and verdicts, and is filtered by what is typed', async () => {
    const chosen: string[] = [];
    const verdicts = new Verdicts(entries, ({ name }) =>
      name === 'lab' ? undefined : reelOf(`scenarios/whitepaper/${name}.yaml`),
    );
    const { lastFrame, stdin, unmount } = render(
      <StartScreen
        {...{ entries, verdicts, chosen: 0, fault: '' }}
        language="en"
        onOpen={({ name }) => chosen.push(name)}
        onLeave={() => chosen.push('left')}
      />,
    );
    const frame = await until(lastFrame, /✗ invalid {13}lab/);
    expect(frame).toMatch(/3\.5\.2 {2}Containers with a namespace of their own\n▶ ✓ passed {4}figure 11 fig11/);
    expect(frame).toMatch(/3\.5\.3 {2}Applications on the host\n {2}✓ passed {4}figure 12/);
    stdin.write('host');
    await until(lastFrame, /filter: host/);
    expect(lastFrame()).not.toMatch(/fig11/);
    stdin.write(KEYS.enter);
    expect(chosen).toEqual(['fig12']);
    stdin.write(KEYS.escape);
    await until(lastFrame, /fig11/);
    stdin.write(KEYS.escape);
    await until(() => chosen.join(' '), /left/);
    unmount();
  });
});
