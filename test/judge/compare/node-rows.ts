import type { JsonRow } from '../record.ts';
import { type Row, rowOf } from './rows.ts';

/*
 * Tables as flat rows. What is left out of the comparison is named here, each with its reason.
 */

/** Numbers that the machine gives out (ifindex, link, netns ids), lifetimes that tick, queues that are not modelled. */
const OF_THE_DEVICE = [
  ...['ifindex', 'link_index', 'link', 'link_netnsid', 'link_netns', 'group', 'qdisc', 'txqlen'],
  ...['stats64', 'info_kind', 'linkinfo', 'linkmode', 'promiscuity', 'addr_info'],
];
const OF_THE_ADDRESS = ['valid_life_time', 'preferred_life_time', 'family'];

/** `ip -j addr`: a row for each device and one for each of its addresses. */
export function addressRows(json: readonly JsonRow[]): Row[] {
  return json.flatMap((device) => {
    const name = String(device.ifname);
    const addresses = Array.isArray(device.addr_info) ? (device.addr_info as JsonRow[]) : [];
    const own = addresses
      .filter(({ family }) => family === 'inet')
      .map((address) => prefixed(name, rowOf(address, ['local', 'prefixlen'], OF_THE_ADDRESS)));
    return [rowOf(device, ['ifname'], OF_THE_DEVICE), ...own];
  });
}

function prefixed(prefix: string, { key, values }: Row): Row {
  return { key: `${prefix} ${key}`, values };
}

/** `ip -j route show table all`. The order of tables is that of a hash in the kernel. */
export function routeRows(json: readonly JsonRow[]): Row[] {
  return json.map((route) => rowOf(route, ['table', 'type', 'dst', 'metric', 'tos', 'dev', 'gateway'], ['cache']));
}

/** `ip -j rule`: their order counts. */
export function ruleRows(json: readonly JsonRow[]): Row[] {
  return json.map((rule, index) => ({ ...rowOf(rule, ['priority'], []), key: `${index + 1}. ${rule.priority}` }));
}

/** `ip -j -s neigh`: ages and use counts are judged by the mask of its states. */
export function neighbourRows(json: readonly JsonRow[]): Row[] {
  return json.map((neighbour) => rowOf(neighbour, ['dst', 'dev'], ['refcnt', 'probes']));
}

/**
 * `bridge -j fdb`. `self` rows are the address lists of the ports themselves (multicast groups the kernel joins), which
 * a bridge does not forward by.
 */
export function fdbRows(json: readonly JsonRow[]): Row[] {
  return json
    .filter(({ flags }) => !(Array.isArray(flags) && flags.includes('self')))
    .map((entry) => rowOf(entry, ['mac', 'ifname', 'vlan'], ['used', 'updated']));
}

/** `iptables-save -c`, a row for each chain and rule. A table without rules whose policies accept does nothing. */
export function iptablesRows(text: string): Row[] {
  const rows: Row[] = [];
  let table: Row[] = [];
  let name = '';
  const places = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      name = line.slice(1);
      table = [];
    } else if (line.startsWith('COMMIT')) {
      const isEmpty = table.every(({ values }) => values.policy === 'ACCEPT');
      if (!isEmpty) rows.push(...table);
    } else if (line.startsWith(':')) {
      const [chain = '', policy = '', count = ''] = line.slice(1).split(' ');
      const counts = policy === '-' ? {} : { count };
      table.push({ key: `${name} ${chain}`, values: { policy, ...counts } });
    } else if (line !== '') {
      const [, count = '', rule = ''] = /^(?:(\[\d+:\d+\]) )?(.*)$/.exec(line) ?? [];
      const chain = `${name} ${rule.split(' ')[1] ?? ''}`;
      const place = (places.get(chain) ?? 0) + 1;
      places.set(chain, place);
      table.push({ key: `${chain} rule ${place}`, values: { rule: rule.trim(), count } });
    }
  }
  return rows;
}
