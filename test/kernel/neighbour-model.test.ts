import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { ms, ns, seconds } from '../../sim/core/time.ts';
import { NeighbourTable } from '../../sim/kernel/forwarding/neighbour-table.ts';
import { Sysctls } from '../../sim/kernel/sysctl.ts';
import { EthernetPort } from '../../sim/link/ethernet-port.ts';
import { consume } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Place, Site } from '../../sim/packet/place.ts';

/*
 * The table of neighbours on a link whose stations come and go, beside a model that knows of nothing but the stations: what is
 * sent to one that is there arrives, at a MAC that it has; what is sent to one that was never there dies of that, in time; and
 * there are never more entries than there may be.
 */

const PLACE: Place = { node: 'a', role: 'linux', title: 'a' };
const SITE: Site = { component: 'Interface', function: 'test' };
const STATIONS = [1, 2, 3, 4, 5];
const MOST = 3;
/** A station answers after that. */
const ANSWER = ms(1);

interface Station {
  /** Undefined while it is not there. */
  mac: number | undefined;
  /** MACs it has had: an entry may still have an older one, until it is found out. */
  readonly macs: Set<number>;
}

interface Sent {
  readonly packet: Packet;
  readonly to: number;
  readonly at: number;
  readonly wasFull: boolean;
}

interface Model {
  readonly stations: Map<number, Station>;
  readonly sent: Sent[];
}

class Link {
  readonly clock = new EventQueue();
  readonly ledger = new Ledger();
  readonly device = new EthernetPort({ name: 'eth0', mac: 0x020000000001, mtu: 1500 });
  readonly table: NeighbourTable;
  readonly arrivals: { packet: number; mac: number; at: number }[] = [];
  readonly told: number[] = [];
  nextMac = 0x020000001000;

  constructor(model: Model) {
    const sysctls = new Sysctls();
    sysctls.write('net.ipv4.neigh.default.gc_thresh3', MOST);
    sysctls.write('net.ipv4.neigh.default.gc_thresh2', 2);
    sysctls.write('net.ipv4.neigh.default.gc_thresh1', 1);
    this.device.ifindex = 1;
    this.table = new NeighbourTable(this.clock, new Chance(1), PLACE, sysctls, {
      macWithoutArp: () => undefined,
      solicit: ({ address }, way) => {
        const station = model.stations.get(address);
        if (way === 'daemon' || station?.mac === undefined) return;
        const asked = station.mac;
        this.clock.after(ANSWER, () => this.#answer(model, address, asked), undefined);
      },
      transmit: (packet, _device, mac) => {
        this.arrivals.push({ packet: packet.number, mac, at: this.clock.now });
        return consume(packet, PLACE, SITE, 'sent');
      },
      unreachable: (packet) => this.told.push(packet.number),
    });
  }

  /** A reply goes to who asked, if the station is still what it was. */
  #answer(model: Model, address: number, mac: number): void {
    const neighbour = this.table.lookup(this.device, address);
    if (neighbour !== undefined && model.stations.get(address)?.mac === mac) {
      this.table.update(neighbour, mac, 'REACHABLE', !this.table.isLocked(neighbour));
    }
  }

  pass(span: number): void {
    const end = this.clock.now + span;
    while ((this.clock.nextAt() ?? Number.POSITIVE_INFINITY) <= end) this.clock.runNext();
    this.clock.after(ns(end - this.clock.now), () => {}, undefined);
    this.clock.runNext();
  }

  /** Entries that count: all but those made by hand for good. */
  get counted(): number {
    return this.table.list().filter(({ state }) => state !== 'PERMANENT').length;
  }
}

type Step = fc.Command<Model, Link>;

function step(name: string, run: (model: Model, link: Link) => void): Step {
  return {
    check: () => true,
    run: (model, link) => {
      run(model, link);
      expect(link.counted).toBeLessThanOrEqual(MOST);
      link.ledger.audit(link.table.held);
    },
    toString: () => name,
  };
}

const station = (model: Model, index: number): Station => model.stations.get(index) as Station;

const send = (to: number): Step =>
  step(`send to ${to}`, (model, link) => {
    const packet = Packet.allocate(link.ledger, 100);
    packet.networkOffset = packet.head;
    const wasFull = link.counted >= MOST;
    model.sent.push({ packet, to, at: link.clock.now, wasFull });
    link.table.output(packet, link.device, to);
  });

const comes = (index: number): Step =>
  step(`${index} comes, or changes its MAC`, (model, link) => {
    const one = station(model, index);
    one.mac = link.nextMac++;
    one.macs.add(one.mac);
  });

const goes = (index: number): Step =>
  step(`${index} goes`, (model) => {
    station(model, index).mac = undefined;
  });

const asks = (index: number): Step =>
  step(`${index} asks for us`, (model, link) => {
    const { mac } = station(model, index);
    if (mac === undefined) return;
    const hadRoom = link.counted < MOST || link.table.lookup(link.device, index) !== undefined;
    const isNoted = link.table.heardRequest(link.device, index, mac);
    if (hadRoom) expect(isNoted).toBe(true);
    // Who is noted has the MAC that it told, whatever it had before.
    if (isNoted) expect(link.table.lookup(link.device, index)?.mac).toBe(mac);
  });

const removed = (index: number): Step =>
  step(`ip neigh del ${index}`, (_model, link) => {
    const isThere = link.table.lookup(link.device, index) !== undefined;
    expect(link.table.remove(link.device, index)).toBe(isThere);
    expect(link.table.lookup(link.device, index)).toBeUndefined();
  });

const wait = (span: number): Step => step(`wait ${span / 1e6} ms`, (_model, link) => link.pass(span));

/** Something happened to a station: whether it is there since, undefined where that is as it was. */
interface Turn {
  readonly at: number;
  readonly index: number;
  readonly isThere: boolean | undefined;
}

/** What became of each packet, once all has come to rest. */
function judge(model: Model, link: Link, turns: readonly Turn[]): void {
  for (const { packet, to, at, wasFull } of model.sent) {
    const arrival = link.arrivals.find((one) => one.packet === packet.number);
    expect(packet.state).toBe('ended');
    if (arrival !== undefined) {
      expect(station(model, to).macs.has(arrival.mac)).toBe(true);
      continue;
    }
    expect(['kernel:NEIGH_FAILED', 'kernel:NEIGH_CREATEFAIL']).toContain(packet.reason);
    if (packet.reason === 'kernel:NEIGH_CREATEFAIL') expect(wasFull).toBe(true);
    else expect(link.told).toContain(packet.number);
    // One that was there and stayed for as long as a search may take would have had it.
    const own = turns.filter(({ index }) => index === to);
    const isCalm = !own.some((turn) => turn.at >= at && turn.at <= at + 12e9);
    const last = own.filter((turn) => turn.at < at && turn.isThere !== undefined).at(-1);
    if (isCalm && packet.reason === 'kernel:NEIGH_FAILED') expect(last?.isThere ?? false).toBe(false);
  }
}

it('law: what is sent to a station that is there arrives, and the table stays within its bounds', () => {
  const turns: Turn[] = [];
  const noted = (inner: Step, index: number, isThere: boolean | undefined): Step => ({
    check: () => true,
    run: (model, link) => {
      turns.push({ at: link.clock.now, index, isThere });
      inner.run(model, link);
    },
    toString: () => inner.toString(),
  });
  const index = fc.constantFrom(...STATIONS);
  const commands = fc.commands(
    [
      index.map(send),
      index.map(send),
      index.map((one) => noted(comes(one), one, true)),
      index.map((one) => noted(goes(one), one, false)),
      index.map(asks),
      index.map((one) => noted(removed(one), one, undefined)),
      fc.constantFrom(0.5, 2, 800, 3500, 9000, 40_000).map((span) => wait(ms(span))),
    ],
    { maxCommands: 60 },
  );
  fc.assert(
    fc.property(commands, (steps) => {
      turns.length = 0;
      const model: Model = {
        stations: new Map(STATIONS.map((one) => [one, { mac: undefined, macs: new Set<number>() }])),
        sent: [],
      };
      const link = new Link(model);
      fc.modelRun(() => ({ model, real: link }), steps);
      link.pass(seconds(200));
      expect(link.table.held).toBe(0);
      judge(model, link, turns);
      // Nobody waits for anybody any more.
      expect(link.table.list().filter(({ state }) => state === 'INCOMPLETE')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
