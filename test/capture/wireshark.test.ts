import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { ns } from '../../sim/core/time.ts';
import {
  capinfos,
  hasCapinfos,
  hasTshark,
  needsCapinfos,
  needsTshark,
  TemporaryFolder,
  tsharkFields,
} from '../tools.ts';
import { ETH1, frame, UDP_PACKET, VRFIF0 } from './frames.ts';

const REQUEST = frame({ serial: 0, time: ns(7), direction: 'out', packet: 7, comment: 'neighbour 10.0.0.2: 规则 → é' });
const DATAGRAM = frame({ serial: 1, time: ns(5_000_000_000_009), packet: 2 ** 40 + 1, bytes: UDP_PACKET });

// Made in a hook, since none is run, and nothing taken away again, where every test is skipped.
let folder: TemporaryFolder;
let pcapng: string;
beforeAll(() => {
  folder = new TemporaryFolder();
  pcapng = folder.write(
    'both.pcapng',
    writePcapng([
      { point: ETH1, frames: [REQUEST] },
      { point: VRFIF0, frames: [DATAGRAM] },
    ]),
  );
});
afterAll(() => folder.dispose());

describe("Wireshark's tools read", () => {
  it.skipIf(!hasTshark)(`everything a pcapng says about a frame ${needsTshark}`, () => {
    const fields = [
      'frame.time_epoch',
      'frame.interface_name',
      'frame.interface_description',
      'frame.packet_flags_direction',
      'frame.packet_id',
      'frame.comment',
    ];
    expect(tsharkFields(pcapng, fields)).toEqual([
      ['0.000000007', 'device-a/comware:eth1', 'GE1/0/1', '0x00000002', '7', 'neighbour 10.0.0.2: 规则 → é'],
      ['5000.000000009', 'device-a/comware:vrfif0', '', '0x00000001', '1099511627777', ''],
    ]);
  });

  it.skipIf(!hasTshark)(`Ethernet and raw IP beside each other, checksums verified ${needsTshark}`, () => {
    expect(tsharkFields(pcapng, ['frame.protocols', 'ip.checksum.status', 'udp.checksum.status'])).toEqual([
      ['eth:ethertype:arp', '', ''],
      ['raw:ip:udp:data', '1', '1'],
    ]);
  });

  it.skipIf(!hasTshark)(`a classic pcap, to the nanosecond ${needsTshark}`, () => {
    const pcap = folder.write('vrfif0.pcap', writePcap(VRFIF0, [DATAGRAM]));
    expect(tsharkFields(pcap, ['frame.time_epoch', 'ip.src', 'udp.checksum.status'])).toEqual([
      ['5000.000000009', '10.0.0.1', '1'],
    ]);
  });

  it.skipIf(!hasCapinfos)(`who wrote the file, and its interfaces ${needsCapinfos}`, () => {
    const { status, stdout } = capinfos([pcapng]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Capture application: +cutaway\n/);
    expect(stdout).toMatch(/Number of packets: +2\n/);
    expect(stdout).toMatch(/Strict time order: +True\n/);
    expect(stdout.match(/Name = .*|Encapsulation = .*|Time precision = .*/g)).toEqual([
      'Name = device-a/comware:eth1',
      'Encapsulation = Ethernet (1 - ether)',
      'Time precision = nanoseconds (9)',
      'Name = device-a/comware:vrfif0',
      'Encapsulation = Raw IP (7 - rawip)',
      'Time precision = nanoseconds (9)',
    ]);
  });

  it.skipIf(!hasCapinfos)(`a file without a frame ${needsCapinfos}`, () => {
    const empty = folder.write('empty.pcapng', writePcapng([{ point: ETH1, frames: [] }]));
    expect(capinfos([empty])).toMatchObject({ status: 0, stdout: expect.stringMatching(/Number of packets: +0\n/) });
  });
});
