import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { ns } from '../../sim/core/time.ts';
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

  it('law: agrees with a list that is searched from the end', () => {
    const step = fc.record({
      verb: fc.constantFrom('learn', 'learn', 'learn', 'static', 'remove', 'flush', 'forget', 'wait'),
      mac: fc.integer({ min: 1, max: 5 }),
      port: fc.integer({ min: 0, max: 2 }),
      span: fc.integer({ min: 1, max: AGEING }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = new EventQueue();
        const fdb = new ForwardingDatabase(clock, ns(AGEING));
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
            if (known === undefined) model.push({ mac: address, port: at, updated: clock.now, fixed: false });
            else Object.assign(known, { port: at, updated: clock.now });
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
