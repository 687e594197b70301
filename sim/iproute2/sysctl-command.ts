import type { WordReader } from './word-reader.ts';

export interface SysctlWrite {
  readonly object: 'sysctl';
  readonly settings: readonly { readonly key: string; readonly value: number }[];
}

const FLAGS = ['-w', '--write', '-q', '--quiet', '-qw', '-wq'];

/** What follows `sysctl`: settings `KEY=VALUE`, as procps writes them. */
export function readSysctlWrite(words: WordReader): SysctlWrite {
  const settings: { key: string; value: number }[] = [];
  while (words.takeIf(...FLAGS));
  if (words.done) words.incomplete('no setting given', 'write sysctl -w KEY=VALUE');
  while (!words.done) settings.push(readSetting(words));
  return { object: 'sysctl', settings };
}

function readSetting(words: WordReader): { key: string; value: number } {
  const text = words.take();
  const [, key = '', value = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(text) ?? [];
  if (key === '') words.wrong(`"${text}" has invalid syntax`, 'write KEY=VALUE without blanks');
  else if (!/^-?\d{1,10}$/.test(value.trim()))
    words.wrong(`setting key "${key}": Invalid argument`, 'values are whole numbers');
  return { key, value: Number(value) };
}
