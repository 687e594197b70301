import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './process.ts';

/** How often and how long the kernel is asked whether it has told itself of every carrier. */
const PAUSE_MS = 10;
const PATIENCE_MS = 5000;

interface Link {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_slave_kind?: string;
    readonly info_slave_data?: { readonly state?: string };
  };
  readonly master?: string;
}

/**
 * Waits until the devices of some namespaces are as they will stay. The kernel passes on the news of a carrier in a work
 * queue: only then a device has its queue, and a bridge its carrier and its port (net/core/link_watch.c).
 */
export async function settle(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const script = names.map((name) => `ip -n ${name} -d -j link show`).join('\n');
  for (let waited = 0; ; waited += PAUSE_MS) {
    const { output, complaint } = await run(['bash', '-s'], { stdin: script });
    const namespaces = output
      .split('\n')
      .filter((line) => line.startsWith('['))
      .map((line) => JSON.parse(line) as Link[]);
    if (namespaces.length !== names.length) throw new Error(`cannot list devices: ${complaint}`);
    const restless = namespaces.flatMap((links, index) =>
      links.filter((link) => !isSettled(link, links)).map(({ ifname }) => `${names[index]} ${ifname}`),
    );
    if (restless.length === 0) return;
    if (waited >= PATIENCE_MS) throw new Error(`devices do not come up: ${restless.join(', ')}`);
    await sleep(PAUSE_MS);
  }
}

function isSettled(link: Link, others: readonly Link[]): boolean {
  const { flags, operstate, linkinfo } = link;
  const isRunning = flags.includes('LOWER_UP');
  if (!flags.includes('UP')) return true;
  if (isRunning && operstate !== 'UP' && operstate !== 'UNKNOWN') return false;
  if (!isRunning && operstate === 'UP') return false;
  const isPort = linkinfo?.info_slave_kind === 'bridge';
  if (isPort && isRunning && isUp(others.find(({ ifname }) => ifname === link.master))) {
    return linkinfo?.info_slave_data?.state === 'forwarding';
  }
  if (linkinfo?.info_kind !== 'bridge') return true;
  const isFed = others.some(
    (other) => other.master === link.ifname && other.linkinfo?.info_slave_data?.state === 'forwarding',
  );
  return isFed === isRunning;
}

function isUp(link: Link | undefined): boolean {
  return link?.flags.includes('UP') === true;
}
