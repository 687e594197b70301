import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureFileNames } from '../../sim/capture/file-name.ts';

const stems = (...points: string[]) => captureFileNames(points, 'pcapng').map((name) => name.replace(/\.pcapng$/, ''));

describe('file names of capture points', () => {
  it('keep node, namespace and interface readable', () => {
    expect(captureFileNames(['device-a/container3:eth0', 'host-b:eth0'], 'pcapng')).toEqual([
      'device-a_container3-eth0.pcapng',
      'host-b-eth0.pcapng',
    ]);
    expect(captureFileNames(['device-a/comware:GE1/0/1'], 'pcap')).toEqual(['device-a_comware-GE1_0_1.pcap']);
  });

  it('name a veth end without its peer', () => {
    expect(stems('device-a/host:v1@if2')).toEqual(['device-a_host-v1']);
  });

  it('keep letters of any script, composed', () => {
    expect(stems('设备a:eth0', 'cafe\u0301:eth0')).toEqual(['设备a-eth0', 'caf\u00e9-eth0']);
  });

  it('replace whatever a file system, a shell or a terminal would stumble over', () => {
    expect(stems('a\\b*c?"d<e>f|g h\ti\u0000\u202e')).toEqual(['a_b_c__d_e_f_g_h_i__']);
    expect(stems('..hidden', '-rf', '')).toEqual(['_.hidden', '_rf', '_']);
  });

  it('step aside for the device names of Windows', () => {
    expect(stems('CON', 'nul.eth0', 'COM1', 'console:eth0', 'aux:eth0')).toEqual([
      '_CON',
      '_nul.eth0',
      '_COM1',
      'console-eth0',
      'aux-eth0',
    ]);
  });

  it('number those that would collide, also on a file system that ignores case', () => {
    expect(stems('a:b', 'a-b', 'A:B', 'a-b-2')).toEqual(['a-b', 'a-b-2', 'A-B-3', 'a-b-2-2']);
  });

  it('are safe and unique for any points (law)', () => {
    const point = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('a:b', 'a-b', 'A-b', 'a b'));
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const names = captureFileNames(points, 'pcapng');
        expect(names).toHaveLength(points.length);
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(points.length);
        for (const name of names) {
          expect(name).toMatch(/^[\p{L}\p{M}\p{Nd}_][\p{L}\p{M}\p{Nd}._-]*\.pcapng$/u);
          expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
        }
      }),
    );
  });
});
