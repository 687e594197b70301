import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedStep } from '../../../sim/packet/trace.ts';
import { type TablesView, tablesPane, tablesScroll } from '../../../sim/walk/panes/tables-pane.ts';
import { type Line, lineText, lineWidth } from '../../../sim/walk/styled.ts';
import { type Moment, playMoments, scenarioOf } from './moments.ts';

const KINDS = ['rule', 'route', 'neighbour', 'bridge', 'hook', 'rewrite', 'demultiplex', 'because'] as const;

function momentsOf(file: string, most = 6): Moment[] {
  const moments: Moment[] = [];
  playMoments(scenarioOf(file), KINDS, most, (moment) => moments.push(moment));
  return moments;
}

const device = momentsOf('scenarios/whitepaper/fig11.yaml');
const nat = momentsOf('scenarios/whitepaper/fig18.yaml', 40);
const docker = momentsOf('test/judge/labs/05-docker.yaml');

function find(moments: readonly Moment[], isIt: (step: RecordedStep) => boolean): Moment {
  const found = moments.find(({ step }) => isIt(step));
  if (found === undefined) throw new Error('no such step');
  return found;
}

function view({ snapshot, step }: Moment, open: number, more: Partial<TablesView> = {}): TablesView {
  return { snapshot, open, steps: [step], focus: false, scroll: { down: 0, right: 0 }, language: 'en', ...more };
}

const shown = (lines: readonly Line[]): string => lines.map((line) => lineText(line).trimEnd()).join('\n');
const tonesOf = (line: Line | undefined): string[] => (line ?? []).map(({ tone }) => tone);

const rule = find(device, (step) => step.kind === 'rule' && step.priority === 1000);

describe('the pane of tables', () => {
  it('has a tab for each table, the command, and the row that decided', () => {
    const moment = find(device, ({ kind, place }) => kind === 'route' && place.title === 'device-a/container3');
    const lines = tablesPane(view(moment, 1, { focus: true }), { width: 80, height: 6 });
    expect(`\n${shown(lines)}\n`).toBe(
      `
» [1 route▶] 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets
device-a/container3# ip route show table all                         1-4/7 lines
▶  default via 1.1.1.200 dev eth0
   1.1.1.0/24 dev eth0 proto kernel scope link src 1.1.1.3
   local 1.1.1.3 dev eth0 table local proto kernel scope host src 1.1.1.3
   broadcast 1.1.1.255 dev eth0 table local proto kernel scope link src 1.1.1.3
`,
    );
    expect(tonesOf(lines[2])).toContain('lit');
    expect(tonesOf(lines[3])).not.toContain('lit');
  });

  it('goes to the row that decided by itself, and scrolls on from there no further than there is something', () => {
    const at = (down: number): string =>
      shown(tablesPane(view(rule, 2, { scroll: { down, right: 0 } }), { width: 50, height: 6 }));
    expect(`\n${at(0)}\n`).toBe(
      `
  1 [2 rule▶] 3 4 5 6 7
device-a/comware# ip rule           12-15/15 lines
   500:    from all to 1.1.1.200 iif lo ipproto u…
▶  1000:   from all lookup local
   32766:  from all lookup main
   32767:  from all lookup default
`,
    );
    expect(at(-1000).split('\n').slice(2)[0]).toMatch(/^ {3}\d+:\s+from/);
    expect(at(1000)).toBe(
      at(tablesScroll(view(rule, 2, { scroll: { down: 1000, right: 0 } }), { width: 50, height: 6 }).down),
    );
  });

  it('scrolls long lines sideways', () => {
    const pane = (right: number): string =>
      shown(tablesPane(view(rule, 2, { scroll: { down: 0, right } }), { width: 30, height: 5 }));
    expect(`\n${pane(8)}\n`).toBe(`
  1 [2 rule▶] 3 4 5 6 7
device-a/comwa… 12-14/15 lines
   …rom all to 1.1.1.200 iif …
▶  …rom all lookup local
   …rom all lookup main
`);
    // No further than until the end of the longest line is in sight.
    expect(pane(1000)).toBe(
      pane(tablesScroll(view(rule, 2, { scroll: { down: 0, right: 1000 } }), { width: 30, height: 5 }).right),
    );
  });

  it('marks the rows of earlier steps of the stop more quietly than the last one', () => {
    const steps = device
      .filter(({ step }) => step.kind === 'rule' && step.place === rule.step.place)
      .map(({ step }) => step);
    const first = steps.find((step) => step.kind === 'rule' && step.priority !== 1000);
    if (first === undefined) throw new Error('one rule only');
    const text = shown(tablesPane(view(rule, 2, { steps: [first, rule.step] }), { width: 60, height: 30 }));
    expect(text.split('\n').filter((line) => line.startsWith('▷'))).toHaveLength(1);
    expect(text.split('\n').filter((line) => line.startsWith('▶'))).toEqual(['▶  1000:   from all lookup local']);
  });

  it('lights an entry of several lines as one', () => {
    const moment = find(nat, (step) => step.kind === 'hook' && step.nat !== undefined);
    const text = shown(tablesPane(view(moment, 6), { width: 60, height: 30 }));
    const rows = text.split('\n').filter((line) => /^[▶│]/.test(line));
    expect(rows[0]).toMatch(/^▶ {3,}IP-to-IP:/);
    expect(rows.slice(1).every((line) => line.startsWith('│'))).toBe(true);
    expect(rows.length).toBeGreaterThan(2);
  });

  it('marks what is new and what is different since an earlier moment', () => {
    const [before, after] = [docker[0], docker.filter(({ step }) => step.place === docker[0]?.step.place).at(-1)];
    if (before === undefined || after === undefined) throw new Error('no moments');
    const neighbours = tablesPane(view(after, 3, { before: before.snapshot }), { width: 80, height: 12 });
    expect(shown(neighbours)).toMatch(/^.\+ \d+\.\d+\.\d+\.\d+ dev /m);
    const same = tablesPane(view(after, 3, { before: after.snapshot }), { width: 80, height: 12 });
    expect(shown(same)).not.toMatch(/^.[+~]/m);
  });

  it('says so when a table is empty, in either language', () => {
    const moment = find(device, ({ place }) => place.title === 'device-a/container3');
    expect(shown(tablesPane(view(moment, 6), { width: 60, height: 4 }))).toContain(
      '(empty: nothing in this table now)',
    );
    const chinese = tablesPane(view(moment, 6, { language: 'zh' }), { width: 60, height: 4 });
    expect(shown(chinese)).toContain('空');
    expect(shown(chinese)).toContain('6 连接');
  });

  it('lets no control character of a name through', () => {
    const moment = find(device, (step) => step.kind === 'route');
    const { namespace } = moment.snapshot;
    const [row] = namespace.route;
    if (row === undefined) throw new Error('no route');
    const snapshot = {
      ...moment.snapshot,
      namespace: { ...namespace, route: [{ ...row, dev: 'a\u001b[2Jb\u0007\u202ec' }] },
    };
    const text = shown(tablesPane(view({ ...moment, snapshot }, 1), { width: 200, height: 5 }));
    expect(text).toContain('a\\x1b[2Jb\\x07\\u202ec');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('is exactly as large as asked, wherever it is scrolled (law)', () => {
    const moments = [...device, ...nat, ...docker];
    fc.assert(
      fc.property(
        fc.record({
          moment: fc.constantFrom(...moments),
          open: fc.integer({ min: 0, max: 10 }),
          width: fc.integer({ min: 0, max: 130 }),
          height: fc.integer({ min: 0, max: 40 }),
          down: fc.integer({ min: -60, max: 60 }),
          right: fc.integer({ min: -5, max: 150 }),
          focus: fc.boolean(),
          language: fc.constantFrom('en', 'zh'),
          before: fc.option(fc.constantFrom(...moments), { nil: undefined }),
        }),
        ({ moment, open, width, height, down, right, focus, language, before }) => {
          const asked = view(moment, open, { focus, language, scroll: { down, right }, before: before?.snapshot });
          const lines = tablesPane(asked, { width, height });
          expect(lines.length).toBe(height);
          for (const line of lines) expect(lineWidth(line)).toBe(width);
          const own = tablesPane({ ...asked, scroll: { down: 0, right } }, { width, height });
          // Where nobody scrolls, the row that decided is in sight.
          const all = tablesPane({ ...asked, scroll: { down: 0, right } }, { width, height: 400 });
          const isLit = (one: readonly Line[]): boolean => one.slice(2).some((line) => lineText(line).startsWith('▶'));
          if (height > 2 && width > 0) expect(isLit(own)).toBe(isLit(all));
        },
      ),
      { numRuns: 300 },
    );
  });
});
