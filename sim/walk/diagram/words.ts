import type { PictureBox } from '../../draw/picture.ts';
import type { Language } from '../styled.ts';

/* What the boxes of a diagram are called: the whitepaper's own words, in its own language and in English. */

interface Word {
  readonly full: string;
  readonly short: string;
}

const WORDS: Readonly<Record<Language, Readonly<Record<string, Word>>>> = {
  en: {
    Application: { full: 'Application', short: 'App' },
    'Inet stack': { full: 'Inet stack', short: 'Inet stack' },
    'Kernel forwarding': { full: 'Kernel forwarding', short: 'Kernel fwd' },
    'Comware application': { full: 'Comware application', short: 'Comware app' },
    'Comware stack': { full: 'Comware stack', short: 'Comware stack' },
    'Comware forwarding': { full: 'Comware forwarding', short: 'Comware fwd' },
  },
  zh: {
    Application: { full: '应用', short: '应用' },
    'Inet stack': { full: '内核协议栈', short: '内核协议栈' },
    'Kernel forwarding': { full: '内核转发模块', short: '内核转发' },
    'Comware application': { full: 'Comware应用', short: 'Comware应用' },
    'Comware stack': { full: 'Comware协议栈', short: 'Comware协议栈' },
    'Comware forwarding': { full: 'Comware转发模块', short: 'Comware转发' },
  },
};

export interface Names {
  readonly language: Language;
  readonly length: 'full' | 'short';
}

export function boxName({ what, of, kind }: PictureBox, { language, length }: Names): string {
  const word = WORDS[language][what];
  if (word === undefined) return kind === 'bridge' ? bridgeName(what, language) : what;
  if (of === '') return word[length];
  return length === 'full' ? `${word.short} ${of}` : of;
}

/** `TPA bridge` and `Docker0 bridge` are the paper's names; other bridges have a device's name. */
function bridgeName(what: string, language: Language): string {
  return language === 'zh' ? what.replace(/ bridge\b/, '网桥').trim() : what;
}

/** A namespace by the last part of its title. */
export function roomName(title: string, language: Language): string {
  const name = title.split('/').at(-1) ?? title;
  if (language === 'zh' && title.includes('/') && name === 'host') return '宿主机';
  return name;
}

export const PHRASES: Readonly<
  Record<Language, { readonly more: (count: number) => string; readonly stopped: string }>
> = {
  en: { more: (count) => `+${count} more`, stopped: 'not running' },
  zh: { more: (count) => `另有${count}个`, stopped: '未运行' },
};
