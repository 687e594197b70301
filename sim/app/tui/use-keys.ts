import { type Key, useInput } from 'ink';

/**
 * As useInput(), a key at a time: what is typed fast, or pasted, comes as one text, and a line end in it is Enter.
 */
export function useKeys(handle: (input: string, key: Key) => void): void {
  useInput((input, key) => {
    if ([...input].length < 2) {
      handle(input, key);
      return;
    }
    for (const one of input.replaceAll('\r\n', '\n')) {
      const isEnd = one === '\r' || one === '\n';
      handle(isEnd ? '' : one, isEnd ? { ...key, return: true } : key);
    }
  });
}
