import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capinfos, hasCapinfos, hasTshark, lines, needsCapinfos, needsTshark, tshark, tsharkFields } from '../tools.ts';
import { cutawayIn, temporaryFolder } from './cli.ts';

/** Every capture file of a run of the bundled scenarios. */
function capturesOf(...options: string[]): string[] {
  const folder = temporaryFolder().path;
  expect(cutawayIn(folder, ['run', ...options]).status).toBe(0);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => join(folder, name));
}

/** Wireshark's levels up to Chat, comments included; a Note is a complaint already. */
const CHAT = 0x00200000;

describe.each([[[]], [['--merge']], [['--pcap']]])('captures of run %j', (options) => {
  it.skipIf(!hasCapinfos)(`are read whole by capinfos ${needsCapinfos}`, () => {
    for (const file of capturesOf(...options)) {
      const { status, stdout, stderr } = capinfos(['-c', '-M', file]);
      expect({ status, stderr }, file).toEqual({ status: 0, stderr: '' });
      expect(Number(/Number of packets:\s*(\d+)/.exec(stdout)?.[1]), file).toBeGreaterThan(0);
    }
  });

  it.skipIf(!hasTshark)(
    `hold no malformed frame, no bad checksum and nothing Wireshark warns of ${needsTshark}`,
    () => {
      // The classic files hold the same frames: a few of them tell whether they can be read.
      const every = options.includes('--pcap') ? 10 : 1;
      for (const file of capturesOf(...options).filter((_, index) => index % every === 0)) {
        const checksums = ['ip.checksum.status', 'udp.checksum.status', 'tcp.checksum.status', 'icmp.checksum.status'];
        const remarks = ['_ws.malformed', 'tcp.flags', 'tcp.analysis.flags', 'ip.ttl', '_ws.expert.severity'];
        const isMerged = options.includes('--merge');
        const preferences = isMerged ? ['tcp.desegment_tcp_streams:FALSE'] : [];
        const frames = tsharkFields(file, ['frame.number', ...remarks, ...checksums], preferences);
        expect(frames.length).toBeGreaterThan(0);
        for (const [number = '', malformed, tcp, analysis, ttls = '', severities = '', ...states] of frames) {
          const where = `${file} frame ${number}`;
          expect(malformed, where).toBe('');
          // Every FIN earns a note, every RST a warning, a traceroute a note for its TTL; and a merged file shows a
          // segment once a point.
          if (!isMerged) expect(analysis, where).toBe('');
          const isTraceroute = ttls.split(',').some((ttl) => ttl !== '' && Number(ttl) < 5);
          const levels = tcp === '' && !isTraceroute ? severities.split(',') : [];
          for (const severity of levels) expect(Number(severity), where).toBeLessThanOrEqual(CHAT);
          // 1 is Good. What an ICMP error quotes comes second, is cut short, and cannot be verified: 2.
          for (const [first, ...quoted] of states.map((one) => one.split(','))) {
            expect(['', '1'], where).toContain(first);
            for (const state of quoted) expect(['1', '2'], where).toContain(state);
          }
        }
      }
    },
    // A tshark a file, and there are a hundred files.
    300_000,
  );
});

describe('a merged capture', () => {
  it.skipIf(!hasTshark)(`names every interface, and says at each frame what was decided ${needsTshark}`, () => {
    const file = capturesOf('--merge').find((name) => name.includes('fig11')) ?? '';
    const frames = tsharkFields(file, ['frame.interface_name', 'frame.packet_flags_direction', 'frame.comment']);
    const names = new Set(frames.map(([name]) => name));
    expect(names).toEqual(new Set([...names].filter((name) => name !== undefined && /^[\x21-\x7e]+$/.test(name))));
    expect(names).toContain('device-a:GE1/0/1');
    expect(names).toContain('device-a/container3:eth0');
    for (const [, direction] of frames) expect(direction).toMatch(/^0x0*[12]$/);
    const comments = frames.map(([, , comment]) => comment ?? '');
    expect(comments.some((comment) => comment.includes('TTL 64 -> 63'))).toBe(true);
    expect(comments.some((comment) => comment.includes('DROPPED IP_INNOROUTES'))).toBe(true);
  });

  it.skipIf(!hasTshark)(`is in the order of time ${needsTshark}`, () => {
    for (const file of capturesOf('--merge')) {
      const { stdout } = tshark(['-r', file, '-T', 'fields', '-e', 'frame.time_delta']);
      for (const delta of lines(stdout)) expect(Number(delta)).toBeGreaterThanOrEqual(0);
    }
  });
});
