/** What an interface is, by its name. */
export type InterfaceKind = 'ethernet' | 'loopback' | 'virtual-eth-group';

export interface InterfaceName {
  readonly kind: InterfaceKind;
  /** As in `interface ...`: `GigabitEthernet1/0/1`, `LoopBack0`, `Virtual-Eth-Group0`. */
  readonly long: string;
  /** As in tables: `GE1/0/1`, `Loop0`. */
  readonly short: string;
  /** The number at the end of a virtual interface; 0 for ports. */
  readonly number: number;
}

/** Long and short form of what Comware calls its ports. */
const PORTS = [
  ['M-GigabitEthernet', 'MGE'],
  ['Ten-GigabitEthernet', 'XGE'],
  ['Twenty-FiveGigE', 'WGE'],
  ['FortyGigE', 'FGE'],
  ['HundredGigE', 'HGE'],
  ['GigabitEthernet', 'GE'],
] as const;

/** Reads an interface name in its long or short form, in any case; undefined for none. */
export function parseInterfaceName(text: string): InterfaceName | undefined {
  const match = /^([A-Za-z][A-Za-z-]*?)\s?(\d+(?:\/\d+)*)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, word = '', numbers = ''] = match;
  const lower = word.toLowerCase();
  const number = /^\d+$/.test(numbers) ? Number(numbers) : undefined;
  if (number !== undefined && ['loopback', 'loop'].includes(lower)) {
    return { kind: 'loopback', long: `LoopBack${number}`, short: `Loop${number}`, number };
  }
  if (number !== undefined && lower === 'virtual-eth-group') {
    const name = `Virtual-Eth-Group${number}`;
    return { kind: 'virtual-eth-group', long: name, short: name, number };
  }
  const port = PORTS.find(([long, short]) => lower === long.toLowerCase() || lower === short.toLowerCase());
  if (port === undefined || number !== undefined) return undefined;
  return { kind: 'ethernet', long: `${port[0]}${numbers}`, short: `${port[1]}${numbers}`, number: 0 };
}
