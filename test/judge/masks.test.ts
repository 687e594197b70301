import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { MASKS } from './compare/masks.ts';
import { TABLE_MASKS } from './compare/table-masks.ts';

it('the README lists every mask, and no other', () => {
  const readme = readFileSync(join(PACKAGE_ROOT, 'README.md'), 'utf8');
  const table = /^\| mask .*\n(?:\|.*\n)+/m.exec(readme)?.[0] ?? '';
  const listed = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(.*?)`/g)]);
  const names = [...MASKS, ...TABLE_MASKS].map(({ name }) => name);
  expect(listed.map(([, name]) => name).sort()).toEqual(names.sort());
});
