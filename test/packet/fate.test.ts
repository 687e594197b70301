import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { ZERO } from '../../sim/core/time.ts';
import { dropReasons, sentenceOf } from '../../sim/packet/drop-reasons.ts';
import { consume, deliver, drop, hold, release } from '../../sim/packet/fate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Place, Site } from '../../sim/packet/place.ts';
import { Recorder } from '../../sim/packet/recorder.ts';

const PLACE: Place = { node: 'a', role: 'linux', title: 'a' };
const SITE: Site = { component: 'Inet stack', function: 'test' };

const endings = {
  drop: (packet: Packet) => drop(packet, PLACE, SITE, 'kernel:NO_SOCKET'),
  consume: (packet: Packet) => consume(packet, PLACE, SITE, 'echo'),
  deliver: (packet: Packet) => deliver(packet, PLACE, SITE, 'socket', PLACE),
};
const ends = Object.entries(endings);

describe('fate', () => {
  it.each(ends.flatMap(([first, end]) => ends.map(([second, again]) => [first, second, end, again] as const)))(
    'a packet ends once: %s, then %s is a bug',
    (_first, _second, end, again) => {
      const packet = Packet.allocate(new Ledger(), 1);
      end(packet);
      expect(() => again(packet)).toThrow(SimulatorBug);
      expect(() => hold(packet)).toThrow(SimulatorBug);
      expect(() => release(packet)).toThrow(SimulatorBug);
      packet.ledger.audit(0);
    },
  );

  it.each(ends)('a packet that is held must be released before: %s', (_, end) => {
    const packet = Packet.allocate(new Ledger(), 1);
    hold(packet);
    expect(() => end(packet)).toThrow(SimulatorBug);
    expect(() => hold(packet)).toThrow(SimulatorBug);
    packet.ledger.audit(1);
    end(release(packet));
    packet.ledger.audit(0);
  });

  it('only what is held can be released', () => {
    expect(() => release(Packet.allocate(new Ledger(), 1))).toThrow(SimulatorBug);
  });

  it('the trace tells where, by which function and why', () => {
    const ledger = new Ledger();
    const recorder = new Recorder({ now: ZERO });
    ledger.recorder = recorder;
    const packet = Packet.allocate(ledger, 1, 7);
    hold(packet, PLACE, SITE, 'the queue');
    drop(release(packet), PLACE, SITE, 'kernel:NEIGH_FAILED', 'for 10.0.0.2');
    const common = { time: 0, packet: 1, place: PLACE, component: 'Inet stack', function: 'test' };
    expect(recorder.stepsOf(1)).toEqual([
      { ...common, order: 0, kind: 'hold', where: 'the queue' },
      { ...common, order: 1, kind: 'drop', reason: 'kernel:NEIGH_FAILED', detail: 'for 10.0.0.2' },
    ]);
    expect(recorder.lineageOf(1)).toEqual({ number: 1, parent: 0, cause: 7 });
  });
});

describe('the ledger', () => {
  it('balances after any lives that end well', () => {
    const life = fc.constantFrom<'drop' | 'consume' | 'deliver' | 'held'>('drop', 'consume', 'deliver', 'held');
    fc.assert(
      fc.property(fc.array(life), (lives) => {
        const ledger = new Ledger();
        for (const end of lives) {
          const packet = Packet.allocate(ledger, 1);
          if (end === 'held') hold(packet);
          else endings[end](packet);
        }
        const count = (end: string) => lives.filter((one) => one === end).length;
        ledger.audit(count('held'));
        expect([ledger.born, ledger.dropped, ledger.drops.get('kernel:NO_SOCKET') ?? 0]).toEqual([
          lives.length,
          count('drop'),
          count('drop'),
        ]);
      }),
    );
  });

  it('notices a packet that was lost', () => {
    const ledger = new Ledger();
    endings.consume(Packet.allocate(ledger, 1));
    Packet.allocate(ledger, 1);
    expect(() => ledger.audit(0)).toThrow('packets were lost: born 2, consumed 1, dropped 0, held 0');
  });

  it('notices a clone that was lost', () => {
    const packet = Packet.allocate(new Ledger(), 1);
    packet.clone();
    endings.deliver(packet);
    expect(() => packet.ledger.audit(0)).toThrow(SimulatorBug);
  });

  it('notices a packet that is held by nobody', () => {
    const packet = Packet.allocate(new Ledger(), 1);
    hold(packet);
    expect(() => packet.ledger.audit(0)).toThrow('1 packets are held, the queues hold 0');
  });
});

describe('drop reasons', () => {
  it('have a sentence each, and no two the same name', () => {
    expect(new Set(dropReasons).size).toBe(dropReasons.length);
    for (const reason of dropReasons) {
      expect(reason).toMatch(/^(kernel|comware|link):[A-Z0-9_]+$/);
      expect(sentenceOf(reason)).toMatch(/ /);
    }
  });
});
