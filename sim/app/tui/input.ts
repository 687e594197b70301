import type { Key } from 'ink';

/** A line that is typed: what a key makes of it. */
export function typed(text: string, input: string, key: Key): string {
  if (key.backspace || key.delete) return [...text].slice(0, -1).join('');
  if (key.ctrl && input === 'u') return '';
  if (key.ctrl || key.meta || key.escape || key.tab || key.return) return text;
  // What is pasted may hold anything: only what can be seen is taken.
  return text + input.replace(/\p{Cc}/gu, '');
}
