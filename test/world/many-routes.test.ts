import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';
import { topologyOf } from '../../sim/world/topology-source.ts';
import { Lab } from '../bench.ts';

const links = { eth0: { address: '10.0.0.1/24' } };
const linux = (routes: string[]): object => ({ kind: 'linux', interfaces: links, routes });

describe('a long list of routes', () => {
  it('is built as it stands, each entry with its gateway, and as quickly checked where half of them are links', () => {
    const routes = Array.from({ length: 40_000 }, (_, index) =>
      index % 2 === 0
        ? `${formatIpv4(0x0b000000 + index)}/32 dev eth0`
        : `${formatIpv4(0x0c000000 + index)}/32 via 10.0.0.2`,
    );
    const lab = new Lab(
      { far: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' } } }, gw: linux(routes) },
      [{ endpoints: ['gw:eth0', 'far:eth0'] }],
    );
    const entries = [...(lab.world.find('gw')?.net.mainTable.entries() ?? [])];
    expect(entries).toHaveLength(40_001);
    expect(entries.filter(({ gateway }) => gateway === 0x0a000002)).toHaveLength(20_000);
    // All of them lead in one of two ways, or to the subnet itself.
    expect(new Set(entries.map(({ info }) => info)).size).toBe(3);
  });

  it('tells which of its gateways is in no subnet, and takes one that a route to a link makes reachable', () => {
    const told = topologyOf({
      nodes: { gw: linux(['192.0.2.0/24 dev eth0', '1.0.0.0/8 via 192.0.2.7', '2.0.0.0/8 via 192.0.3.7']) },
    } as never);
    const problems = 'problems' in told ? told.problems.map(({ message }) => message) : [];
    expect(problems).toEqual(['gateway 192.0.3.7 is in no subnet of this node']);
  });

  it('law: an address is read digit by digit as the library reads it', () => {
    const part = fc.oneof(
      fc.integer({ min: 0, max: 300 }).map(String),
      fc.constantFrom('', '01', '00', '0', '1a', ' 1', '-1'),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 5 }), (parts) => {
        const isQuad = parts.length === 4 && parts.every((one) => /^(0|[1-9]\d{0,2})$/.test(one) && Number(one) < 256);
        const expected = parts.reduce((sum, one) => sum * 256 + Number(one), 0);
        expect(parseIpv4(parts.join('.'))).toBe(isQuad ? expected : undefined);
      }),
    );
  });
});
