import { visible } from '../../show/problem-excerpt.ts';
import { stepText } from '../../show/step-text.ts';
import { wrapText } from '../../show/wrap.ts';
import type { Question } from '../predict/question.ts';
import type { Score } from '../predict.ts';
import { fitBlock, type Language, type Line, type Size, span, type Tone } from '../styled.ts';

const WORDS = {
  choose: { en: 'press the number of your answer', zh: '按数字键作答' },
  right: { en: 'right', zh: '正确' },
  wrong: { en: 'not so', zh: '不对' },
  shown: { en: 'what happened', zh: '实际结果' },
  score: {
    en: ({ asked, right, streak }: Score): string => `${right} of ${asked} right, ${streak} in a row`,
    zh: ({ asked, right, streak }: Score): string => `答对 ${right}/${asked}，连对 ${streak}`,
  },
} as const;

/** Widest that a text is set, so that it can still be read. */
const MEASURE = 100;
/** What stands before the text of an option: a mark, its number, blanks. */
const INDENT = 5;

/**
 * A question with its numbered answers; revealed, with the right one marked, what the code said, and why. Where there is
 * no room for everything then, the answers that nobody chose go first.
 */
export function questionPane(
  question: Question,
  chosen: number | undefined,
  revealed: boolean,
  language: Language,
  size: Size,
  score?: Score,
): Line[] {
  const width = Math.min(size.width, MEASURE);
  const all = question.options.map((_, index) => index);
  const head = wrapped(`? ${question.prompt[language]}`, width, 'strong');
  const tail = revealed ? [...outcome(question, chosen, language, width)] : [[span(WORDS.choose[language], 'quiet')]];
  const count: Line[] = score === undefined ? [] : [[span(WORDS.score[language](score), 'quiet')]];
  const build = (shown: readonly number[], gap: readonly Line[]): Line[] => [
    ...head,
    ...shown.flatMap((index) => option(question, index, { chosen, revealed, language, width })),
    ...gap,
    ...tail,
    ...count,
  ];
  const whole = build(all, [[]]);
  if (whole.length <= size.height) return fitBlock(whole, size);
  const needed = revealed ? all.filter((index) => index === chosen || index === question.right) : all;
  return fitBlock(build(needed, []), size);
}

interface Showing {
  readonly chosen: number | undefined;
  readonly revealed: boolean;
  readonly language: Language;
  readonly width: number;
}

function option(question: Question, index: number, { chosen, revealed, language, width }: Showing): Line[] {
  const isRight = index === question.right;
  const isChosen = index === chosen;
  const mark = !revealed ? (isChosen ? '›' : ' ') : isRight ? '✓' : isChosen ? '✗' : ' ';
  const tone: Tone = !revealed ? (isChosen ? 'strong' : 'plain') : isRight ? 'good' : isChosen ? 'bad' : 'quiet';
  const lines = wrapText(visible(question.options[index]?.[language] ?? ''), width - INDENT);
  return lines.map((text, line) =>
    line === 0
      ? [span(`${mark} `, tone), span(String(index + 1), 'key'), span(`  ${text}`, tone)]
      : [span(' '.repeat(INDENT)), span(text, tone)],
  );
}

function outcome(question: Question, chosen: number | undefined, language: Language, width: number): Line[] {
  const isRight = chosen === question.right;
  const verdict = chosen === undefined ? WORDS.shown : isRight ? WORDS.right : WORDS.wrong;
  const mark = chosen === undefined ? '' : isRight ? '✓ ' : '✗ ';
  const tone: Tone = chosen === undefined ? 'strong' : isRight ? 'good' : 'bad';
  return [
    [span(`${mark}${verdict[language]}`, tone)],
    ...wrapped(stepText(question.step), width, 'strong'),
    ...wrapped(question.why[language], width, 'plain'),
  ];
}

function wrapped(text: string, width: number, tone: Tone): Line[] {
  return wrapText(visible(text), width).map((line) => [span(line, tone)]);
}
