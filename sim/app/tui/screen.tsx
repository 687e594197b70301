import { Text, useStdout } from 'ink';
import { createContext, type ReactElement, useContext, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { type Line, lineText, type Size } from '../../walk/styled.ts';

/** How lines become text on this terminal, and who takes them row by row; without one they are Ink's to draw. */
export interface Drawing {
  readonly paint: (line: Line) => string;
  readonly show: ((rows: readonly string[]) => void) | undefined;
}

export const DrawingContext = createContext<Drawing>({ paint: lineText, show: undefined });

/**
 * A whole screen of lines that have been made to fit. A terminal takes the rows as they are: Ink would take every character
 * apart to put the same ones together again, which takes longer than everything else.
 */
export function Frame({ lines }: { readonly lines: readonly Line[] }): ReactElement | null {
  const { paint, show } = useContext(DrawingContext);
  const rows = useMemo(() => lines.map(paint), [lines, paint]);
  useLayoutEffect(() => show?.(rows), [rows, show]);
  return show === undefined ? <Text wrap="truncate">{rows.join('\n')}</Text> : null;
}

/** Of a terminal that says nothing about itself. */
const USUAL: Size = { width: 80, height: 24 };
/** What can be laid out at all. */
const LEAST: Size = { width: 20, height: 8 };

/** The size of the terminal, as it is now. */
export function useSize(): Size {
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => sizeOf(stdout));
  useEffect(() => {
    const resized = (): void => setSize(sizeOf(stdout));
    stdout.on('resize', resized);
    return () => {
      stdout.off('resize', resized);
    };
  }, [stdout]);
  return size;
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return {
    width: Math.max(LEAST.width, columns || USUAL.width),
    height: Math.max(LEAST.height, rows || USUAL.height),
  };
}
