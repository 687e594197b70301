import type { SysctlValue } from '../kernel/sysctl.ts';
import type { WordReader } from './word-reader.ts';

export interface SysctlWrite {
  readonly object: 'sysctl';
  readonly settings: readonly { readonly key: string; readonly value: SysctlValue }[];
}

const FLAGS = ['-w', '--write', '-q', '--quiet', '-qw', '-wq'];

/** What follows `sysctl`: settings `KEY=VALUE`, as procps writes them. */
export function readSysctlWrite(words: WordReader): SysctlWrite {
  const settings: { key: string; value: SysctlValue }[] = [];
  while (words.takeIf(...FLAGS));
  if (words.done) words.incomplete('no setting given', 'write sysctl -w KEY=VALUE');
  while (!words.done) settings.push(readSetting(words));
  return { object: 'sysctl', settings };
}

function readSetting(words: WordReader): { key: string; value: SysctlValue } {
  const text = words.take();
  const [, key = '', value = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(text) ?? [];
  if (key === '') words.wrong(`"${text}" has invalid syntax`, 'write KEY=VALUE without blanks');
  const numbers = value.trim().split(/\s+/);
  if (!numbers.every((number) => /^-?\d{1,10}$/.test(number))) {
    words.wrong(`setting key "${key}": Invalid argument`, 'values are whole numbers');
  }
  return { key, value: numbers.length === 1 ? Number(numbers[0]) : numbers.map(Number) };
}
