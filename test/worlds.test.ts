import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOfRequest } from '../sim/explain/account.ts';
import { traceRecordSchema } from '../sim/explain/record-schema.ts';
import { recordsOf } from '../sim/explain/records.ts';
import { Sightings } from '../sim/explain/sightings.ts';
import { reportScenario } from '../sim/scenario/report.ts';
import type { ScenarioRun } from '../sim/scenario/runner.ts';
import { u8, u16 } from '../sim/wire/bytes.ts';
import type { World } from '../sim/world/world.ts';
import { randomRun } from './random-network.ts';

/** Packets that died and left no bytes, or bytes that do not begin with a link header or an IP header. */
function unreadableDrops(world: World): string[] {
  const { recorder } = world;
  return [...(recorder?.packets() ?? [])].flatMap(({ number }) => {
    const last = recorder?.stepsOf(number).at(-1);
    if (recorder === undefined || last?.kind !== 'drop') return [];
    const frame = recorder.frameOfDrop(number);
    const whole = `packet ${number}: ${last.reason} in ${last.function}`;
    if (frame === undefined) return [`${whole}: no bytes`];
    const { bytes, linkLength } = frame;
    if (linkLength !== 0 && linkLength !== 14) return [`${whole}: ${linkLength} bytes of link header`];
    const isIp = linkLength === 0 || u16(bytes, 12) === 0x0800;
    if (!isIp) return u16(bytes, 12) === 0x0806 ? [] : [`${whole}: EtherType ${u16(bytes, 12)}`];
    const isWhole = u8(bytes, linkLength) >>> 4 === 4 && u16(bytes, linkLength + 2) <= bytes.length - linkLength;
    return isWhole ? [] : [`${whole}: no IPv4 header`];
  });
}

/** What contradicts itself in the accounts of all requests: a death without a packet that died, a refusal without an error. */
function oddAccounts(world: World, run: ScenarioRun): string[] {
  const sightings = new Sightings(world);
  return run.outcomes.flatMap(({ title, from = '', probe }) =>
    (probe?.sent ?? []).flatMap((_, index) => {
      const asked = { from, probe: probe as NonNullable<typeof probe> };
      const account = accountOfRequest(world, sightings, asked, index);
      const { verdict, drops, refusals, errors, there } = account;
      const isOdd =
        (verdict === 'DROPPED' && drops.length + refusals.length === 0) ||
        (verdict === 'REJECTED' && errors.length === 0) ||
        (verdict === 'DELIVERED' && there === undefined);
      const faults = recordsOf(account, 1, []).flatMap(
        (record) => traceRecordSchema.safeParse(record).error?.message ?? [],
      );
      return [...(isOdd ? [`${title} (request ${index}): ${verdict} for no reason`] : []), ...faults];
    }),
  );
}

describe('law: in any network, whatever is done to it', () => {
  it('nothing throws, no packet is lost, every trace keeps its grammar', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { world, scenario, run, findings } = randomRun(seed);
        expect(findings).toEqual([]);
        expect(world.halt).toBeUndefined();
        world.audit();
        reportScenario(world, scenario, run);
        expect(unreadableDrops(world)).toEqual([]);
        expect(oddAccounts(world, run)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
