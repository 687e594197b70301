import { render } from 'ink';
import type { Entry } from '../../walk/start.ts';
import type { WalkState } from '../../walk/state.ts';
import type { Language } from '../../walk/styled.ts';
import { App, type Shelf } from './app.tsx';
import { depthOf, painter } from './paint.ts';
import { DrawingContext } from './screen.tsx';
import { takeScreen } from './screen-mode.ts';

export interface TerminalWalk {
  readonly shelf: Shelf;
  /** The entry to begin with; undefined: with the list. */
  readonly first: Entry | undefined;
  readonly language: Language;
  readonly filter: WalkState['filter'];
}

/** As a shell tells of a program that SIGINT has ended. */
const INTERRUPTED = 130;

/** Runs the walkthrough until it is left, and gives the terminal back as it was. Throws what went wrong in it. */
export async function walkOnTerminal({ shelf, first, language, filter }: TerminalWalk): Promise<void> {
  const screen = takeScreen(process.stdout, process.stdin);
  try {
    const drawing = { paint: painter(depthOf(process.env)), show: screen.show };
    const app = render(
      <DrawingContext.Provider value={drawing}>
        <App
          {...{ shelf, first, language, filter }}
          onLeave={() => app.unmount()}
          onInterrupt={() => {
            process.exitCode = INTERRUPTED;
            app.unmount();
          }}
        />
      </DrawingContext.Provider>,
      // Ink hears the keys and keeps the components; what they show goes to the screen itself.
      { debug: true, exitOnCtrlC: false, patchConsole: false, stdout: screen.silent },
    );
    await app.waitUntilExit();
  } finally {
    screen.leave();
  }
}
