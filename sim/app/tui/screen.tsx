import { Text, useStdout } from 'ink';
import { createContext, type ReactElement, useContext, useEffect, useState } from 'react';
import type { Line, Size } from '../../walk/styled.ts';

/** How lines become text on this terminal. */
export const Paint = createContext<(line: Line) => string>((line) => line.map(({ text }) => text).join(''));

/** Lines as they are: they have been made to fit. */
export function Lines({ lines }: { readonly lines: readonly Line[] }): ReactElement | null {
  const paint = useContext(Paint);
  if (lines.length === 0) return null;
  return <Text wrap="truncate">{lines.map(paint).join('\n')}</Text>;
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
