import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { Lab } from '../bench.ts';
import { addresses, deviceWith, docker, echo } from './device.ts';

/*
 * The addresses of a Virtual-Eth-Group, 10.66.0.0/29 with .3 for the device, beside a model that is a list of five numbers: a
 * container takes the lowest that is free when it starts, gives it back when it stops, and keeps the one it asked for.
 */

const FREE = [1, 2, 4, 5, 6];

interface Known {
  asked: number | undefined;
  address: number | undefined;
}

type Model = Map<string, Known>;
type Step = fc.Command<Model, Lab>;

function step(name: string, run: (model: Model, lab: Lab) => void): Step {
  return {
    check: () => true,
    run: (model, lab) => {
      run(model, lab);
      const expected = [...model].map(
        ([one, { address }]) => `${one} ${address === undefined ? '-' : `10.66.0.${address}`}`,
      );
      expect(addresses(lab).sort()).toEqual(expected.sort());
    },
    toString: () => name,
  };
}

/** The address that a container gets, or why it gets none; `self` may have asked for one. */
function given(model: Model, self: string, asked: number | undefined): number | 'in use' | 'none free' {
  const others = [...model].filter(([name]) => name !== self).map(([, known]) => known);
  const taken = new Set(others.flatMap(({ asked: fixed, address }) => [fixed, address]));
  if (asked !== undefined) return asked === 3 || taken.has(asked) ? 'in use' : asked;
  return FREE.find((one) => !taken.has(one)) ?? 'none free';
}

const SENTENCE = { 'in use': 'already in use', 'none free': 'no free address' };

const run = (name: string, asked: number | undefined): Step =>
  step(`run ${name}${asked === undefined ? '' : ` --ip .${asked}`}`, (model, lab) => {
    if (model.has(name)) return;
    const flag = asked === undefined ? '' : `--ip 10.66.0.${asked} `;
    const said = docker(lab, `run -d --name ${name} ${flag}echo`);
    const address = given(model, name, asked);
    if (typeof address === 'number') {
      expect(said).toMatch(/^[0-9a-f]{64}\n$/);
      model.set(name, { asked, address });
      return;
    }
    expect(said).toContain(SENTENCE[address]);
    // As docker has it: what could not start is there all the same.
    model.set(name, { asked, address: undefined });
  });

const start = (name: string): Step =>
  step(`start ${name}`, (model, lab) => {
    const known = model.get(name);
    if (known === undefined || known.address !== undefined) return;
    const said = docker(lab, `start ${name}`);
    const address = given(model, name, known.asked);
    if (typeof address === 'number') known.address = address;
    else expect(said).toContain(SENTENCE[address]);
  });

const stop = (name: string): Step =>
  step(`stop ${name}`, (model, lab) => {
    const known = model.get(name);
    if (known === undefined) return;
    docker(lab, `stop ${name}`);
    known.address = undefined;
  });

const remove = (name: string): Step =>
  step(`rm -f ${name}`, (model, lab) => {
    if (!model.has(name)) return;
    docker(lab, `rm -f ${name}`);
    model.delete(name);
  });

it('law: containers have the addresses that a list of five numbers gives out, until there is none', () => {
  expect(parseIpv4('10.66.0.3')).toBeDefined();
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const commands = fc.commands(
    [
      name.map((one) => run(one, undefined)),
      name.map((one) => run(one, undefined)),
      fc.tuple(name, fc.integer({ min: 1, max: 6 })).map(([one, asked]) => run(one, asked)),
      name.map(start),
      name.map(stop),
      name.map(remove),
    ],
    { maxCommands: 25 },
  );
  const images = { echo };
  fc.assert(
    fc.property(commands, (steps) => {
      fc.modelRun(() => ({ model: new Map(), real: new Lab(deviceWith({}, { images })) }), steps);
    }),
    { numRuns: 25 },
  );
});
