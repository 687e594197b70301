import { spawnSync } from 'node:child_process';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { ns } from '../../sim/core/time.ts';
import type { LinkType } from '../../sim/filter/layers.ts';
import { frame } from '../capture/frames.ts';
import { readPcap } from '../capture/read-captures.ts';

export const hasTcpdump = spawnSync('tcpdump', ['--version'], { stdio: 'ignore' }).status === 0;
export const needsTcpdump = hasTcpdump ? '(tcpdump)' : '(skipped: no tcpdump on the PATH)';

/** A file of frames for tcpdump; each has its index for a time. */
export function indexedPcap(frames: readonly Uint8Array[], linkType: LinkType): Uint8Array {
  const point = { name: 'any', description: '', mac: undefined, linkType };
  return writePcap(
    point,
    frames.map((bytes, index) => frame({ serial: index, time: ns(index * 1000), bytes })),
  );
}

/**
 * Indexes of the frames that tcpdump lets pass, or its complaint. Without its optimizer (-O), which leaves out looks beyond
 * the end of a frame where it can prove that they do not matter.
 */
export function tcpdumpPasses(file: string, expression: string): number[] | string {
  const { status, stdout, stderr } = spawnSync(
    'tcpdump',
    ['-r', file, '-w', '-', '-O', '--time-stamp-precision=nano', '--', expression],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) return stderr.toString();
  return readPcap(new Uint8Array(stdout)).frames.map(({ time }) => Number(time / 1000n));
}
