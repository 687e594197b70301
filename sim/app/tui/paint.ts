import type { Line, Tone } from '../../walk/styled.ts';

/** What a terminal can show: attributes alone, 16 colours, 256, or all. */
export type Depth = 'none' | '16' | '256' | 'true';

/** By NO_COLOR, FORCE_COLOR, COLORTERM and TERM. */
export function depthOf({ NO_COLOR, FORCE_COLOR, COLORTERM, TERM = '' }: NodeJS.ProcessEnv): Depth {
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || FORCE_COLOR === '0') return 'none';
  if (FORCE_COLOR === '3' || /^(truecolor|24bit)$/.test(COLORTERM ?? '')) return 'true';
  if (FORCE_COLOR === '2' || /256/.test(TERM)) return '256';
  return /mono|vt\d/.test(TERM) ? 'none' : '16';
}

/** Codes of SGR (ECMA-48) for each tone; weight, underline and inverse need no colour. */
const CODES: Readonly<Record<Depth, Readonly<Record<Tone, string>>>> = {
  none: {
    ...{ plain: '', quiet: '2', strong: '1', title: '1', lit: '7', path: '1', packet: '1;7' },
    ...{ changed: '4', good: '1', bad: '1;7', key: '1' },
  },
  '16': {
    ...{ plain: '', quiet: '2', strong: '1', title: '1;36', lit: '30;46', path: '32', packet: '1;30;43' },
    ...{ changed: '33', good: '32', bad: '1;31', key: '1;36' },
  },
  '256': {
    ...{ plain: '', quiet: '38;5;245', strong: '1', title: '1;38;5;80', lit: '38;5;16;48;5;80', path: '38;5;114' },
    ...{ packet: '1;38;5;16;48;5;221', changed: '38;5;221', good: '38;5;114', bad: '1;38;5;203', key: '1;38;5;80' },
  },
  true: {
    ...{ plain: '', quiet: '38;2;128;138;148', strong: '1', title: '1;38;2;86;200;216' },
    ...{ lit: '38;2;10;20;26;48;2;86;200;216', path: '38;2;130;210;130' },
    ...{ packet: '1;38;2;20;20;20;48;2;250;205;90', changed: '38;2;250;205;90' },
    ...{ good: '38;2;130;210;130', bad: '1;38;2;255;105;97', key: '1;38;2;86;200;216' },
  },
};

/** Turns lines into text with escape sequences. */
export function painter(depth: Depth): (line: Line) => string {
  const codes = CODES[depth];
  return (line) =>
    line
      .map(({ text: raw, tone }) => {
        const code = codes[tone];
        const text = harmless(raw);
        return code === '' || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
      })
      .join('');
}

/** What comes from files may hold anything: nothing of it moves the cursor or turns the text around. */
function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, '.').replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
