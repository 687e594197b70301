import { describe, expect, it } from 'vitest';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { wiresharkProfile } from '../../sim/capture/wireshark-profile.ts';
import { ns } from '../../sim/core/time.ts';
import { hasTshark, lines, needsTshark, TemporaryFolder, type ToolResult, tshark } from '../tools.ts';
import { ETH1, frame, hex, UDP_PACKET, VRFIF0 } from './frames.ts';

const HOSTS = [
  { address: 0x0a000001, name: 'container1' },
  { address: 0x0a000002, name: 'two words # and more' },
];

const TCP_RESET = hex(`
  45 00 00 28 00 00 00 00 40 06 66 ce 0a 00 00 01 0a 00 00 02
  04 00 00 50 00 00 00 01 00 00 00 02 50 14 00 00 97 7b 00 00`);

/** A file with a frame for each rule that is easily mistaken, read by tshark with the profile. */
function readWithProfile(...args: string[]): ToolResult {
  const folder = new TemporaryFolder();
  try {
    for (const [name, content] of wiresharkProfile(HOSTS)) folder.write(`profiles/cutaway/${name}`, content);
    const badChecksum = UDP_PACKET.with(11, 0);
    const capture = folder.write(
      'a.pcapng',
      writePcapng([
        { point: ETH1, frames: [frame({ serial: 0, time: ns(5), packet: 8, comment: 'DROP 规则 3' })] },
        {
          point: VRFIF0,
          frames: [
            frame({ serial: 1, time: ns(1_500_000_000), packet: 9, bytes: UDP_PACKET }),
            frame({ serial: 2, time: ns(1_500_000_000), packet: 9, bytes: UDP_PACKET, comment: 'SNAT to 10.0.0.9' }),
            frame({ serial: 3, time: ns(1_500_000_000), packet: 9, bytes: badChecksum }),
            frame({ serial: 4, time: ns(1_500_000_000), packet: 10, bytes: TCP_RESET }),
          ],
        },
      ]),
    );
    return tshark(['-C', 'cutaway', ...args.map((arg) => (arg === 'FILE' ? capture : arg))], folder.path);
  } finally {
    folder.dispose();
  }
}

describe('the Wireshark profile', () => {
  it('names addresses in a hosts file, one word each', () => {
    expect(wiresharkProfile(HOSTS).get('hosts')).toBe('10.0.0.1\tcontainer1\n10.0.0.2\ttwo_words___and_more\n');
  });

  it('writes a colour rule as Wireshark does', () => {
    expect(lines(wiresharkProfile([]).get('colorfilters') ?? '')[0]).toBe(
      '@Dropped@frame.comment contains "DROP"@[42148,0,0][65535,65535,65535]',
    );
  });

  it.skipIf(!hasTshark)(`shows its columns ${needsTshark}`, () => {
    const { stdout, stderr } = readWithProfile('-r', 'FILE', '-T', 'tabs');
    expect(
      lines(stdout)
        .map((line) =>
          line
            .split('\t')
            .map((cell) => cell.trim())
            .filter((cell) => cell !== '→'),
        )
        .slice(0, 3),
    ).toEqual([]);
    expect(stderr).not.toMatch(/warning|no such|could not/i);
  });

  it.skipIf(!hasTshark)(`has only settings that Wireshark takes over ${needsTshark}`, () => {
    const { stdout, stderr } = readWithProfile('-G', 'currentprefs');
    const changed = lines(stdout).filter((line) => /^[a-z0-9_.]+: /.test(line));
    expect(changed.filter((line) => !line.startsWith('gui.'))).toEqual([]);
    expect(stderr).not.toMatch(/warning|no such|could not/i);
  });

  it.skipIf(!hasTshark)(`has only colour rules that compile, in an order that tells ${needsTshark}`, () => {
    const { stdout, stderr } = readWithProfile(
      '-r',
      'FILE',
      '--color',
      '-T',
      'fields',
      '-e',
      'frame.coloring_rule.name',
    );
    expect(lines(stdout)).toEqual(['Dropped', 'UDP', 'SNAT', 'Checksum Errors', 'TCP RST']);
    expect(stderr).not.toMatch(/warning|no such|could not/i);
  });
});
