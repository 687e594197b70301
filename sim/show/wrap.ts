import { textWidth } from './table.ts';

/**
 * Breaks a text into lines of at most `width` columns of the terminal: between words, and between any two wide
 * characters, as Chinese is set. A word that is longer than a line is cut.
 */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)));
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  for (const piece of pieces(text, width)) {
    const columns = textWidth(piece);
    if (used > 0 && used + textWidth(piece.trimEnd()) > width) flush();
    if (used === 0 && piece.trim() === '') continue;
    line += piece;
    used += columns;
  }
  if (used > 0 || lines.length === 0) flush();
  return lines;
}

/** Words with the blanks after them, single wide characters, and pieces of words that are too long. */
function pieces(text: string, width: number): string[] {
  const found: string[] = [];
  let word = '';
  const flush = (): void => {
    if (word !== '') found.push(word);
    word = '';
  };
  for (const character of text) {
    if (textWidth(character) === 2) {
      flush();
      found.push(character);
      continue;
    }
    if (textWidth(word) >= width || (word.endsWith(' ') && character !== ' ')) flush();
    word += character;
  }
  flush();
  return found;
}
