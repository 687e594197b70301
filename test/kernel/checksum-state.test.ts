import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../sim/core/time.ts';
import type { CaptureTap, NetDevice } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { u16 } from '../../sim/wire/bytes.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { ETHERTYPE_IPV4 } from '../../sim/wire/ethernet.ts';
import { Ipv4Header, PROTOCOL_TCP, PROTOCOL_UDP } from '../../sim/wire/ipv4.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { Lab } from '../bench.ts';
import { scenarios } from '../judge/fuzz/arbitrary.ts';
import { bounded } from '../judge/fuzz/play.ts';
import { connect, pass, Server, tcpLab } from './tcp-lab.ts';

/* What a stack has summed up itself nobody sums up again (skb->ip_summed): so it had better be right, wherever it comes by. */

/** What is wrong with the checksum of a frame that a device passes, by its bytes; undefined where nothing is. */
function fault(packet: Packet, linkLength: number): string | undefined {
  const { bytes, head, tail } = packet;
  if (linkLength > 0 && u16(bytes, head + linkLength - 2) !== ETHERTYPE_IPV4) return undefined;
  const ip = new Ipv4Header(bytes, head + linkLength);
  const { protocol, source, destination } = ip;
  if (ip.isFragment || (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP)) return undefined;
  if (packet.checksum === 'partial') return 'a packet that was to be cut was sent whole';
  const at = head + linkLength + ip.headerLength;
  const length = Math.min(tail, head + linkLength + ip.totalLength) - at;
  if (protocol === PROTOCOL_UDP && u16(bytes, at + 6) === 0) return undefined;
  const holds = checksum(bytes, at, length, pseudoHeader(source, destination, protocol, length)) === 0;
  return holds || packet.checksum === 'none' ? undefined : `packet ${packet.number} has a wrong checksum`;
}

describe('law: in any network that the fuzzer makes', () => {
  it('no device passes a checksum that counts as right and is not', () => {
    let known = 0;
    fc.assert(
      fc.property(scenarios, (document) => {
        const scenario = scenarioSchema.parse(bounded(document));
        if (typeof scenario.topology === 'string') throw new Error('a generated scenario holds its topology');
        const faults: string[] = [];
        const tap = ({ headerLength }: NetDevice): CaptureTap => ({
          capture(packet) {
            if (packet.checksum === 'unnecessary') known++;
            const wrong = fault(packet, headerLength);
            if (wrong !== undefined) faults.push(wrong);
          },
        });
        const { world } = buildWorld(scenario.topology, { seed: 1, trace: false, capture: { tap } });
        runScenario(world, scenario);
        expect(faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(known).toBeGreaterThan(0);
  });
});

describe('several segments in one, which get their checksums when they are cut', () => {
  /** What a rule of OUTPUT does to 3000 bytes, and the large packet as it was when it died. */
  function refusedBy(target: string) {
    const lab = tcpLab();
    lab.world.captures?.listen(lab.stack('a').net.loopback);
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab, ms(10));
    lab.exec('a', `iptables -A OUTPUT -p tcp -j ${target}`);
    client.socket.write(new Uint8Array(3000).fill(0x61));
    pass(lab, ms(100));
    expect(server.peer.received).toHaveLength(0);
    const { recorder } = lab.world;
    const dropped = [...(recorder?.packets() ?? [])].flatMap(({ number }) => recorder?.frameOfDrop(number) ?? []);
    const [large] = dropped.filter(({ bytes }) => bytes.length > 3000);
    if (large === undefined) throw new Error('nothing was dropped');
    return { lab, packet: large.bytes.subarray(large.linkLength) };
  }

  it('have one where they die before that', () => {
    const { packet } = refusedBy('DROP');
    const ip = new Ipv4Header(packet, 0);
    const length = packet.length - ip.headerLength;
    const { source, destination } = ip;
    const initial = pseudoHeader(source, destination, PROTOCOL_TCP, length);
    expect(checksum(packet, ip.headerLength, length, initial)).toBe(0);
  });

  it('have the same one in the error that quotes them', () => {
    const { lab, packet } = refusedBy('REJECT');
    const quotes = lab.frames('a:lo').map(({ bytes }) => bytes.subarray(lab.stack('a').net.loopback.headerLength + 28));
    const quote = quotes.find((bytes) => bytes.length > 500);
    if (quote === undefined) throw new Error('nothing was quoted');
    expect(quote).toEqual(packet.slice(0, quote.length));
  });
});

describe('a datagram to 0.0.0.0, which is this host', () => {
  it('is summed up for the address that it goes to in the end', () => {
    const a = {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.1.2/24' } },
      services: [{ port: 7 }],
    };
    const lab = new Lab({ a }, []);
    const { probe } = lab.udp('a', '0.0.0.0:7', { timeout: '100ms' });
    expect([probe.replies.length, [...lab.world.ledger.drops]]).toEqual([1, []]);
  });
});
