import type { Flow } from '../../explain/flow.ts';
import { missingStack } from '../../world/stack-names.ts';
import type { Stack, World } from '../../world/world.ts';

/** The options that say which flow is sent through a topology; shared by `trace` and `explain`. */
export interface FlowOptions {
  readonly from?: string;
  readonly to?: { readonly address: number; readonly port: number };
  readonly proto?: 'icmp' | 'udp' | 'tcp';
  readonly ttl?: number;
  readonly source?: number;
  readonly sport?: number;
  readonly size?: number;
  readonly df?: 'want' | 'do' | 'dont';
  readonly seed?: number;
}

/** The options that only a topology takes, of those that were given. */
export function flowOptionsGiven(options: FlowOptions): string[] {
  const names = ['from', 'to', 'proto', 'ttl', 'source', 'sport', 'size', 'df'] as const;
  return names.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
}

/** The flow that the options describe, or what is wrong with them. */
export function flowOf(options: FlowOptions): Flow | string {
  const { from, to, ttl, source, sport, size, df } = options;
  if (from === undefined || to === undefined) return 'a topology needs --from STACK and --to ADDRESS[:PORT]';
  const protocol = options.proto ?? (to.port === 0 ? 'icmp' : 'udp');
  if (protocol !== 'icmp' && to.port === 0) return `${protocol} needs a port: --to ADDRESS:PORT`;
  if (protocol === 'icmp' && to.port !== 0) return 'icmp has no port: --to ADDRESS';
  if (protocol === 'icmp' && sport !== undefined) return 'icmp has no port: --sport is for udp and tcp';
  return {
    protocol,
    destination: to.address,
    port: to.port,
    ...(source === undefined ? {} : { source }),
    ...(sport === undefined ? {} : { sourcePort: sport }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(size === undefined ? {} : { size }),
    ...(df === undefined ? {} : { df }),
  };
}

/** The stack of that name, or why there is none. */
export function stackOf(world: World, name: string): Stack | string {
  const stack = world.find(name);
  if (stack !== undefined) return stack;
  const { message, hint } = missingStack(world, name);
  return `${message}; ${hint}`;
}
