import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import type { RecordedStep } from '../../sim/packet/trace.ts';
import { questionPane } from '../../sim/walk/panes/question-pane.ts';
import type { Question } from '../../sim/walk/predict/question.ts';
import { NO_SCORE, questionAt, scored } from '../../sim/walk/predict.ts';
import { lineText, lineWidth } from '../../sim/walk/styled.ts';
import { contains, parseIpv4, parsePrefix } from '../../sim/wire/address.ts';
import { type Moment, playMoments, scenarioOf } from './panes/moments.ts';

const KINDS = ['rule', 'route', 'neighbour', 'bridge', 'hook', 'demultiplex', 'because'] as const;

const below = (folder: string): string[] =>
  readdirSync(join(PACKAGE_ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`);

const FILES = [...below('scenarios/whitepaper'), ...below('scenarios/linux'), ...below('test/judge/labs')];

function questionOf({ step, snapshot, world }: Moment): Question | undefined {
  return questionAt(step, snapshot, world.recorder?.stepsOf(step.packet).slice(0, -1) ?? []);
}

function questionsOf(file: string, most: number): { moment: Moment; question: Question | undefined }[] {
  const asked: { moment: Moment; question: Question | undefined }[] = [];
  playMoments(scenarioOf(file), KINDS, most, (moment) => asked.push({ moment, question: questionOf(moment) }));
  return asked;
}

/** What the right answer must say, by the step itself. */
function answerWords(step: RecordedStep): readonly string[] {
  const isComware = step.component.startsWith('Comware ');
  switch (step.kind) {
    case 'route':
      if (step.type === 'none') return ['no route'];
      if (step.type === 'local') return ['this stack itself'];
      if (step.type === 'broadcast') return ['a broadcast'];
      if (!['unicast', 'gateway', 'direct'].includes(step.type)) return ['nowhere'];
      return [`out by ${step.device}`, ...(step.gateway === '' ? ['straight to it'] : [step.gateway])];
    case 'rule':
      return [`${step.priority}: ${step.rule}`];
    case 'neighbour':
      return [step.mac === '' ? 'held back' : 'sent at once'];
    case 'bridge':
      return [{ forward: `port ${step.port}`, flood: 'to all ports', local: 'up' }[step.decision]];
    case 'hook':
      if (step.rule !== undefined) return [step.rule.number === 0 ? 'the policy' : step.rule.text];
      return [step.by === 'session' ? 'session' : step.by === 'no rule' ? 'no rule' : (step.nat?.list ?? '')];
    case 'demultiplex':
      if (isComware && ['host', 'Inet stack'].includes(step.to))
        return [step.to === 'host' ? 'the host' : 'Inet stack'];
      return [`${step.socket?.source}:${step.socket?.sourcePort}`];
    default:
      return ['nobody'];
  }
}

/** Decisions that must be asked about: nothing else has something to choose from for certain. */
function mustAsk({ step, snapshot }: Moment): boolean {
  if (step.kind === 'hook')
    return step.rule !== undefined && step.rule.number > 0 && /-j (DROP|ACCEPT)/.test(step.rule.text);
  if (step.kind === 'because') return false;
  if (step.kind === 'demultiplex') return step.socket !== undefined && snapshot.comware === undefined;
  return true;
}

/** A route is said to have the longest prefix that matches where it has, of as many as there are. */
function checkLongest({ step, snapshot }: Moment, { why }: Question): void {
  if (step.kind !== 'route' || step.table === 'FIB' || !/longest of|only prefix/.test(why.en)) return;
  const destination = parseIpv4(step.destination) ?? 0;
  const isRuled = snapshot.namespace.rule.length > 3;
  const lengths = snapshot.namespace.route
    .filter(({ table = 'main' }) => (isRuled ? table === step.table : table === 'local' || table === 'main'))
    .flatMap(({ dst }) => {
      const prefix = parsePrefix(dst === 'default' ? '0.0.0.0/0' : dst.includes('/') ? dst : `${dst}/32`);
      return prefix !== undefined && contains(prefix, destination) ? [prefix.length] : [];
    });
  const own = step.prefix === 'default' ? 0 : Number(step.prefix.split('/')[1]);
  const told = Number(/longest of (\d+)/.exec(why.en)?.[1] ?? 1);
  expect({ step, own, told }).toEqual({ step, own: Math.max(...lengths), told: new Set(lengths).size });
}

describe('a question before a decision', () => {
  /** `route 2`: where right answers stood. */
  const places = new Set<string>();

  it.each(FILES)('%s: has two to six answers, one of them what the code then does', (file) => {
    for (const { moment, question } of questionsOf(file, 8)) {
      const { step } = moment;
      if (question === undefined) {
        expect({ step, must: mustAsk(moment) }).toEqual({ step, must: false });
        continue;
      }
      const { options, right } = question;
      expect(options.length).toBeGreaterThanOrEqual(2);
      expect(options.length).toBeLessThanOrEqual(6);
      for (const language of ['en', 'zh'] as const) {
        expect(new Set(options.map((one) => one[language])).size).toBe(options.length);
      }
      for (const word of answerWords(step)) expect(options[right]?.en).toContain(word);
      checkLongest(moment, question);
      places.add(`${step.kind} ${right}`);
    }
  });

  it('has the right answer at no place of its own', () => {
    for (const kind of ['rule', 'route', 'bridge', 'neighbour', 'hook', 'demultiplex']) {
      const own = [...places].filter((one) => one.startsWith(`${kind} `));
      expect({ kind, several: own.length > 1 }).toEqual({ kind, several: true });
    }
  });

  it('is the same each time', () => {
    const texts = (): string =>
      JSON.stringify(questionsOf('test/judge/labs/05-docker.yaml', 10).map((one) => one.question));
    expect(texts()).toBe(texts());
  });

  it('of a closed port has the sockets that are open, and nobody', () => {
    const asked = questionsOf('scenarios/whitepaper/fig10.yaml', 30).flatMap(({ question }) => question ?? []);
    const closed = asked.find(({ step }) => step.kind === 'because');
    expect(closed?.options.map(({ en }) => en)).toEqual([
      '0.0.0.0:50051 UNCONN telemetry',
      'nobody: the port is closed',
    ]);
    expect(closed?.right).toBe(1);
  });
});

describe('the score', () => {
  it('counts what was asked, what was right, and right ones in a row', () => {
    const answers = [true, true, false, true];
    expect(answers.reduce(scored, NO_SCORE)).toEqual({ asked: 4, right: 3, streak: 1 });
  });
});

describe('the pane of a question', () => {
  const asked = [
    'scenarios/whitepaper/fig11.yaml',
    'scenarios/whitepaper/fig18.yaml',
    'test/judge/labs/05-docker.yaml',
  ].flatMap((file) => questionsOf(file, 6).flatMap(({ question }) => question ?? []));
  const shown = (...given: Parameters<typeof questionPane>): string =>
    questionPane(...given)
      .map((line) => lineText(line).trimEnd())
      .join('\n');
  const route = asked.find(
    ({ step }) => step.kind === 'route' && step.place.title === 'device-a/container3',
  ) as Question;

  it('asks, and when it is revealed tells what happened and why', () => {
    expect(`\n${shown(route, undefined, false, 'en', { width: 70, height: 8 })}\n`).toBe(`
? Which way does device-a/container3 send what is for 203.0.113.10?
  1  out by eth0, to the next hop 1.1.1.200
  2  out by eth0, straight to it
  3  up: it is for this stack itself
  4  a broadcast: for everybody on the link
  5  nowhere: no route, dropped

press the number of your answer
`);
    const score = { asked: 3, right: 2, streak: 0 };
    expect(`\n${shown(route, 4, true, 'en', { width: 70, height: 11 }, score)}\n`).toBe(`
? Which way does device-a/container3 send what is for 203.0.113.10?
✓ 1  out by eth0, to the next hop 1.1.1.200
  2  out by eth0, straight to it
  3  up: it is for this stack itself
  4  a broadcast: for everybody on the link
✗ 5  nowhere: no route, dropped

✗ not so
route to 203.0.113.10: default via 1.1.1.200 dev eth0 (table main)
default via 1.1.1.200 dev eth0: the only prefix that matches
2 of 3 right, 0 in a row
`);
  });

  it('leaves out what nobody chose where there is no room', () => {
    expect(`\n${shown(route, 0, true, 'zh', { width: 70, height: 6 })}\n`).toBe(`
? device-a/container3 把去往 203.0.113.10 的报文送往哪里？
✓ 1  从 eth0 发出，下一跳 1.1.1.200
✓ 正确
route to 203.0.113.10: default via 1.1.1.200 dev eth0 (table main)
default via 1.1.1.200 dev eth0：唯一匹配的前缀

`);
  });

  it('is exactly as large as asked (law)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...asked),
        fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
        fc.boolean(),
        fc.constantFrom('en' as const, 'zh' as const),
        fc.integer({ min: 0, max: 140 }),
        fc.integer({ min: 0, max: 30 }),
        fc.boolean(),
        (question, chosen, revealed, language, width, height, counts) => {
          const score = counts ? { asked: 12, right: 7, streak: 3 } : undefined;
          const lines = questionPane(question, chosen, revealed, language, { width, height }, score);
          expect(lines.length).toBe(height);
          for (const line of lines) expect(lineWidth(line)).toBe(width);
        },
      ),
      { numRuns: 300 },
    );
  });
});
