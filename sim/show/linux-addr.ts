import type { AddrInfo, AddrRow, NamespaceSnapshot } from '../kernel/snapshot.ts';

/**
 * `ip addr` as iproute2 prints it, without what a snapshot does not hold: the other end of a veth (`@if2`), the length of
 * the queue, IPv6.
 */
export function showIpAddr(snapshot: NamespaceSnapshot): string {
  return snapshot.addr.map(deviceLines).join('');
}

function deviceLines(row: AddrRow): string {
  const master = row.master === undefined ? '' : `master ${row.master} `;
  const link = row.link_type === 'none' ? 'none' : `${row.link_type} ${row.address} brd ${row.broadcast}`;
  return [
    `${row.ifindex}: ${row.ifname}: <${row.flags.join(',')}> mtu ${row.mtu} qdisc noqueue ${master}` +
      `state ${row.operstate} group default\n`,
    `    link/${link}\n`,
    ...row.addr_info.map((info) => `    inet ${addressWords(info)}\n       valid_lft forever preferred_lft forever\n`),
  ].join('');
}

function addressWords(info: AddrInfo): string {
  const broadcast = info.broadcast === undefined ? '' : ` brd ${info.broadcast}`;
  const secondary = info.secondary === true ? ' secondary' : '';
  return `${info.local}/${info.prefixlen}${broadcast} scope ${info.scope}${secondary} ${info.label}`;
}

/** `ip -br addr`. */
export function showIpBriefAddr(snapshot: NamespaceSnapshot): string {
  return snapshot.addr
    .map((row) => {
      const addresses = row.addr_info.map((info) => `${info.local}/${info.prefixlen}`).join(' ');
      return `${`${row.ifname.padEnd(16)} ${row.operstate.padEnd(14)} ${addresses}`.trimEnd()}\n`;
    })
    .join('');
}
