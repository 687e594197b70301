import type { AddrRow, BridgePortRow } from '../kernel/link-snapshot.ts';
import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** What `ip link show` and `ip addr show` are asked for. */
export interface LinkFilter {
  readonly dev?: string;
  readonly master?: string;
  /** As `info_kind`. */
  readonly type?: string;
  readonly up?: boolean;
  /** `-s`. */
  readonly stats?: boolean;
  /** `-4`. */
  readonly inet?: boolean;
}

/** Whether a filter lets an interface pass. */
export function isAskedLink(row: AddrRow, { dev, master, type, up }: LinkFilter): boolean {
  return (
    (dev === undefined || row.ifname === dev) &&
    (master === undefined || row.master === master) &&
    (type === undefined || row.info_kind === type) &&
    (up !== true || row.flags.includes('UP'))
  );
}

/** `ip link` as iproute2 prints it; with `stats` as `ip -s link` does. */
export function showIpLink(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): string {
  return snapshot.addr
    .filter((row) => isAskedLink(row, filter))
    .map(
      (row) =>
        headLine(row, { mode: 'mode DEFAULT ' }) +
        linkLine(row) +
        (filter.stats === true ? statsText(row.stats64) : ''),
    )
    .join('');
}

/** `bridge link`. */
export function showBridgeLink({ bridgePort }: NamespaceSnapshot): string {
  return bridgePort
    .map((row) => {
      const { ifindex, mtu, master, state, priority, cost } = row;
      const port = `master ${master} state ${state} priority ${priority} cost ${cost}`;
      return `${ifindex}: ${nameOf(row)}: ${flagText(row)} mtu ${mtu} ${port} \n`;
    })
    .join('');
}

/** The first line of an interface; `mode` is what `ip link` says between its state and its group, `netns` what ends it. */
export function headLine(row: AddrRow, { mode = '', netns = false }: { mode?: string; netns?: boolean } = {}): string {
  const master = row.master === undefined ? '' : `master ${row.master} `;
  const start = `${row.ifindex}: ${nameOf(row)}: ${flagText(row)} mtu ${row.mtu} qdisc ${row.qdisc} ${master}`;
  return `${start}state ${row.operstate} ${mode}group ${row.group} qlen ${row.txqlen}${netns ? netnsText(row) : ''}\n`;
}

/**
 * The second. Where the namespace of the other end has a name on the machine, iproute2 prints `link-netns NAME` instead
 * of its number.
 */
export function linkLine(row: AddrRow): string {
  if (row.link_type === 'none') return `    link/none ${netnsText(row)}\n`;
  return `    link/${row.link_type} ${row.address} brd ${row.broadcast}${netnsText(row)}\n`;
}

function netnsText({ link_netnsid }: AddrRow): string {
  return link_netnsid === undefined ? '' : ` link-netnsid ${link_netnsid}`;
}

/** `veth0@if5`: with the other end (lib/utils.c print_name_and_link). */
export function nameOf(row: Pick<AddrRow, 'ifname' | 'link' | 'link_index'>): string {
  if (row.link !== undefined) return `${row.ifname}@${row.link}`;
  return row.link_index === undefined ? row.ifname : `${row.ifname}@if${row.link_index}`;
}

/** `<BROADCAST,MULTICAST,UP,LOWER_UP>`. */
export function flagText({ flags }: Pick<AddrRow | BridgePortRow, 'flags'>): string {
  return `<${flags.join(',')}>`;
}

/** Two tables of one row with columns in common. Models ip/ipaddress.c print_stats64(). */
export function statsText({ rx, tx }: AddrRow['stats64']): string {
  const received = [rx.bytes, rx.packets, rx.errors, rx.dropped, 0, rx.multicast];
  const sent = [tx.bytes, tx.packets, tx.errors, tx.dropped, tx.carrier_errors, tx.collisions];
  const widths = LEAST_WIDTHS.map((least, index) =>
    Math.max(least, String(received[index]).length, String(sent[index]).length),
  );
  const numbers = (values: readonly number[]): string =>
    `    ${values.map((value, index) => `${String(value).padStart(widths[index] ?? 0)} `).join('')}\n`;
  const heads = (letter: 'R' | 'T', names: readonly string[]): string => {
    // The first column begins under the letters, and an empty one for compressed packets ends the line.
    const cells = names.map((name, index) => name.padStart((widths[index] ?? 0) - (index === 0 ? 4 : 0)));
    return `    ${letter}X: ${cells.join(' ')} ${' '.repeat(COMPRESSED_WIDTH)}\n`;
  };
  return (
    heads('R', ['bytes', 'packets', 'errors', 'dropped', 'missed', 'mcast']) +
    numbers(received) +
    heads('T', ['bytes', 'packets', 'errors', 'dropped', 'carrier', 'collsns']) +
    numbers(sent)
  );
}

/** Of "*X errors:", "packets", "errors", "dropped", "heartbt", "overrun". */
const LEAST_WIDTHS: readonly number[] = [10, 7, 6, 7, 7, 7];
const COMPRESSED_WIDTH = 10;
