import fc from 'fast-check';
import { expect, it } from 'vitest';
import { must } from '../../sim/core/assert.ts';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { ipv4Fault, putIpv4 } from '../../sim/wire/ipv4.ts';
import { icmpError, ipv4, NatLab, packet } from './nat-lab.ts';

/*
 * A model of UDP through NAT, as simple as can be: a list of sessions, searched from its beginning. The device has to
 * send what the model says, packet by packet, with ports that run out, sessions that age, a server and a static host.
 */

const POOL = '203.0.113.20';
const PORTS = [2000, 2001, 2002];
const STATIC = { local: '10.0.2.5', global: '203.0.113.77' };
const SERVER = { global: `${POOL}:2001`, inside: '10.0.2.3:7' };

const CONFIGURATION = [
  ...['acl basic 2000', 'rule permit source 10.0.2.0 0.0.0.255', '#'],
  ...['nat address-group 1', `address ${POOL} ${POOL}`, `port-range ${PORTS[0]} ${PORTS.at(-1)}`, '#'],
  ...[`nat static outbound ${STATIC.local} ${STATIC.global}`, 'interface GE1/0/1', 'nat static enable'],
  `nat server protocol udp global ${POOL} 2001 inside 10.0.2.3 7`,
  'nat outbound 2000 address-group 1',
];

interface Known {
  readonly from: string;
  readonly to: string;
  readonly backFrom: string;
  readonly backTo: string;
  answered: boolean;
  expires: number;
}

class Model {
  #sessions: Known[] = [];

  /** What a packet from `from` to `to` leaves as; undefined where nothing of it leaves by the other side. */
  pass(now: number, isFromInside: boolean, from: string, to: string): string | undefined {
    this.#sessions = this.#sessions.filter(({ expires }) => expires > now);
    const forth = this.#sessions.find((one) => one.from === from && one.to === to);
    if (forth !== undefined)
      return this.#touch(now, forth, `${forth.backTo}>${forth.backFrom}`, from, to, isFromInside);
    const back = this.#sessions.find((one) => one.backFrom === from && one.backTo === to);
    if (back !== undefined) {
      back.answered = true;
      return this.#touch(now, back, `${back.to}>${back.from}`, from, to, isFromInside);
    }
    const source = isFromInside ? this.#source(from, to) : from;
    if (source === undefined) return undefined;
    const destination = isFromInside ? to : destinationOf(to);
    const session = { from, to, backFrom: destination, backTo: source, answered: false, expires: 0 };
    if (this.#isTaken(destination, source)) return undefined;
    this.#sessions.push(session);
    return this.#touch(now, session, `${source}>${destination}`, from, to, isFromInside);
  }

  #touch(
    now: number,
    session: Known,
    line: string,
    from: string,
    to: string,
    isFromInside: boolean,
  ): string | undefined {
    session.expires = now + (session.answered ? 60e9 : 30e9);
    const isUntranslated = line === `${from}>${to}`;
    return isUntranslated && !isFromInside ? undefined : `udp ${line}`;
  }

  #source(from: string, to: string): string | undefined {
    const [address, port] = from.split(':');
    if (address === STATIC.local) return `${STATIC.global}:${port}`;
    const free = PORTS.map((one) => `${POOL}:${one}`).find((one) => one !== SERVER.global && !this.#isTaken(to, one));
    return free;
  }

  /** Whether packets of this flow belong to a session already, in either direction. */
  #isTaken(from: string, to: string): boolean {
    return this.#sessions.some(
      (one) => (one.from === from && one.to === to) || (one.backFrom === from && one.backTo === to),
    );
  }
}

function destinationOf(to: string): string {
  if (to === SERVER.global) return SERVER.inside;
  return to.replace(STATIC.global, STATIC.local);
}

const remote = fc.constantFrom('203.0.113.200:9', '203.0.113.200:10');
const action = fc.oneof(
  fc.record({
    inside: fc.constant(true),
    from: fc.constantFrom('10.0.2.2:1', '10.0.2.2:2', '10.0.2.3:7', '10.0.2.4:1', '10.0.2.5:2000', '10.0.2.5:7'),
    to: remote,
  }),
  fc.record({
    inside: fc.constant(false),
    from: remote,
    to: fc.constantFrom(...PORTS.map((port) => `${POOL}:${port}`), `${STATIC.global}:7`, `${STATIC.global}:2000`),
  }),
  fc.record({ wait: fc.constantFrom(1, 10, 25, 31, 45) }),
);

it('law: UDP through NAT leaves as a model of a few lines says', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 40 }), (actions) => {
      const lab = new NatLab(CONFIGURATION, { containers: {} });
      const model = new Model();
      lab.neighbour('GE1/0/1', '203.0.113.200');
      for (const last of [2, 3, 4, 5]) lab.neighbour('GE1/0/2', `10.0.2.${last}`);
      for (const one of actions) {
        if ('wait' in one) {
          lab.run({ wait: `${one.wait}s` });
          continue;
        }
        const expected = model.pass(lab.world.clock.now, one.inside, one.from, one.to);
        const sent = lab.inject(one.inside ? 'GE1/0/2' : 'GE1/0/1', packet('udp', one.from, one.to));
        expect([one, ...sent]).toEqual(expected === undefined ? [one] : [one, expected]);
      }
    }),
    { numRuns: 60 },
  );
});

const address = fc.constantFrom(
  ...['203.0.113.1', '203.0.113.20', '203.0.113.77', '203.0.113.200', '203.0.113.9', '10.0.2.1', '10.0.2.2'],
  ...['10.0.2.3', '10.0.2.5', '172.20.0.2', '127.0.0.1', '255.255.255.255', '224.0.0.1', '0.0.0.0', '192.0.2.7'],
);

const wild = fc
  .record({
    source: address,
    destination: address,
    protocol: fc.constantFrom(1, 1, 6, 17, 47),
    ttl: fc.constantFrom(1, 2, 64),
    fragment: fc.constantFrom(0, 0, 0, 0x4000, 0x2000, 1, 0x2001, 3),
    identification: fc.constantFrom(1, 2),
    payload: fc.uint8Array({ maxLength: 60 }),
  })
  .map(({ payload, source, destination, ...fields }) => {
    const bytes = new Uint8Array(20 + payload.length);
    bytes.set(payload, 20);
    const ends = { source: ipv4(source), destination: ipv4(destination) };
    putIpv4(bytes, 0, { ...fields, ...ends, tos: 0, totalLength: bytes.length });
    return bytes;
  });

const errors = fc
  .record({ from: address, to: address, about: wild, type: fc.constantFrom(3, 11), quoted: fc.nat(80) })
  .map(({ from, to, about, type, quoted }) => icmpError(from, to, type, 0, about, quoted));

it('law: no packet of whatever bytes, into a port with NAT or from the kernel, throws or gets lost', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.oneof(wild, errors)), { maxLength: 30 }), (sent) => {
      const hairpin = ['interface GE1/0/2', 'nat hairpin enable', 'interface Virtual-Eth-Group0', 'nat hairpin enable'];
      const lab = new NatLab([...CONFIGURATION, ...hairpin, 'ip ttl-expires enable', 'ip redirects enable']);
      const ports = ['GE1/0/1', 'GE1/0/2'].map((name) => must(lab.interface(name).port, name));
      for (const [where, bytes] of sent) {
        const port = ports[where];
        if (port === undefined) lab.comware.parts.vrfif0.startXmit(Packet.of(lab.world.ledger, bytes));
        else {
          const frame = new Uint8Array(14 + bytes.length);
          for (let index = 0; index < 6; index++) frame[index] = Math.floor(port.mac / 2 ** (40 - 8 * index)) % 256;
          frame[6] = 2;
          frame.set([8, 0], 12);
          frame.set(bytes, 14);
          netifReceive(Packet.of(lab.world.ledger, frame), port);
        }
        lab.world.ledger.audit(lab.world.held);
      }
      lab.run({ wait: '7300s' });
      expect([lab.world.held, lab.comware.nat.sessions.list().length]).toEqual([0, 0]);
      const left = lab.frames('dev:GE1/0/1').filter(({ direction, bytes }) => direction === 'out' && bytes[13] === 0);
      expect(left.filter(({ bytes }) => ipv4Fault(bytes, 14, bytes.length - 14) !== undefined)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
