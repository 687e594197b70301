import type { RecordedStep } from '../../packet/trace.ts';
import { stepText } from '../../show/step-text.ts';
import { wrapText } from '../../show/wrap.ts';
import { fitBlock, type Language, type Line, line, type Size, span } from '../styled.ts';
import type { Moment, View } from '../view.ts';
import { TEXT } from '../words.ts';

const WORDS = {
  paper: { en: 'paper', zh: '白皮书' },
  figure: { en: 'figure', zh: '图' },
  step: { en: 'step', zh: '步骤' },
  silent: { en: 'The paper says nothing of this packet.', zh: '白皮书没有提到这个报文。' },
  extra: { en: 'not named in the figure', zh: '图中未画出' },
  there: { en: 'request', zh: '请求' },
  back: { en: 'reply', zh: '应答' },
} as const;

/** What was decided in this box, beside what the paper says happens here. */
export function herePane(view: View, language: Language, size: Size): Line[] {
  if (view.details === undefined) return fitBlock([line(TEXT.reading[language], 'quiet')], size);
  const decisions = view.here.flatMap((step, index) => stepLines(step, index === view.here.length - 1, size.width));
  const lines = [...decisions, ...paperLines(view, language, size.width)];
  const down = Math.max(0, Math.min(view.state.pane === 'here' ? view.state.scroll : 0, lines.length - size.height));
  return fitBlock(lines.slice(down), size);
}

function stepLines(step: RecordedStep, isLast: boolean, width: number): Line[] {
  const isDrop = step.kind === 'drop';
  const tone = isDrop ? 'bad' : isLast ? 'lit' : 'plain';
  const mark = isDrop ? '✗' : isLast ? '▶' : '·';
  const rows = wrapText(stepText(step), Math.max(8, width - 2));
  const text = rows.map((row, index): Line => [span(index === 0 ? `${mark} ` : '  ', tone), span(row, tone)]);
  return isLast ? [...text, [span('  '), span(`${step.component}: ${step.function}`, 'quiet')]] : text;
}

/** The numbered step of the figure in both languages. */
export function paperLines({ paper, isFigure, station }: Moment, language: Language, width: number): Line[] {
  if (paper === undefined) return isFigure ? [[], line(WORDS.silent[language], 'quiet')] : [];
  const { flow, leg, step } = paper;
  const where = `${WORDS.paper[language]}: ${WORDS.figure[language]} ${flow.figure}, ${WORDS[leg === 'request' ? 'there' : 'back'][language]}`;
  const texts = language === 'zh' ? [step.quote, step.text] : [step.text, step.quote];
  const wrapped = texts.filter((text) => text !== '').flatMap((text) => wrapText(text, Math.max(8, width - 2)));
  return [
    [],
    [span(`${where} `, 'title'), span(`${WORDS.step[language]} ${step.number}`, 'strong')],
    ...wrapped.map((text): Line => [span('│ ', 'quiet'), span(text)]),
    ...(step.extra.includes(station) ? [line(`  (${WORDS.extra[language]})`, 'quiet')] : []),
  ];
}
