import { useMemo } from 'react';
import { wrapText } from '../../show/wrap.ts';
import { type Choice, choicesAt } from '../../walk/change-menu.ts';
import { helpLines, overlayBlock } from '../../walk/screen.ts';
import type { WalkState } from '../../walk/state.ts';
import { accountAt, storyLines } from '../../walk/story.ts';
import { fitLine, type Language, type Line, line, type Size, span } from '../../walk/styled.ts';
import type { View } from '../../walk/view.ts';
import { TEXT } from '../../walk/words.ts';
import { reportText } from '../cli/report-text.ts';
import { PLAIN } from '../cli/terminal.ts';
import type { RemedyTask } from './remedy-worker.ts';
import { useRemedies } from './use-remedies.ts';

const WORDS = {
  looking: { en: 'looking for a change that would let it pass ...', zh: '正在寻找能让它通过的修改……' },
  remedies: { en: 'What would have let it pass (each was tried):', zh: '怎样修改才能通过（每条都试过）：' },
  change: {
    en: 'Change what? Choose, or type as for cutaway diff: gw: net.ipv4.ip_forward=0',
    zh: '修改什么？选择，或者输入：gw: net.ipv4.ip_forward=0',
  },
  undo: { en: 'take back all changes', zh: '撤销所有修改' },
  filter: {
    en: 'Show only what an expression of tcpdump lets pass (icmp, host 10.0.0.1, port 80, not arp); empty: all',
    zh: '只显示tcpdump表达式匹配的报文（icmp、host 10.0.0.1、port 80、not arp）；空：全部',
  },
} as const;

/** What lies over the diagram and the panes, as long as something is open; `told`: what a change made of the flows. */
export function useOverlay(view: View, language: Language, size: Size, told: readonly string[]): readonly Line[] {
  const { state } = view;
  const remedies = useRemedies(state.overlay === 'explain' ? taskOf(view) : undefined);
  return useMemo(() => {
    if (view.state.overlay === undefined) return [];
    const lines = linesOf(view, language, size.width, told, remedies);
    return overlayBlock(lines, scrollOf(view.state, size), language, size);
  }, [view, language, size, told, remedies]);
}

/** A list is scrolled by what is chosen in it. */
function scrollOf(state: WalkState, { height }: Size): number {
  return state.overlay === 'change' ? Math.max(0, state.choice + 3 - Math.floor(height / 2)) : state.scroll;
}

function linesOf(
  view: View,
  language: Language,
  width: number,
  told: readonly string[],
  remedies: readonly string[] | undefined,
): Line[] {
  switch (view.state.overlay) {
    case 'explain':
      return explained(view, language, width, remedies);
    case 'compare':
      return compared(view, language, width);
    case 'change':
      return changeLines(view, language, width);
    case 'filter':
      return asked(view.state, WORDS.filter[language], width);
    case 'message':
      return told.flatMap((text) => wrapped(text, width));
    default:
      return helpLines(language);
  }
}

function explained(view: View, language: Language, width: number, remedies: readonly string[] | undefined): Line[] {
  const story = storyLines(view, accountAt(view), language).flatMap((text) => wrapped(text, width));
  if (taskOf(view) === undefined) return story;
  if (remedies === undefined) return [...story, [], line(WORDS.looking[language], 'quiet')];
  return [...story, [], line(WORDS.remedies[language], 'title'), ...remedies.flatMap((text) => wrapped(text, width))];
}

/** A search, where the request failed that is looked at. */
function taskOf(view: View): RemedyTask | undefined {
  const told = accountAt(view);
  if (told === undefined || typeof told === 'string') return undefined;
  const { verdict, silence } = told.account;
  if (verdict === 'DELIVERED' && silence === '') return undefined;
  const { topology, play, changes } = view.tape.reel;
  return { topology, play, changes, step: told.outcome.index };
}

function compared({ tape }: View, language: Language, width: number): Line[] {
  if (!tape.isDone) return [line(TEXT.notEnded[language], 'quiet')];
  const report = tape.report();
  if (report === undefined) return [line(TEXT.tooLong[language], 'quiet')];
  return reportText(report, PLAIN)
    .trimEnd()
    .split('\n')
    .flatMap((text) => wrapped(text, width));
}

/** The choices of the place that is looked at, the chosen one marked; what is typed goes before them. */
function changeLines(view: View, language: Language, width: number): Line[] {
  const { state } = view;
  const choices = changesAt(view, language);
  const rows = choices.map(({ text }, index): Line => {
    const isChosen = state.input === '' && index === state.choice;
    return fitLine([span(isChosen ? '▶ ' : '  ', 'key'), span(text, isChosen ? 'lit' : 'plain')], width);
  });
  return [...asked(state, WORDS.change[language], width), [], ...rows];
}

/** Taking back what was changed is offered first, where something was. */
export function changesAt(view: View, language: Language): readonly Choice[] {
  const undo = view.state.changes.length === 0 ? [] : [{ text: WORDS.undo[language], change: undefined }];
  return [...undo, ...choicesAt(view)];
}

function asked({ input, inputFault }: WalkState, question: string, width: number): Line[] {
  return [
    ...wrapText(question, width).map((text) => line(text, 'title')),
    [span('> ', 'key'), span(input), span('▏', 'lit')],
    ...(inputFault === '' ? [] : wrapText(`✗ ${inputFault}`, width).map((text) => line(text, 'bad'))),
  ];
}

/** Verdicts are told by their marks, and shown in their tones. */
function wrapped(text: string, width: number): Line[] {
  const tone = /✗|FAILED|DROPPED|died|REJECTED/.test(text) ? 'bad' : /✓|PASSED|DELIVERED/.test(text) ? 'good' : 'plain';
  const indent = /^ */.exec(text)?.[0] ?? '';
  return wrapText(text.trimStart(), Math.max(10, width - indent.length)).map((part) => line(indent + part, tone));
}
