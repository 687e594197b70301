import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../sim/capture/read-capture.ts';
import { cutawayIn, temporaryFolder } from './cli.ts';
import { LOOP } from './small-labs.ts';

describe('limits of a run', () => {
  it('end it with exit code 1, and what was captured so far is kept and whole', () => {
    const folder = temporaryFolder();
    folder.write('loop.yaml', LOOP);
    const { status, stderr } = cutawayIn(folder.path, ['run', 'loop.yaml']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^cutaway: loop: STORM: .*\n {2}frame {3}#2 ARP who has 10\.0\.0\.2\?, from a:eth0\n {2}loop/,
    );
    const captures = join(folder.path, 'out', 'loop', 'captures');
    const frames = readdirSync(captures).map((name) => [...readCapture(readFileSync(join(captures, name)))].length);
    expect(frames.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1000);
  });

  it.each(['run', 'trace', 'explain', 'show', 'walk'])('end %s with exit code 1', (command) => {
    const folder = temporaryFolder();
    folder.write('loop.yaml', LOOP);
    const more = { run: ['--no-write'], show: ['route'], walk: ['--text'], explain: ['--no-what-if'] }[command] ?? [];
    const { status, stderr } = cutawayIn(folder.path, [command, 'loop.yaml', ...more, '--max-events', '100']);
    expect(stderr).toMatch(/stopped at \d+\.\d+ s after 100 events/);
    expect(stderr).toContain('  more    --max-events lets it go on for longer\n');
    expect(status).toBe(1);
  });

  it.each([
    ['--max-events', '0'],
    ['--max-events', '1.5'],
    ['--max-time', '0s'],
    ['--max-time', 'soon'],
    ['--max-capture-bytes', '-1'],
    ['--max-memory', '3X'],
    ['--max-transmissions', '99999999999999999'],
  ])('are refused where they are none: %s %s', (option, value) => {
    const { status, stderr } = cutawayIn(temporaryFolder().path, ['run', option, value]);
    expect(status).toBe(2);
    expect(stderr).toContain(`option '${option}`);
  });
});
