import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { ms, ns, seconds } from '../../sim/core/time.ts';
import { EthernetPort } from '../../sim/link/ethernet-port.ts';
import { ForwardingDatabase } from '../../sim/link/fdb.ts';
import { mac } from './bench.ts';

const AGEING = 300;

function port(name: string, address: string): EthernetPort {
  return new EthernetPort({ name, mac: mac(address), mtu: 1500 });
}

describe('forwarding database', () => {
  it('follows a station away from a static entry, which stays static', () => {
    const fdb = new ForwardingDatabase(new EventQueue(), ns(AGEING));
    const [p1, p2] = [port('p1', '11'), port('p2', '12')];
    fdb.add(mac('77'), p1, 'static');
    fdb.learn(mac('77'), p2);
    expect(fdb.find(mac('77'))).toMatchObject({ port: p2, kind: 'static' });
  });

  it('answers as `bridge fdb` does: File exists, No such file or directory, Invalid argument', () => {
    const fdb = new ForwardingDatabase(new EventQueue(), ns(AGEING));
    const [p1, p2] = [port('p1', '11'), port('p2', '12')];
    expect(fdb.add(mac('77'), p1, 'static')).toBeUndefined();
    expect(fdb.add(mac('77'), p2, 'permanent')).toBe('EEXIST');
    expect(fdb.remove(mac('77'), p2)).toBe('ENOENT');
    expect(fdb.remove(mac('77'), p1)).toBeUndefined();
    expect(fdb.add(0, p1, 'static')).toBe('EINVAL');
  });

  it('enters the first of two ports with one MAC, and the other one when the first leaves', () => {
    const fdb = new ForwardingDatabase(new EventQueue(), ns(AGEING));
    const [p1, p2] = [port('p1', '11'), port('p2', '11')];
    fdb.addLocal(p1);
    fdb.addLocal(p2);
    expect(fdb.find(mac('11'))?.port).toBe(p1);
    fdb.forget(p1, [p2]);
    expect(fdb.find(mac('11'))).toMatchObject({ port: p2, kind: 'permanent' });
  });

  it('gives a MAC that was learnt elsewhere to a port that joins with it', () => {
    const fdb = new ForwardingDatabase(new EventQueue(), ns(AGEING));
    const [p1, p2] = [port('p1', '11'), port('p2', '12')];
    fdb.learn(mac('12'), p1);
    fdb.addLocal(p2);
    expect(fdb.list()).toMatchObject([{ port: p2, kind: 'permanent' }]);
  });

  it('learns no more than fdb_max_learned: who is known moves on, who is not stays unknown until somebody ages', () => {
    const clock = new EventQueue();
    const fdb = new ForwardingDatabase(clock, seconds(300), 2);
    const [p1, p2] = [port('p1', '11'), port('p2', '12')];
    const wait = (span: number): void => {
      clock.after(seconds(span), () => {}, undefined);
      clock.runNext();
    };
    fdb.addLocal(p1);
    expect(fdb.add(0x99, p1, 'static')).toBeUndefined();
    fdb.learn(1, p1);
    wait(100);
    for (const mac of [2, 3, 4]) fdb.learn(mac, p1);
    // Its own MAC and what was added by hand do not count.
    expect(fdb.list().map(({ mac }) => mac)).toEqual([p1.mac, 0x99, 1, 2]);
    fdb.learn(2, p2);
    expect(fdb.find(2)?.port).toBe(p2);
    wait(201);
    fdb.learn(3, p1);
    fdb.learn(4, p1);
    expect([1, 2, 3, 4].map((mac) => fdb.find(mac) !== undefined)).toEqual([false, true, true, false]);
    // By hand there is no limit, and one that is removed makes room.
    expect(fdb.add(5, p1, 'learnt')).toBeUndefined();
    expect(fdb.remove(5, p1)).toBeUndefined();
    expect(fdb.remove(3, p1)).toBeUndefined();
    fdb.learn(4, p1);
    expect(fdb.find(4)?.port).toBe(p1);
  });

  it('keeps nothing that has aged: a flood of new stations does not make it grow for ever', () => {
    const clock = new EventQueue();
    const fdb = new ForwardingDatabase(clock, ms(100));
    const p1 = port('p1', '11');
    for (let mac = 1; mac <= 20_000; mac++) {
      clock.after(ms(1), () => {}, undefined);
      clock.runNext();
      fdb.learn(2 * mac, p1);
      expect(fdb.size).toBeLessThanOrEqual(120);
    }
  });

  it('where no limit is set ends at 262144 stations', () => {
    const fdb = new ForwardingDatabase(new EventQueue(), seconds(300));
    const p1 = port('p1', '11');
    for (let mac = 1; mac <= 262_150; mac++) fdb.learn(2 * mac, p1);
    expect(fdb.size).toBe(262_144);
  });

  it('law: agrees with a list that is searched from the end', () => {
    const step = fc.record({
      verb: fc.constantFrom('learn', 'learn', 'learn', 'static', 'remove', 'flush', 'forget', 'wait'),
      mac: fc.integer({ min: 1, max: 5 }),
      port: fc.integer({ min: 0, max: 2 }),
      span: fc.integer({ min: 1, max: AGEING }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (steps, most) => {
        const clock = new EventQueue();
        const fdb = new ForwardingDatabase(clock, ns(AGEING), most);
        const ports = [port('p0', 'f0'), port('p1', 'f1'), port('p2', 'f2')] as const;
        let model: { mac: number; port: EthernetPort; updated: number; fixed: boolean }[] = [];
        for (const { verb, mac: address, port: index, span } of steps) {
          const at = ports[index] as EthernetPort;
          const known = model.find((one) => one.mac === address);
          if (verb === 'wait') {
            clock.after(ns(span), () => {}, undefined);
            clock.runNext();
            model = model.filter((one) => one.fixed || clock.now < one.updated + AGEING);
          } else if (verb === 'learn') {
            fdb.learn(address, at);
            // What has aged counts until somebody looks; here everything was looked for.
            const isFull = model.filter((one) => !one.fixed).length >= most;
            if (known === undefined && !isFull) {
              model.push({ mac: address, port: at, updated: clock.now, fixed: false });
            } else if (known !== undefined) Object.assign(known, { port: at, updated: clock.now });
          } else if (verb === 'static') {
            expect(fdb.add(address, at, 'static')).toBe(known === undefined ? undefined : 'EEXIST');
            if (known === undefined) model.push({ mac: address, port: at, updated: clock.now, fixed: true });
          } else if (verb === 'remove') {
            expect(fdb.remove(address, at)).toBe(known?.port === at ? undefined : 'ENOENT');
            model = model.filter((one) => one !== known || one.port !== at);
          } else if (verb === 'flush') {
            fdb.flush(at);
            model = model.filter((one) => one.port !== at || one.fixed);
          } else {
            fdb.forget(at, []);
            model = model.filter((one) => one.port !== at);
          }
          const rows = fdb.list().map((entry) => [entry.mac, entry.port.name, entry.kind === 'static']);
          expect(rows).toEqual(model.map((one) => [one.mac, one.port.name, one.fixed]));
          for (let other = 1; other <= 5; other++) {
            expect(fdb.find(other)?.port).toBe(model.find((one) => one.mac === other)?.port);
          }
        }
      }),
    );
  });
});
