import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** The command line as it is installed; npm starts everything in the folder of the package. */
const CUTAWAY = join('dist', 'bin', 'main.js');

export interface Started {
  readonly wall_s: number;
  readonly peak_rss_kb: number;
}

/** Runs `cutaway WORDS` to its end, as the shell does. `cache` is where Node keeps what it has compiled. */
export async function cutaway(words: readonly string[], cache: string): Promise<Started> {
  if (!existsSync(CUTAWAY)) throw new Error(`there is no ${CUTAWAY}: npm run build makes it`);
  const began = performance.now();
  const child = spawn(process.execPath, [CUTAWAY, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  let errors = '';
  let peak = 0;
  child.stdout.resume();
  child.stderr.on('data', (text) => {
    errors += String(text);
  });
  // A process takes the figure with it when it ends: it is asked until then.
  const asking = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  }, 3);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wall = (performance.now() - began) / 1e3;
  clearInterval(asking);
  if (code !== 0) throw new Error(`cutaway ${words.join(' ')} ended with status ${code}: ${errors}`);
  return { wall_s: wall, peak_rss_kb: peak };
}

/** The most memory that a process has had, in kB; 0 where that cannot be seen. */
export function peakOf(pid: number | 'self'): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
