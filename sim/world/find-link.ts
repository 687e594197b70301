import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import type { World, WorldLink } from './world.ts';

/** The link that ends at `NODE:INTERFACE`; a port of Comware may be named in its short or long form. */
export function findLink(world: World, endpoint: string): WorldLink | undefined {
  const wanted = canonical(endpoint);
  return world.links.find((link) => link.ends.some((end) => canonical(end) === wanted));
}

function canonical(end: string): string {
  const colon = end.indexOf(':');
  const name = end.slice(colon + 1);
  return `${end.slice(0, colon)}:${parseInterfaceName(name)?.short ?? name}`;
}
