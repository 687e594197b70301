import { useEffect, useRef, useState } from 'react';

/** Milliseconds of work between two looks at the keyboard, and between two looks at what grows. */
const SLICE = 8;
const REFRESH = 200;

/** Something that is done a slice at a time. */
export interface Work {
  /** Does a slice; false when there is nothing to do. */
  work(): boolean;
  /** Something that is shown is not there yet. */
  isWaiting(): boolean;
}

/**
 * Works while there is something to do, between keys and frames. The number it gives changes whenever there is something new
 * to show: what was waited for is there, the work is done, or a while has passed.
 */
export function useWork(work: Work): number {
  const [version, setVersion] = useState(0);
  const latest = useRef(work);
  latest.current = work;
  const running = useRef<NodeJS.Immediate | undefined>(undefined);
  // After every rendering: it may have asked for something.
  useEffect(() => {
    if (running.current !== undefined) return;
    let shown = performance.now();
    let hasWorked = false;
    const slice = (): void => {
      const waited = latest.current.isWaiting();
      const until = performance.now() + SLICE;
      let isBusy = true;
      try {
        while (isBusy && performance.now() < until) {
          isBusy = latest.current.work();
          hasWorked ||= isBusy;
        }
      } catch (error) {
        // Thrown where it is rendered, it ends the program in good order.
        running.current = undefined;
        setVersion(() => {
          throw error;
        });
        return;
      }
      running.current = isBusy ? setImmediate(slice) : undefined;
      const hasCome = waited && !latest.current.isWaiting();
      const isLate = performance.now() - shown > REFRESH;
      if (!hasCome && !(isBusy ? isLate : hasWorked)) return;
      shown = performance.now();
      setVersion((one) => one + 1);
    };
    running.current = setImmediate(slice);
  });
  useEffect(
    () => () => {
      if (running.current !== undefined) clearImmediate(running.current);
      running.current = undefined;
    },
    [],
  );
  return version;
}
