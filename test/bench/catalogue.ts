import { InvalidArgumentError, Option } from 'commander';
import type { WorkloadName } from './job.ts';

/* What can be measured: the words of the command line for each workload, and the sizes it has by default. */

export interface Entry {
  readonly name: WorkloadName;
  readonly what: string;
  /** What grows; undefined where it is what it is. */
  readonly size?: Size;
  readonly options?: readonly Option[];
}

interface Size {
  readonly of: string;
  readonly least?: number;
  /** Keeps a typo from taking all the memory. */
  readonly most: number;
  readonly defaults: readonly number[];
}

/** Reads a whole number of the command line. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };

const number = (flag: string, what: string, least: number, most: number, standard: number): Option =>
  new Option(flag, what).argParser(wholeNumber(least, most)).default(standard);

const MANY = 100_000_000;
const payload = number('--payload <bytes>', 'bytes of data in each datagram', 0, 1472, 100);
const routers = number('--routers <n>', 'routers in the row', 1, 60, 8);
const crossing = (standard: number): Option =>
  number('--packets <n>', 'how many cross the router while the clock runs', 1, MANY, standard);

export const CATALOGUE: readonly Entry[] = [
  {
    name: 'chain',
    what: 'one UDP flow over eight routers in a row',
    size: { of: 'packets', most: MANY, defaults: [200_000] },
    options: [new Option('--capture', 'write a pcap file of every interface while it runs'), routers, payload],
  },
  {
    name: 'bridge',
    what: 'a learning bridge: all pairs of its hosts',
    size: { of: 'hosts', least: 2, most: 1000, defaults: [32] },
    options: [number('--each <n>', 'datagrams of each ordered pair', 1, 1_000_000, 200), payload],
  },
  {
    name: 'tcp',
    what: 'one TCP flow over three routers, compared byte by byte',
    size: { of: 'bytes', most: 10_000_000_000, defaults: [100_000_000] },
    options: [
      new Option('--loss', 'only with 1 % of the frames lost on the cable in the middle; default: without, and with'),
      new Option('--no-loss', 'only without'),
    ],
  },
  {
    name: 'routes',
    what: 'a router with so many random prefixes, random destinations',
    size: { of: 'routes', most: 5_000_000, defaults: [1000, 10_000, 100_000, 1_000_000] },
    options: [crossing(200_000), payload],
  },
  {
    name: 'nat',
    what: 'so many concurrent UDP flows through MASQUERADE, there and back',
    size: { of: 'flows', most: 5_000_000, defaults: [1000, 100_000, 1_000_000] },
    options: [crossing(200_000), payload],
  },
  {
    name: 'rules',
    what: 'so many rules of iptables that do not match before the one that does',
    size: { of: 'rules', least: 0, most: 60_000, defaults: [0, 10, 100, 1000] },
    options: [crossing(50_000), payload],
  },
  {
    name: 'containers',
    what: 'a Comware device with so many containers: built, then they ping the gateway',
    size: { of: 'containers', most: 100_000, defaults: [100, 1000, 10_000] },
    options: [number('--pings <n>', 'how many of them ping; each broadcast reaches them all', 1, 100_000, 1000)],
  },
  {
    name: 'whitepaper',
    what: "all the white paper's scenarios, cold, as the shell sees it; and the start of --help and trace",
  },
  {
    name: 'trace',
    what: 'the chain with every step of every packet kept, and what that costs: it is run without in turn',
    size: { of: 'packets', most: MANY, defaults: [50_000] },
    options: [routers, payload],
  },
];
