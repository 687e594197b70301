import { describe, expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { seconds, ZERO } from '../../sim/core/time.ts';
import { BridgeDevice, type BridgeOptions } from '../../sim/link/bridge.ts';
import { bridgePortOf, type PortFlags } from '../../sim/link/bridge-port.ts';
import { devQueueXmit } from '../../sim/link/device.ts';
import { createVethPair, type VethDevice } from '../../sim/link/veth.ts';
import { Bench, mac } from './bench.ts';

/*
 *   h1 (a1) --- p1 (11) \
 *   h2 (a2) --- p2 (12)  br0 (10)      the last byte of each MAC in brackets
 *   h3 (a3) --- p3 (13) /
 *
 * What the tests expect was measured on Linux 6.18 in this arrangement.
 */
function bridge(options: Partial<BridgeOptions> = {}) {
  const bench = new Bench();
  const br0 = new BridgeDevice(bench.clock, {
    name: 'br0',
    mac: mac('10'),
    mtu: 1500,
    title: 'TPA bridge',
    ...options,
  });
  bench.attach(br0);
  const make = (n: number): [VethDevice, VethDevice] => {
    const host = { name: `h${n}`, mac: mac(`a${n}`), mtu: 1500 };
    const [near, port] = createVethPair(bench.clock, host, { name: `p${n}`, mac: mac(`1${n}`), mtu: 1500 });
    bench.attach(port);
    bench.attach(near);
    br0.addPort(port);
    return [near, port];
  };
  const [h1, p1] = make(1);
  const [h2, p2] = make(2);
  const [h3, p3] = make(3);
  const fdb = () => br0.fdbRows().map((row) => `${row.mac.slice(15)} ${row.ifname} ${row.state}`.trim());
  return { bench, br0, h1, h2, h3, p1, p2, p3, fdb };
}

const flagsOf = (port: VethDevice): PortFlags => must(bridgePortOf(port), `${port.name} is a port`);

const OWN = ['10 br0 permanent', '11 p1 permanent', '12 p2 permanent', '13 p3 permanent'];

describe('bridge', () => {
  it('floods a broadcast to the other ports and up, then sends the answer to the one port it learnt', () => {
    const { bench, h1, h2, fdb } = bridge();
    expect(fdb()).toEqual(OWN);
    bench.send(h1, 'broadcast', 'a1');
    expect(bench.take()).toEqual(['br0', 'h3', 'h2']);
    expect(fdb()).toEqual(['10 br0 permanent', 'a1 p1', '11 p1 permanent', '12 p2 permanent', '13 p3 permanent']);
    bench.send(h2, 'a1', 'a2');
    expect(bench.take()).toEqual(['h1']);
  });

  it('floods unicast to an unknown MAC, not up, and multicast like broadcast', () => {
    const { bench, h1 } = bridge();
    bench.send(h1, 'a9', 'a1');
    expect(bench.take()).toEqual(['h3', 'h2']);
    bench.send(h1, '01:00:5e:00:00:05', 'a1');
    expect(bench.take()).toEqual(['br0', 'h3', 'h2']);
  });

  it('gives the last recipient the frame itself and the others copies of it', () => {
    const { bench, h1 } = bridge();
    const unicast = bench.send(h1, 'a9', 'a1');
    const [toH2, toH3] = bench.arrivals.splice(0);
    expect(bench.recorder.lineageOf(toH2?.number ?? 0)?.parent).toBe(unicast.number);
    expect(toH3?.number).toBe(unicast.number);
    const broadcast = bench.send(h1, 'broadcast', 'a1');
    expect(bench.arrivals.find((arrival) => arrival.device === 'br0')?.number).toBe(broadcast.number);
    expect(new Set(bench.arrivals.map((arrival) => arrival.number)).size).toBe(3);
  });

  it('does not change a byte of what it forwards', () => {
    const { bench, h1, h2, p2 } = bridge();
    bench.send(h2, 'broadcast', 'a2');
    const seen: Uint8Array[] = [];
    p2.tap = { capture: (packet) => seen.push(packet.data()) };
    const packet = bench.frame('a2', 'a1', 200);
    packet.bytes.fill(0x5a, packet.head + 14);
    const before = packet.data();
    devQueueXmit(packet, h1);
    bench.settle();
    expect(seen).toEqual([before]);
  });

  it('follows a station that moves', () => {
    const { bench, h1, h2, h3, fdb } = bridge();
    bench.send(h1, 'broadcast', 'a7');
    bench.send(h3, 'broadcast', 'a7');
    expect(fdb()).toContain('a7 p3');
    bench.take();
    bench.send(h2, 'a7', 'a2');
    expect(bench.take()).toEqual(['h3']);
  });

  it('forgets a station 300 s after its last frame, not a nanosecond earlier', () => {
    const { bench, h1, h2, fdb } = bridge();
    bench.send(h1, 'broadcast', 'a1');
    bench.wait(seconds(100));
    bench.send(h1, 'broadcast', 'a1');
    bench.wait(seconds(299.999999999));
    bench.take();
    bench.send(h2, 'a1', 'a2');
    expect(bench.take()).toEqual(['h1']);
    bench.wait(seconds(0.000000001));
    expect(fdb()).not.toContain('a1 p1');
    bench.send(h2, 'a1', 'a2');
    expect(bench.take()).toEqual(['h3', 'h1']);
  });

  it('learns nothing with an ageing time of 0', () => {
    const { bench, h1, fdb } = bridge({ ageing: ZERO });
    bench.send(h1, 'broadcast', 'a1');
    expect(fdb()).toEqual(OWN);
  });

  it('passes up what is addressed to itself or a port, as that port saw it addressed', () => {
    const { bench, h1 } = bridge();
    for (const to of ['10', '11', '12']) bench.send(h1, to, 'a1');
    expect(bench.arrivals.map(({ device, type }) => `${device} ${type}`)).toEqual([
      'br0 host',
      'br0 host',
      'br0 otherhost',
    ]);
  });

  it('counts what it receives without the Ethernet header and what it sends with it', () => {
    const { bench, br0, h1 } = bridge();
    bench.send(h1, 'broadcast', 'a1', 42);
    bench.send(br0, 'broadcast', '10', 42);
    expect([br0.rxPackets, br0.rxBytes, br0.txPackets, br0.txBytes]).toEqual([1, 28, 1, 42]);
  });

  it('does not send a frame back where it came from', () => {
    const { bench, h1 } = bridge();
    bench.send(h1, 'broadcast', 'a5');
    bench.take();
    const packet = bench.send(h1, 'a5', 'a1');
    expect(bench.dropOf(packet)).toMatchObject({ reason: 'kernel:NO_TX_TARGET', function: 'br_forward' });
  });

  it('refuses a source MAC that is a group or zero, and learns nothing from it', () => {
    const { bench, h2, fdb } = bridge();
    bench.send(h2, 'broadcast', '01:00:00:00:00:02');
    bench.send(h2, 'broadcast', '00:00:00:00:00:00');
    expect(bench.drops()).toEqual({ 'kernel:MAC_INVALID_SOURCE': 2 });
    expect(fdb()).toEqual(OWN);
  });

  it('forwards a frame from one of its own MACs and does not believe it', () => {
    const { bench, h2, fdb } = bridge();
    bench.send(h2, 'broadcast', '11');
    expect(bench.take()).toEqual(['br0', 'h3', 'h1']);
    expect(fdb()).toEqual(OWN);
  });

  it('forwards the bridge group address, drops pause frames, and keeps LLDP on the link while it learns from it', () => {
    const { bench, h1, fdb } = bridge();
    bench.send(h1, '01:80:c2:00:00:00', 'c0');
    expect(bench.take()).toEqual(['br0', 'h3', 'h2']);
    const pause = bench.send(h1, '01:80:c2:00:00:01', 'c1');
    expect(bench.dropOf(pause).function).toBe('br_handle_frame');
    bench.send(h1, '01:80:c2:00:00:0e', 'ce');
    bench.send(h1, '01:80:c2:00:00:0f', 'cf');
    expect(bench.take()).toEqual(['p1', 'p1']);
    expect(fdb().filter((row) => row.includes('p1'))).toEqual(['cf p1', 'ce p1', 'c0 p1', '11 p1 permanent']);
  });

  it('lets a frame pass that is four bytes too long, drops a longer one, and of a flood only that copy', () => {
    const { bench, h1, h2, h3, p1, p3 } = bridge();
    bench.send(h2, 'broadcast', 'a2');
    for (const device of [h1, p1, h3, p3]) device.mtu = 9000;
    bench.take();
    bench.send(h1, 'a2', 'a1', 1518);
    expect(bench.take()).toEqual(['h2']);
    expect(bench.dropOf(bench.send(h1, 'a2', 'a1', 1519)).reason).toBe('kernel:PKT_TOO_BIG');
    bench.send(h1, 'broadcast', 'a1', 1519);
    expect(bench.take()).toEqual(['br0', 'h3']);
    expect(bench.drops()).toEqual({ 'kernel:PKT_TOO_BIG': 2 });
  });

  it('sends for its own namespace: known, unknown, to a port MAC by that port, to its own MAC nowhere', () => {
    const { bench, br0, h2 } = bridge();
    bench.send(h2, 'broadcast', 'a2');
    bench.take();
    const sent = (to: string) => {
      bench.send(br0, to, '10');
      return bench.take();
    };
    expect(sent('a2')).toEqual(['h2']);
    expect(sent('broadcast')).toEqual(['h3', 'h2', 'h1']);
    expect(sent('a9')).toEqual(['h3', 'h2', 'h1']);
    expect(sent('12')).toEqual(['h2']);
    expect(sent('10')).toEqual([]);
    expect(bench.drops()).toEqual({ 'kernel:NO_TX_TARGET': 1 });
  });

  it('takes a port whose far end goes down out: what was learnt there goes, and nothing is sent there', () => {
    const { bench, h1, h2, h3, fdb } = bridge();
    bench.send(h3, 'broadcast', 'a3');
    bench.send(h1, 'broadcast', 'a1');
    bench.take();
    h3.setUp(false);
    expect(fdb()).not.toContain('a3 p3');
    expect(fdb()).toContain('a1 p1');
    bench.send(h2, 'a3', 'a2');
    expect(bench.take()).toEqual(['h1']);
    h3.setUp(true);
    bench.send(h2, 'a3', 'a2');
    expect(bench.take()).toEqual(['h3', 'h1']);
  });

  it('drops by BRIDGE_INGRESS_STP_STATE what comes in while the bridge is down, and has forgotten everybody', () => {
    const { bench, br0, h1, fdb } = bridge();
    bench.send(h1, 'broadcast', 'a1');
    br0.setUp(false);
    expect(fdb()).toEqual(OWN);
    bench.take();
    bench.send(h1, 'broadcast', 'a1');
    expect([bench.take(), bench.drops()]).toEqual([[], { 'kernel:BRIDGE_INGRESS_STP_STATE': 1 }]);
  });

  it('has carrier while a port has, and tells only of changes', () => {
    const { br0, h1, h2, h3, p1, p2, p3 } = bridge();
    const told: boolean[] = [];
    br0.onCarrier = () => told.push(br0.carrier);
    for (const device of [h1, h2, h3]) device.setUp(false);
    h2.setUp(true);
    for (const port of [p1, p2, p3]) br0.removePort(port);
    expect(told).toEqual([false, true, false]);
  });

  it('gives a port back to its namespace when it leaves, and forgets all that was behind it', () => {
    const { bench, br0, h1, p1, fdb } = bridge();
    bench.send(h1, 'broadcast', 'a1');
    br0.fdb.add(mac('77'), p1, 'static');
    bench.take();
    br0.removePort(p1);
    expect(fdb()).toEqual(['10 br0 permanent', '12 p2 permanent', '13 p3 permanent']);
    bench.send(h1, 'broadcast', 'a1');
    expect(bench.take()).toEqual(['p1']);
  });

  it('loses a port that is destroyed', () => {
    const { bench, br0, h1, h2, p1, p3, p2 } = bridge();
    p1.startXmit(bench.frame('a1', 'a2'));
    h1.destroy();
    expect(br0.ports).toEqual([p2, p3]);
    expect(p1.rxHandler).toBeUndefined();
    bench.send(h2, 'broadcast', 'a2');
    expect(bench.take()).toEqual(['br0', 'h3']);
    expect(bench.drops()).toEqual({ 'kernel:QUEUE_PURGE': 1 });
  });

  it('drops what nobody else is there for', () => {
    const { bench, br0, h1, p2, p3 } = bridge();
    for (const port of [p2, p3]) br0.removePort(port);
    expect(bench.dropOf(bench.send(h1, 'a9', 'a1'))).toMatchObject({
      reason: 'kernel:NO_TX_TARGET',
      function: 'br_flood',
    });
    bench.send(h1, 'broadcast', 'a1');
    expect(bench.take()).toEqual(['br0']);
  });

  it('sends a frame back by a port in hairpin mode, its own broadcasts too', () => {
    const { bench, h1, p1 } = bridge();
    flagsOf(p1).hairpin = true;
    bench.send(h1, 'broadcast', 'a5');
    expect(bench.take()).toEqual(['br0', 'h3', 'h2', 'h1']);
    bench.send(h1, 'a5', 'a1');
    expect(bench.take()).toEqual(['h1']);
  });

  it('learns nothing by a port that must not', () => {
    const { bench, h1, p1, fdb } = bridge();
    flagsOf(p1).learning = false;
    bench.send(h1, 'broadcast', 'a1');
    bench.send(h1, '01:80:c2:00:00:0e', 'a1');
    expect(fdb()).toEqual(OWN);
  });

  it('floods nothing to a port that does not want it, but groups of its own', () => {
    const { bench, br0, h1, p2 } = bridge();
    Object.assign(flagsOf(p2), { flood: false, mcast_flood: false, bcast_flood: false });
    const sent = (from: typeof h1 | typeof br0, to: string) => {
      bench.send(from, to, from === br0 ? '10' : 'a1');
      return bench.take();
    };
    expect(sent(h1, 'a9')).toEqual(['h3']);
    expect(sent(h1, '01:00:5e:00:00:05')).toEqual(['br0', 'h3']);
    expect(sent(h1, 'broadcast')).toEqual(['br0', 'h3']);
    expect(sent(br0, 'a9')).toEqual(['h3', 'h1']);
    expect(sent(br0, '01:00:5e:00:00:05')).toEqual(['h3', 'h2', 'h1']);
    expect(sent(br0, 'broadcast')).toEqual(['h3', 'h2', 'h1']);
  });

  it('keeps isolated ports from each other, and from nobody else', () => {
    const { bench, br0, h1, h2, h3, p1, p2 } = bridge();
    for (const port of [p1, p2]) flagsOf(port).isolated = true;
    bench.send(h2, 'broadcast', 'a2');
    expect(bench.take()).toEqual(['br0', 'h3']);
    expect(bench.dropOf(bench.send(h1, 'a2', 'a1')).reason).toBe('kernel:NO_TX_TARGET');
    bench.send(h3, 'a2', 'a3');
    bench.send(br0, 'a2', '10');
    expect(bench.take()).toEqual(['h2', 'h2']);
  });

  it('records what it decided on, under its title', () => {
    const { bench, h1, h2 } = bridge();
    const decisions = (packet: { readonly number: number }) =>
      bench.recorder
        .stepsOf(packet.number)
        .flatMap((step) =>
          step.kind === 'bridge' ? [`${step.bridge}: ${step.decision} ${step.mac} ${step.port}`] : [],
        );
    expect(decisions(bench.send(h1, 'broadcast', 'a1'))).toEqual(['TPA bridge: flood broadcast p2 p3 br0']);
    expect(decisions(bench.send(h2, 'a1', 'a2'))).toEqual(['TPA bridge: forward 02:00:00:00:00:a1 p1']);
    expect(decisions(bench.send(h2, '10', 'a2'))).toEqual(['TPA bridge: local 02:00:00:00:00:10 br0']);
  });
});
