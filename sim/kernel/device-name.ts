import { hasHidden } from '../core/hidden.ts';
import { cutToUtf8Length } from '../wire/utf8.ts';

/** IFNAMSIZ without its NUL. */
const LONGEST = 15;

/**
 * Why no device can have this name; undefined where it can. Models net/core/dev.c dev_valid_name(). Beyond it characters are refused
 * that nobody sees: controls, such as those that steer a terminal, and those that turn the direction of writing.
 */
export function deviceNameFault(name: string): string | undefined {
  if (hasHidden(name)) return 'has a character in it that cannot be seen';
  if (cutToUtf8Length(name, LONGEST) !== name) return `is longer than ${LONGEST} bytes`;
  if (name === '' || name === '.' || name === '..') return 'is none that a device can have';
  const stray = /[\s/:]/u.exec(name)?.[0];
  if (stray === undefined) return undefined;
  return stray === '/' || stray === ':' ? `has a "${stray}" in it` : 'has a blank in it';
}
