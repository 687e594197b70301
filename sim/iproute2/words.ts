import type { CommandFault } from './fault.ts';

/** A word of a line; `column` counts from 0 and is that of its opening quote if it has one. */
export interface Word {
  readonly text: string;
  readonly column: number;
  /** Characters it takes in the line, quotes included. */
  readonly length: number;
}

/**
 * Splits a line at blanks as a shell would: quotes of both kinds hold a word together, `#` at the beginning of a word
 * starts a comment. Not modelled: backslashes, variables, substitution.
 */
export function splitWords(line: string): Word[] | CommandFault {
  const words: Word[] = [];
  let column = 0;
  while (column < line.length) {
    if (isBlank(line.charCodeAt(column))) {
      column++;
      continue;
    }
    if (line[column] === '#') break;
    const word = readWord(line, column);
    if ('message' in word) return word;
    words.push(word);
    column += word.length;
  }
  return words;
}

const DOUBLE_QUOTE = 0x22;
const QUOTE = 0x27;

function readWord(line: string, column: number): Word | CommandFault {
  let text = '';
  // What of the word is not in `text` yet.
  let start = column;
  let end = column;
  while (end < line.length && !isBlank(line.charCodeAt(end))) {
    const code = line.charCodeAt(end);
    if (code === DOUBLE_QUOTE || code === QUOTE) {
      const quote = line[end] as string;
      const close = line.indexOf(quote, end + 1);
      if (close < 0) return { message: `no closing ${quote}`, column: end, length: line.length - end };
      text += line.slice(start, end) + line.slice(end + 1, close);
      end = close + 1;
      start = end;
    } else end++;
  }
  return { text: text + line.slice(start, end), column, length: end - column };
}

/** Blank, tab, and the ends of lines. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
