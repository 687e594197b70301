import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../sim/capture/read-capture.ts';
import { cutawayIn, temporaryFolder } from './cli.ts';

/** Two switches with two cables between them, and a host that asks for nobody. */
const LOOP = `name: loop
topology:
  topology:
    nodes:
      pc1: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
      sw1: { kind: bridge }
      sw2: { kind: bridge }
    links:
      - endpoints: ["pc1:eth0", "sw1:p0"]
      - endpoints: ["sw1:p1", "sw2:p1"]
      - endpoints: ["sw1:p2", "sw2:p2"]
steps:
  - ping: { from: pc1, to: 10.0.0.9 }
`;

describe('limits of a run', () => {
  it('end it with exit code 1, and what was captured so far is kept and whole', () => {
    const folder = temporaryFolder();
    folder.write('loop.yaml', LOOP);
    const { status, stderr } = cutawayIn(folder.path, ['run', 'loop.yaml']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^cutaway: loop: STORM: .*\n {2}frame {3}#2 ARP who has 10\.0\.0\.9\?, from pc1:eth0\n {2}loop/,
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
