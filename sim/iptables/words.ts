/**
 * Splits a line into words: at blanks, held together by quotes. In a file of iptables-save only double quotes hold, and
 * a backslash within them takes the next character as it is; a shell knows single quotes too, and takes a backslash
 * within double quotes away only before `"`, `\`, `$` and a backquote. Undefined where a quote is not closed.
 */
export function splitWords(line: string, style: 'shell' | 'file'): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (style === 'shell' && character === '#' && word === undefined) {
      break;
    } else if (character === '"' || (character === "'" && style === 'shell')) {
      const quoted = readQuoted(line, at, style);
      if (quoted === undefined) return undefined;
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\' && style === 'shell' && at + 1 < line.length) {
      word = (word ?? '') + line[++at];
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What the quote at `start` holds, and where the quote that closes it stands. */
function readQuoted(line: string, start: number, style: 'shell' | 'file'): { text: string; end: number } | undefined {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === quote) return { text, end: at };
    const next = line[at + 1];
    const escapes = quote === '"' && character === '\\' && next !== undefined;
    if (escapes && (style === 'file' || '"\\$`'.includes(next))) {
      text += next;
      at++;
    } else text += character;
  }
  return undefined;
}
