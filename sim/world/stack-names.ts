import { nearest } from '../core/nearest.ts';
import type { World } from './world.ts';

/** Titles of all containers, running or not, and of those still to be made: `device-a/container3`. */
function containerTitles(world: World): string[] {
  const present = [...world.nodes.values()].flatMap((node) =>
    node.kind === 'comware' ? node.docker.containers.map(({ options }) => `${node.name}/${options.name}`) : [],
  );
  return [...new Set([...present, ...world.announced])];
}

function bareName(title: string): string {
  return title.slice(title.indexOf('/') + 1);
}

/** Whether a name means a container, running or not. */
export function isContainer(world: World, name: string): boolean {
  return containerTitles(world).some((title) => title === name || bareName(title) === name);
}

/** Every name that means a stack: titles, and bare names of containers where only one device has such a one. */
export function stackNames(world: World): string[] {
  const containers = containerTitles(world);
  const bare = containers.map(bareName);
  const titles = new Set([...world.stacks().map((stack) => stack.title), ...containers]);
  return [...titles].flatMap((title) => {
    const short = bareName(title);
    const isUnique = bare.filter((one) => one === short).length === 1;
    return containers.includes(title) && isUnique ? [title, short] : [title];
  });
}

/** Why a name means no stack that is there now, and what could be written instead. */
export function missingStack(world: World, name: string): { readonly message: string; readonly hint: string } {
  const owners = containerTitles(world).filter((title) => title === name || bareName(title) === name);
  if (owners.length > 1) {
    return { message: `"${name}" is a container of more than one device`, hint: `write ${owners.join(' or ')}` };
  }
  if (owners.length === 1) return { message: `"${name}" is not running`, hint: 'it has to be started first' };
  const names = stackNames(world);
  const close = nearest(name, names);
  const hint = close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?`;
  return { message: `there is no "${name}"`, hint };
}
