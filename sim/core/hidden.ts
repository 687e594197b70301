/**
 * What steers a terminal, turns the direction of writing, or is not seen at all: control and format characters, separators of lines
 * and paragraphs, halves of surrogate pairs; line feeds and tabs are none of it.
 */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with each hidden character as an escape of JSON, so that a document of JSON stays the same one. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, (found) =>
    found.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** The text with `instead` for each hidden character. */
export function withoutHidden(text: string, instead: string): string {
  return text.replace(HIDDEN, instead);
}

/** Whether any is in it. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) >= 0;
}
