import { describe, expect, it } from 'vitest';
import { ZERO } from '../../sim/core/time.ts';
import { drop } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Place, Site } from '../../sim/packet/place.ts';
import { Recorder } from '../../sim/packet/recorder.ts';

const PLACE: Place = { node: 'a', role: 'linux', title: 'a' };
const SITE: Site = { component: 'Inet stack', function: 'test' };

/** Drops a packet of the bytes 0 to 39 after `prepare`, and tells what was kept of it. */
function dropped(prepare: (packet: Packet) => void) {
  const ledger = new Ledger();
  const recorder = new Recorder({ now: ZERO });
  ledger.recorder = recorder;
  const packet = Packet.of(
    ledger,
    Uint8Array.from({ length: 40 }, (_, index) => index),
  );
  prepare(packet);
  drop(packet, PLACE, SITE, 'kernel:NO_SOCKET');
  packet.bytes.fill(255);
  const frame = recorder.frameOfDrop(packet.number);
  return { first: frame?.bytes[0], length: frame?.bytes.length, link: frame?.linkLength };
}

/** As netif_receive_skb leaves it. */
function receive(packet: Packet, linkLength = 14): void {
  packet.linkOffset = packet.head;
  packet.pull(linkLength);
  packet.networkOffset = packet.head;
}

describe('the bytes of a dropped packet', () => {
  it('are the whole frame when it dies in the stack that received it, however far that has read', () => {
    expect(dropped((packet) => receive(packet))).toEqual({ first: 0, length: 40, link: 14 });
    expect(
      dropped((packet) => {
        receive(packet);
        packet.pull(20);
      }),
    ).toEqual({ first: 0, length: 40, link: 14 });
  });

  it('lack the padding that was cut off', () => {
    expect(
      dropped((packet) => {
        receive(packet);
        packet.trim(20);
      }),
    ).toEqual({ first: 0, length: 34, link: 14 });
  });

  it('are the IP packet alone where no device had a link header for it', () => {
    expect(dropped((packet) => receive(packet, 0))).toEqual({ first: 0, length: 40, link: 0 });
    expect(
      dropped((packet) => {
        packet.networkOffset = packet.head;
      }),
    ).toEqual({ first: 0, length: 40, link: 0 });
  });

  it('begin with the header that was written for the next hop, if it came to that', () => {
    expect(
      dropped((packet) => {
        receive(packet, 0);
        packet.push(14);
      }),
    ).toMatchObject({ length: 54, link: 14 });
  });

  it('are kept as they were: nobody writes to them', () => {
    expect(dropped((packet) => receive(packet)).first).toBe(0);
  });

  it('are not there for a packet that lives', () => {
    expect(new Recorder({ now: ZERO }).frameOfDrop(1)).toBeUndefined();
  });
});
