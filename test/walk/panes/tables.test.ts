import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../sim/app/package-root.ts';
import type { RecordedStep, StepKind } from '../../../sim/packet/trace.ts';
import { showTable } from '../../../sim/show/table-of.ts';
import { decidingTable, litRows, tablesOf } from '../../../sim/walk/panes/tables.ts';
import type { StackSnapshot } from '../../../sim/world/stack-snapshot.ts';
import { type Moment, playMoments, scenarioOf } from './moments.ts';

const DECIDING: readonly StepKind[] = [
  'rule',
  'route',
  'neighbour',
  'bridge',
  'hook',
  'rewrite',
  'demultiplex',
  'because',
];

const below = (folder: string): string[] =>
  readdirSync(join(PACKAGE_ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`);

const FILES = [...below('scenarios/whitepaper'), ...below('scenarios/linux'), ...below('test/judge/labs')];

/** Of each kind of step at each place. */
const MOST = 12;

/** The lit lines of all tables, each with the name of its table. */
function lit(snapshot: StackSnapshot, steps: readonly RecordedStep[]): { table: string; text: string }[] {
  return tablesOf(snapshot).flatMap((table) =>
    litRows(table, snapshot, steps).map((line) => ({ table: table.name.en, text: table.lines[line]?.text ?? '' })),
  );
}

/**
 * The words that the lit line must hold by what the step says, and the table it must be in; undefined where no table holds
 * what decided: no route, a neighbour that is only now entered or that nobody asks for, flooding, a connection that conntrack has not confirmed
 * yet, what functions without a table decide, and the pings of Comware, which no display lists.
 */
function wanted(step: RecordedStep): { table: string; words: readonly string[] } | undefined {
  const isComware = step.component.startsWith('Comware ');
  switch (step.kind) {
    case 'rule':
      return { table: 'rule', words: [`${step.priority}:`, step.table] };
    case 'route':
      return step.type === 'none' ? undefined : { table: 'route', words: routeWords(step, isComware) };
    case 'neighbour':
      if (['none', 'NONE', 'NOARP'].includes(step.state)) return undefined;
      return { table: isComware ? 'arp' : 'neigh', words: [step.nextHop, step.device, step.mac] };
    case 'bridge':
      return step.decision === 'flood' ? undefined : { table: 'fdb', words: [step.mac, `dev ${step.entry}`] };
    case 'hook':
    case 'rewrite':
      if (step.rule !== undefined) {
        const { number, text, chain } = step.rule;
        return { table: 'iptables', words: [number === 0 ? `:${chain} ` : text] };
      }
      return step.kind === 'hook' && step.nat !== undefined ? { table: 'nat', words: [] } : undefined;
    case 'demultiplex': {
      if (step.connection !== undefined) return { table: 'sessions', words: [step.connection.source] };
      const { socket } = step;
      if (socket === undefined || (isComware && socket.protocol === 1)) return undefined;
      const peer = socket.destinationPort === 0 ? [] : [String(socket.destinationPort)];
      return { table: 'sockets', words: [socket.source, String(socket.sourcePort), ...peer] };
    }
    case 'because':
      if (step.of !== 'device' && (step.of !== 'mtu' || isComware)) return undefined;
      return { table: isComware ? 'interface' : 'addr', words: [String(step.facts.device)] };
    default:
      return undefined;
  }
}

function routeWords(step: RecordedStep & { kind: 'route' }, isComware: boolean): string[] {
  if (isComware) return [step.prefix];
  const { type, prefix, gateway, device, table } = step;
  return [
    prefix.replace(/\/32$/, ''),
    ...(type === 'unicast' ? [] : [type]),
    ...(gateway === '' ? [] : [`via ${gateway}`]),
    ...(device === '' ? [] : [`dev ${device}`]),
    ...(table === 'main' ? [] : [`table ${table}`]),
  ];
}

describe('the rows that decided', () => {
  it.each(FILES)('%s: every step that a table decided lights its row there, and no step another', (file) => {
    playMoments(scenarioOf(file), DECIDING, MOST, ({ step, snapshot }: Moment) => {
      const rows = lit(snapshot, [step]);
      const want = wanted(step);
      if (want === undefined) {
        // What belongs to a connection lights that, once it is entered.
        expect({
          step,
          other: rows.filter(({ table }) => !table.startsWith('conntrack') && table !== 'nat-session'),
        }).toEqual({ step, other: [] });
        return;
      }
      const there = rows.filter(({ table }) => table === want.table);
      expect({ step, count: there.length }).toEqual({ step, count: 1 });
      for (const word of want.words) expect(there[0]?.text).toContain(word);
      const place = decidingTable(snapshot, [step]);
      const table = tablesOf(snapshot).find(({ number }) => number === place?.table);
      expect(table?.name.en).toBe(want.table);
      expect(table?.lines[place?.line ?? -1]?.text).toBe(there[0]?.text);
    });
  });

  it('of another stack light none', () => {
    const moments: Moment[] = [];
    playMoments(scenarioOf('scenarios/whitepaper/fig11.yaml'), DECIDING, 3, (moment) => moments.push(moment));
    for (const { step } of moments) {
      const others = moments
        .filter(({ snapshot }) => lit(snapshot, [step]).length > 0)
        .map(({ step: one }) => one.place);
      expect(new Set(others.map(({ node }) => node)).size).toBeLessThanOrEqual(1);
    }
  });

  it('of a connection that is translated are its rule first, then its entry', () => {
    const seen: { by: string; tables: string[] }[] = [];
    playMoments(scenarioOf('scenarios/whitepaper/fig18.yaml'), ['hook', 'rewrite'], 50, ({ step, snapshot }) => {
      if (!step.component.startsWith('Comware ')) return;
      const tables = lit(snapshot, [step]).map(({ table }) => table);
      const open = tablesOf(snapshot).find(({ number }) => number === decidingTable(snapshot, [step])?.table);
      if (step.kind === 'hook' && step.nat !== undefined)
        seen.push({ by: step.by, tables: [open?.name.en ?? '', ...tables] });
    });
    expect(seen[0]).toEqual({
      by: 'nat static outbound 192.168.10.2 135.1.1.6',
      tables: ['nat', 'nat', 'nat-session'],
    });
  });
});

describe('the tables', () => {
  it.each(FILES.filter((file) => /fig|office|docker|mark/.test(file)))('%s: are what the tools print', (file) => {
    const world = playMoments(scenarioOf(file), [], 0, () => {});
    for (const stack of world.stacks()) {
      const snapshot = world.snapshot(stack);
      const text = new Map(
        tablesOf(snapshot).map(({ name, lines }) => [name.en, lines.map((line) => line.text).join('\n')]),
      );
      const shown = (table: Parameters<typeof showTable>[1]): string =>
        showTable(snapshot, table)
          .trimEnd()
          .split('\n')
          .map((line) => line.trimEnd())
          .join('\n');
      if (snapshot.comware === undefined) {
        const names = {
          'route all': 'route',
          rule: 'rule',
          addr: 'addr',
          iptables: 'iptables',
          conntrack: 'conntrack',
        } as const;
        for (const [asked, name] of Object.entries(names)) expect(text.get(name)).toBe(shown(asked as 'rule'));
        expect(text.get('sockets')).toBe(shown('socket'));
        expect(text.get('fdb') ?? '').toBe(text.has('fdb') ? shown('fdb') : '');
      } else {
        const names = {
          route: 'route',
          fib: 'fib',
          neigh: 'arp',
          nat: 'nat',
          'nat-session': 'nat-session',
          acl: 'acl',
        };
        for (const [asked, name] of Object.entries(names)) expect(text.get(name)).toBe(shown(asked as 'rule'));
      }
    }
  });

  it('keep their numbers, whatever is in them', () => {
    const world = playMoments(scenarioOf('scenarios/whitepaper/fig11.yaml'), [], 0, () => {});
    const names = world.stacks().map((stack) => {
      const tables = tablesOf(world.snapshot(stack)).map(({ number, name }) => `${number} ${name.en}`);
      return `${stack.title}: ${tables.join(' ')}`;
    });
    expect(names).toEqual([
      'device-a: 1 route 2 arp 3 interface 4 sockets 5 sessions 6 nat 7 nat-session 8 fib 9 acl',
      'device-a/comware: 1 route 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets',
      'device-a/host: 1 route 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets 8 fdb',
      ...['container1', 'container2', 'container3'].map(
        (name) => `device-a/${name}: 1 route 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets`,
      ),
      'router: 1 route 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets',
      'host-b: 1 route 2 rule 3 neigh 4 addr 5 iptables 6 conntrack 7 sockets',
    ]);
  });
});
