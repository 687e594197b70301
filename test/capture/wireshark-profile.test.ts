import { describe, expect, it } from 'vitest';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { wiresharkProfile } from '../../sim/capture/wireshark-profile.ts';
import { ns } from '../../sim/core/time.ts';
import { hasTshark, lines, needsTshark, TemporaryFolder, tshark } from '../tools.ts';
import { ETH1, frame, hex, UDP_PACKET, VRFIF0 } from './frames.ts';

const HOSTS = [
  { address: 0x0a000001, name: 'container1' },
  { address: 0x0a000002, name: 'two words # and more' },
];

const TCP_RESET = hex(`
  45 00 00 28 00 00 00 00 40 06 66 ce 0a 00 00 01 0a 00 00 02
  04 00 00 50 00 00 00 01 00 00 00 02 50 14 00 00 97 7b 00 00`);

/** ICMP time exceeded with TTL 63, which quotes a packet with TTL 1. */
const TIME_EXCEEDED = hex(`
  45 00 00 38 00 00 00 00 3f 01 67 c3 0a 00 00 02 0a 00 00 01  0b 00 f0 ec 00 00 00 00
  45 00 00 1e 00 00 00 00 01 11 a5 cd 0a 00 00 01 0a 00 00 02  04 00 00 09 00 0a 00 00`);
const EXCEEDED = 'Time-to-live exceeded (Time to live exceeded in transit)';

const AFTER = { time: ns(1_500_000_000), packet: 9, bytes: UDP_PACKET };
const CAPTURES = [
  { point: ETH1, frames: [frame({ serial: 0, time: ns(5), packet: 8, comment: 'DROPPED 规则 3' })] },
  {
    point: VRFIF0,
    frames: [
      frame({ ...AFTER, serial: 1 }),
      frame({ ...AFTER, serial: 2, comment: 'SNAT to 10.0.0.9' }),
      frame({ ...AFTER, serial: 3, bytes: UDP_PACKET.with(11, 0) }),
      frame({ ...AFTER, serial: 4, bytes: TCP_RESET }),
      frame({ ...AFTER, serial: 5, bytes: TIME_EXCEEDED }),
    ],
  },
];

/** What tshark prints with the profile installed; FILE stands for a file with CAPTURES. Complaints fail the test. */
function readWithProfile(...args: string[]): string {
  const folder = new TemporaryFolder();
  try {
    for (const [name, content] of wiresharkProfile(HOSTS)) folder.write(`profiles/cutaway/${name}`, content);
    const capture = folder.write('a.pcapng', writePcapng(CAPTURES));
    // The profile comes last: -G is understood only as the first argument.
    const given = args.map((arg) => (arg === 'FILE' ? capture : arg));
    const { status, stdout, stderr } = tshark([...given, '-C', 'cutaway'], folder.path);
    expect(stderr).not.toMatch(/warning|no such|could not/i);
    expect(status).toBe(0);
    return stdout;
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
      '@Not for this station@frame.comment contains "DROPPED OTHERHOST"@[55512,55512,55512][27242,27242,27242]',
    );
  });

  it.skipIf(!hasTshark)(`shows its columns: simulated time, numeric addresses, the outer TTL ${needsTshark}`, () => {
    const rows = lines(readWithProfile('-r', 'FILE', '-T', 'tabs')).map(cells);
    expect(rows[0]).toEqual([
      ...['1', '0.000000005', 'device-a/comware:eth1', '8', '02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', 'ARP', ''],
      ...['Who has 10.0.0.2? Tell 10.0.0.1', 'DROPPED 规则 3'],
    ]);
    expect(rows[1]).toEqual([
      ...['2', '1.500000000', 'device-a/comware:vrfif0', '9', '10.0.0.1', '10.0.0.2', 'UDP', '64'],
      ...['1024 → 9 Len=2', ''],
    ]);
    expect(rows[5]?.slice(4, 9)).toEqual(['10.0.0.2', '10.0.0.1', 'ICMP', '63', EXCEEDED]);
  });

  it.skipIf(!hasTshark)(`names addresses from its hosts file in the details ${needsTshark}`, () => {
    expect(readWithProfile('-r', 'FILE', '-V')).toContain('Source Address: container1 (10.0.0.1)');
  });

  it.skipIf(!hasTshark)(`has only settings that Wireshark takes over ${needsTshark}`, () => {
    // Defaults are commented out; what is left was changed by the profile.
    const changed = lines(readWithProfile('-G', 'currentprefs'));
    expect(changed.filter((line) => /^(ip|tcp|udp|nameres)\./.test(line)).sort()).toEqual([
      'ip.check_checksum: TRUE',
      'nameres.dns_pkt_addr_resolution: FALSE',
      'nameres.hosts_file_handling: TRUE',
      'nameres.network_name: TRUE',
      'nameres.use_external_name_resolver: FALSE',
      'tcp.analyze_sequence_numbers: FALSE',
      'tcp.check_checksum: TRUE',
      'udp.check_checksum: TRUE',
    ]);
  });

  it.skipIf(!hasTshark)(`has only colour rules that compile, the telling ones first ${needsTshark}`, () => {
    expect(lines(readWithProfile('-r', 'FILE', '--color', '-T', 'fields', '-e', 'frame.coloring_rule.name'))).toEqual([
      'Dropped',
      'UDP',
      'SNAT',
      'Checksum Errors',
      'TCP RST',
      'ICMP errors',
    ]);
  });
});

function cells(line: string): string[] {
  return line
    .split('\t')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '→');
}
