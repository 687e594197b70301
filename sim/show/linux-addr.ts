import type { AddrInfo, AddrRow } from '../kernel/link-snapshot.ts';
import type { NamespaceSnapshot } from '../kernel/snapshot.ts';
import { flagText, headLine, isAskedLink, type LinkFilter, linkLine, nameOf, statsText } from './linux-link.ts';

/** `ip addr` as iproute2 prints it, without IPv6; with `stats` as `ip -s addr` does. */
export function showIpAddr(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): string {
  return asked(snapshot, filter)
    .map((row) => {
      const stats = filter.stats === true ? statsText(row.stats64) : '';
      const addresses = row.addr_info.map(
        (info) => `    inet ${addressWords(info)}\n       valid_lft forever preferred_lft forever\n`,
      );
      const head = filter.inet === true ? headLine(row, { netns: true }) : headLine(row) + linkLine(row);
      return [head, stats, ...addresses].join('');
    })
    .join('');
}

function asked({ addr }: NamespaceSnapshot, filter: LinkFilter): readonly AddrRow[] {
  // `ip -4 addr` tells only of interfaces with an address.
  return addr.filter((row) => isAskedLink(row, filter) && (filter.inet !== true || row.addr_info.length > 0));
}

function addressWords(info: AddrInfo): string {
  const broadcast = info.broadcast === undefined ? '' : ` brd ${info.broadcast}`;
  const secondary = info.secondary === true ? ' secondary' : '';
  return `${info.local}/${info.prefixlen}${broadcast} scope ${info.scope}${secondary} ${info.label}`;
}

/** What valid_lft and preferred_lft are for `forever`. */
const FOREVER = 0xffffffff;

/** The rows of `ip -j addr`. */
export function ipAddrRows(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): object[] {
  return asked(snapshot, filter).map((row) => ({
    ...linkKeys(row, { inet: filter.inet === true }),
    ...(filter.stats === true ? { stats64: row.stats64 } : {}),
    addr_info: row.addr_info.map((info) => ({
      ...info,
      valid_life_time: FOREVER,
      preferred_life_time: FOREVER,
    })),
  }));
}

/** The rows of `ip -j link`. */
export function ipLinkRows(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): object[] {
  return snapshot.addr
    .filter((row) => isAskedLink(row, filter))
    .map((row) => ({
      ...linkKeys(row, { mode: { linkmode: 'DEFAULT' } }),
      ...(filter.stats === true ? { stats64: row.stats64 } : {}),
    }));
}

/** What both commands say of an interface, in their order; `mode` stands behind its state, `-4` leaves its link out. */
function linkKeys(row: AddrRow, { mode = {}, inet = false }: { mode?: object; inet?: boolean }): object {
  const { stats64: _stats, addr_info: _addresses, info_kind: _kind, ...keys } = row;
  const { group, txqlen, link_type, address, broadcast, link_netnsid, ...first } = keys;
  return {
    ...first,
    ...mode,
    ...{ group, txqlen },
    ...(inet ? {} : { link_type }),
    ...(inet || link_type === 'none' ? {} : { address, broadcast }),
    ...(link_netnsid === undefined ? {} : { link_netnsid }),
  };
}

/** `ip -br addr`. */
export function showIpBriefAddr(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): string {
  return asked(snapshot, filter)
    .map((row) => {
      const addresses = row.addr_info.map((info) => `${info.local}/${info.prefixlen} `).join('');
      return `${briefStart(row)}${addresses}\n`;
    })
    .join('');
}

/** `ip -br link`. */
export function showIpBriefLink(snapshot: NamespaceSnapshot, filter: LinkFilter = {}): string {
  return snapshot.addr
    .filter((row) => isAskedLink(row, filter))
    .map((row) => `${briefStart(row)}${row.link_type === 'none' ? '' : `${row.address} `}${flagText(row)} \n`)
    .join('');
}

/** Models ip/ipaddress.c print_linkinfo_brief(). */
function briefStart(row: AddrRow): string {
  return `${nameOf(row).padEnd(16)} ${row.operstate.padEnd(14)} `;
}
