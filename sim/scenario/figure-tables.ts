import type { Tables } from '../whitepaper/compare-tables.ts';
import type { Holder } from '../whitepaper/figure.ts';
import type { Stack, World } from '../world/world.ts';

/** The tables of the first Comware node of a world, by the words of the figures. */
export function tablesOf(world: World): Tables {
  const device = [...world.nodes.values()].find((node) => node.kind === 'comware')?.name ?? '';
  return (of) => {
    const stack = world.find(titleOf(world, device, of));
    return stack === undefined ? undefined : world.snapshot(stack);
  };
}

function titleOf(world: World, device: string, of: Holder): string {
  if (of === 'comware') return device;
  if (of === 'kernel') return `${device}/comware`;
  if (of === 'container') return sharingContainer(world, device)?.title ?? '';
  return `${device}/${of}`;
}

/** The first container of a device that shares the namespace of Comware. */
function sharingContainer(world: World, device: string): Stack | undefined {
  const node = world.nodes.get(device);
  if (node?.kind !== 'comware') return undefined;
  const name = node.docker.containers.find((one) => one.net === node.comware.net)?.options.name;
  return name === undefined ? undefined : world.find(`${device}/${name}`);
}
