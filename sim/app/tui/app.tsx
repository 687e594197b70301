import { useInput } from 'ink';
import { type ReactElement, useMemo, useState } from 'react';
import { finish } from '../../core/finish.ts';
import { buildReel, type Reel } from '../../walk/reel.ts';
import type { Entry } from '../../walk/start.ts';
import type { WalkState } from '../../walk/state.ts';
import type { Language, Words } from '../../walk/styled.ts';
import { Tape } from '../../walk/tape.ts';
import { TEXT } from '../../walk/words.ts';
import { type Change, changeText } from '../../whatif/change.ts';
import { diffOf } from '../../whatif/diff.ts';
import { diffText } from '../cli/diff-text.ts';
import { PLAIN } from '../cli/terminal.ts';
import { resultsOf, writeResults } from '../results.ts';
import { StartScreen } from './start-screen.tsx';
import { Verdicts } from './verdicts.ts';
import { WalkScreen } from './walk-screen.tsx';

/** What can be opened, and how. */
export interface Shelf {
  readonly entries: readonly Entry[];
  /** The reel of an entry, or the sentence of what is wrong with its file. */
  open(entry: Entry): Reel | string;
}

export interface AppProps {
  readonly shelf: Shelf;
  /** The entry to begin with; undefined: with the list. */
  readonly first: Entry | undefined;
  readonly language: Language;
  /** That the first entry begins with. */
  readonly filter: WalkState['filter'];
  readonly onLeave: () => void;
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
}

interface Opened {
  readonly entry: Entry;
  readonly tape: Tape;
  readonly told: readonly string[];
  readonly initial: Partial<WalkState>;
  /** Counts the tapes that were opened. */
  readonly serial: number;
}

/** The list of what can be walked, and the walk. */
export function App({ shelf, first, language, filter, onLeave, onInterrupt }: AppProps): ReactElement {
  useInput((input, key) => {
    if (key.ctrl && input === 'c') onInterrupt();
  });
  const verdicts = useMemo(
    () =>
      new Verdicts(shelf.entries, (entry) => {
        const reel = shelf.open(entry);
        return typeof reel === 'string' ? undefined : reel;
      }),
    [shelf],
  );
  const [fault, setFault] = useState('');
  const [chosen, setChosen] = useState(first);
  const [opened, setOpened] = useState<Opened | undefined>(() => (first === undefined ? undefined : open(first)));

  function open(entry: Entry): Opened | undefined {
    const reel = shelf.open(entry);
    if (typeof reel !== 'string')
      return {
        entry,
        tape: new Tape(reel),
        told: [],
        initial: { filter: entry === first ? filter : undefined },
        serial: 0,
      };
    setFault(reel);
    return undefined;
  }

  if (opened === undefined) {
    return (
      <StartScreen
        entries={shelf.entries}
        verdicts={verdicts}
        language={language}
        chosen={Math.max(0, shelf.entries.indexOf(chosen as Entry))}
        fault={fault}
        onOpen={(entry) => {
          setFault('');
          setChosen(entry);
          setOpened(open(entry));
        }}
        onLeave={onLeave}
      />
    );
  }
  const { entry, tape } = opened;
  return (
    <WalkScreen
      key={`${entry.key} ${opened.serial}`}
      tape={tape}
      name={entry.name}
      language={language}
      initial={opened.initial}
      told={opened.told}
      onLeave={() => (shelf.entries.length > 1 ? setOpened(undefined) : onLeave())}
      onChange={(changes, state) => {
        const after = changed(opened, changes, state, language);
        if (typeof after === 'string') return after;
        setOpened(after);
        return undefined;
      }}
      onWrite={() => written(tape)}
    />
  );
}

/** The same with other changes, told what they make of each step that asks something; or why it cannot be. */
function changed(
  { entry, tape, serial }: Opened,
  changes: readonly Change[],
  state: WalkState,
  language: Language,
): Opened | string {
  const reel = { ...tape.reel, changes };
  const built = buildReel(reel, { trace: false, capture: false });
  if ('fault' in built) return built.fault.message;
  const { topology, play } = reel;
  const side = (made: readonly Change[]) => ({
    topology,
    seed: play.seed,
    scenario: { ...play, topology },
    changes: made,
  });
  const made = changes.map(changeText);
  const told = [...made, ...(made.length === 0 ? [] : [''])];
  // Both are run whole, while nobody can press a key.
  if (tape.isWhole) {
    const diff = diffOf(side(tape.reel.changes), side(changes), { asked: [], limit: MOST_COMPARED });
    if ('fault' in diff) return diff.fault.message;
    told.push(...diffText(diff, PLAIN).trimEnd().split('\n'));
  } else told.push(TEXT.tooLong[language]);
  const { all, predicting, speed, pane } = state;
  const initial: Partial<WalkState> = { all, predicting, speed, pane, changes, overlay: 'message' };
  return { entry, tape: new Tape(reel), told, initial, serial: serial + 1 };
}

const MOST_COMPARED = 300;

/** Writes what `cutaway run` would, and says where. */
function written(tape: Tape): Words {
  const report = tape.report();
  if (report === undefined) return tape.isDone ? TEXT.tooLong : TEXT.notEnded;
  try {
    const results = finish(resultsOf(tape.world, { merge: false, classic: false, filter: undefined }));
    const { folder, captures, tables } = writeResults(results, report, { out: 'out', withProfile: true });
    return {
      en: `${captures.length} captures and ${tables.length} tables written to ${folder}`,
      zh: `${captures.length} 个抓包文件和 ${tables.length} 张表已写到 ${folder}`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { en: `cannot write: ${why}`, zh: `无法写入：${why}` };
  }
}
