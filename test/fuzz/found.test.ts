import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReplay } from './finding.ts';
import { replay } from './reduce.ts';

/* Frames that did harm once, as small as they could be made. What each did stands in its file. */

const FOUND = join(import.meta.dirname, 'found');

describe('frames that were found by throwing many', () => {
  it.each(readdirSync(FOUND))('%s does no harm any more', (file) => {
    expect(replay(parseReplay(readFileSync(join(FOUND, file), 'utf8')))).toBeUndefined();
  });
});
