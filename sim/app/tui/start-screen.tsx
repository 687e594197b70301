import { type ReactElement, useRef, useState } from 'react';
import { type Entry, matching, startScreen } from '../../walk/start.ts';
import type { Language } from '../../walk/styled.ts';
import { typed } from './input.ts';
import { Frame, useSize } from './screen.tsx';
import { useKeys } from './use-keys.ts';
import { useWork } from './use-work.ts';
import type { Verdicts } from './verdicts.ts';

/** Entries that PgUp and PgDn go over. */
const PAGE = 10;

export interface StartProps {
  readonly entries: readonly Entry[];
  readonly verdicts: Verdicts;
  readonly language: Language;
  /** The entry that was open before. */
  readonly chosen: number;
  readonly fault: string;
  readonly onOpen: (entry: Entry) => void;
  readonly onLeave: () => void;
}

/** Everything that can be walked, each with a verdict from a run that is made while one looks. */
export function StartScreen(props: StartProps): ReactElement {
  const { entries, verdicts, language, onOpen, onLeave } = props;
  const size = useSize();
  const [state, setState] = useState({ chosen: props.chosen, text: '' });
  const latest = useRef(state);
  const shown = useRef(0);
  shown.current = verdicts.changes;
  useWork({ work: () => verdicts.work(), isWaiting: () => verdicts.changes === shown.current });
  useKeys((input, key) => {
    const { chosen, text } = latest.current;
    const shown = matching(entries, text);
    const to = (next: typeof state): void => {
      latest.current = next;
      setState(next);
    };
    const move = (by: number): void => to({ text, chosen: Math.max(0, Math.min(shown.length - 1, chosen + by)) });
    if (key.upArrow) move(-1);
    else if (key.downArrow) move(1);
    else if (key.pageUp) move(-PAGE);
    else if (key.pageDown) move(PAGE);
    else if (key.home) move(-entries.length);
    else if (key.end) move(entries.length);
    else if (key.return || key.rightArrow) {
      const entry = shown[chosen];
      if (entry !== undefined) onOpen(entry);
    } else if (key.escape) {
      if (text === '') onLeave();
      else to({ chosen: 0, text: '' });
    } else if (input === 'q' && text === '') onLeave();
    else {
      const now = typed(text, input, key);
      if (now !== text) to({ chosen: 0, text: now });
    }
  });
  const lines = startScreen(entries, verdicts.all, { ...state, fault: props.fault }, language, size);
  return <Frame lines={lines} />;
}
