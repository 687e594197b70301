import type { AddrRow } from '../kernel/link-snapshot.ts';
import type { NamespaceSnapshot, RouteRow } from '../kernel/snapshot.ts';
import { routeLine } from '../show/linux-route.ts';
import { contains, parseIpv4, parsePrefix } from '../wire/address.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { IncId } from './data/contradictions.ts';
import type { Figure, FigureInterface, FigureRoute, Holder } from './figure.ts';
import type { FigureRow, RowVerdict } from './row.ts';

/** The tables of a run, by whose they are; undefined for one that is not there. */
export type Tables = (of: Holder) => StackSnapshot | undefined;

/** Holds the interfaces and routes of a figure beside the tables of a run. */
export function compareTables(figure: Figure, tables: Tables): FigureRow[] {
  return [
    ...figure.interfaces.map((one) => interfaceRow(one, tables)),
    ...figure.routes.map((one) => routeRow(figure, one, tables)),
    ...unsaidRoutes(figure, tables),
  ];
}

function row(
  kind: string,
  said: { readonly quote: string; readonly text: string },
  run: string,
  verdict: RowVerdict,
  inc?: IncId,
): FigureRow {
  const { quote, text } = said;
  return { kind, quote, text, run, verdict, ...(inc === undefined ? {} : { inc }) };
}

function interfaceRow(said: FigureInterface, tables: Tables): FigureRow {
  const table = tables(said.of);
  if (table === undefined) return row('interface', said, `${said.of} is not there`, 'contradicted');
  return said.of === 'comware' ? comwareInterfaceRow(said, table) : kernelInterfaceRow(said, table, tables('comware'));
}

function comwareInterfaceRow(said: FigureInterface, table: StackSnapshot): FigureRow {
  const found = table.comware?.interfaces.find((one) => one.shortName === said.name || one.name === said.name);
  if (found === undefined) return row('interface', said, `there is no ${said.name}`, 'contradicted');
  const run = `${found.shortName} ${found.address === '' ? 'without an address' : found.address}`;
  return row('interface', said, run, found.address === said.address ? 'agreed' : 'contradicted');
}

function kernelInterfaceRow(
  said: FigureInterface,
  table: StackSnapshot,
  comware: StackSnapshot | undefined,
): FigureRow {
  const { addr } = table.namespace;
  const found = addr.find((one) => one.ifname === said.name);
  const standsFor = mapOf(comware).find((pair) => pair.device === said.name)?.interface;
  const isRight = said.pairsWith === undefined || isSameInterface(standsFor, said.pairsWith, comware);
  if (found === undefined || !isRight) return misnamed(said, table, comware, found);
  const inside = `${deviceText(found)}${said.pairsWith === undefined ? '' : `, for ${said.pairsWith}`}`;
  return row('interface', said, inside, hasAddress(found, said.address) ? 'agreed' : 'contradicted');
}

/** The name is not there, or stands for something else. */
function misnamed(
  said: FigureInterface,
  { namespace }: StackSnapshot,
  comware: StackSnapshot | undefined,
  taken: AddrRow | undefined,
): FigureRow {
  const own = mapOf(comware).find((pair) => isSameInterface(pair.interface, said.pairsWith ?? '', comware));
  if (own !== undefined) {
    // The name went to another interface of the same namespace.
    const inc = taken === undefined ? undefined : 'INC-02';
    return row('interface', said, `${own.device} stands for ${own.interface}`, 'contradicted', inc);
  }
  const lo = namespace.addr.find((one) => one.flags.includes('LOOPBACK'));
  if (said.name === 'InLoop0' && lo !== undefined) {
    return row('interface', said, deviceText(lo), 'contradicted', 'INC-03');
  }
  return row('interface', said, `there is no ${said.name}`, 'contradicted');
}

function mapOf(comware: StackSnapshot | undefined): readonly { readonly interface: string; readonly device: string }[] {
  return comware?.comware?.kernelMap ?? [];
}

/** The map has short names, the paper writes some long. */
function isSameInterface(short: string | undefined, name: string, comware: StackSnapshot | undefined): boolean {
  const long = comware?.comware?.interfaces.find((one) => one.shortName === short)?.name;
  return short === name || long === name;
}

function hasAddress(device: AddrRow, address: string | undefined): boolean {
  if (address === undefined) return true;
  if (address === 'none') return device.addr_info.length === 0;
  return device.addr_info.some(({ local, prefixlen }) => address === local || address === `${local}/${prefixlen}`);
}

function deviceText(device: AddrRow): string {
  const addresses = device.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  return `${device.ifname} ${addresses.length === 0 ? 'without an address' : addresses.join(', ')}`;
}

/** Rows of `ip route`: the main table. */
function mainRoutes(namespace: NamespaceSnapshot): RouteRow[] {
  return namespace.route.filter((one) => one.table === undefined);
}

function routeRow(figure: Figure, said: FigureRoute, tables: Tables): FigureRow {
  const table = tables(said.of);
  if (table === undefined) return row('route', said, `${said.of} is not there`, 'contradicted');
  const routes = mainRoutes(table.namespace);
  const exact = routes.find((one) => isRoute(one, said));
  if (exact !== undefined) {
    const inc = said.destination === undefined && leavesOutAddresses(exact, tables) ? 'INC-06' : undefined;
    return row('route', said, routeLine(exact), inc === undefined ? 'agreed' : 'contradicted', inc);
  }
  return otherRoute(figure, said, tables, table.namespace);
}

function isRoute(one: RouteRow, said: FigureRoute): boolean {
  const isDestination =
    said.destination === undefined ? one.dst !== 'default' && one.gateway === undefined : one.dst === said.destination;
  const isSource = said.source === undefined || one.prefsrc === said.source;
  return isDestination && one.dev === said.device && one.gateway === said.gateway && isSource;
}

/** Addresses of Comware's that a connected route does not lead to. */
function leavesOutAddresses(route: RouteRow, tables: Tables): boolean {
  const interfaces = tables('comware')?.comware?.interfaces ?? [];
  return interfaces.some(({ address }) => address !== '' && !covers(route.dst, address));
}

function covers(prefix: string, address: string): boolean {
  const parsed = parsePrefix(prefix === 'default' ? '0.0.0.0/0' : prefix);
  const value = parseIpv4(address.split('/')[0] ?? '');
  return parsed !== undefined && value !== undefined && contains(parsed, value);
}

/** The table does not hold the paper's route; what it holds in its place, and why. */
function otherRoute(figure: Figure, said: FigureRoute, tables: Tables, namespace: NamespaceSnapshot): FigureRow {
  const routes = mainRoutes(namespace);
  const same = routes.find((one) => one.dst === said.destination);
  if (same !== undefined) {
    const inc = isFarEnd(figure, said, same, tables) ? 'INC-05' : undefined;
    return row('route', said, routeLine(same), 'contradicted', inc);
  }
  const local = namespace.route.find((one) => one.dst === said.destination && one.type === 'local');
  if (local !== undefined) {
    const inc = said.device === 'InLoop0' && local.dev === 'lo' ? 'INC-03' : undefined;
    return row('route', said, routeLine(local, true), 'contradicted', inc);
  }
  const connected = routes.find((one) => one.dev === said.device && one.gateway === undefined && one.dst !== 'default');
  if (connected === undefined) return row('route', said, 'there is no such route', 'contradicted');
  const inc = isComputed(figure, said, connected) ? 'INC-01' : undefined;
  return row('route', said, routeLine(connected), 'contradicted', inc);
}

/** The paper's own address and mask of this device make the prefix that the run holds, and not the one it prints. */
function isComputed(figure: Figure, said: FigureRoute, connected: RouteRow): boolean {
  const pairsWith = figure.interfaces.find((one) => one.of === said.of && one.name === said.device)?.pairsWith;
  const address = figure.interfaces.find((one) => one.of === 'comware' && one.name === pairsWith)?.address;
  if (address === undefined || said.destination === undefined) return false;
  const sameLength = address.split('/')[1] === connected.dst.split('/')[1];
  return sameLength && covers(connected.dst, address) && !covers(said.destination, address);
}

/** The paper's device is the other end, in another namespace; the run's is the near end of the same bridge. */
function isFarEnd(figure: Figure, said: FigureRoute, found: RouteRow, tables: Tables): boolean {
  const elsewhere = figure.interfaces.some((one) => one.name === said.device && one.of !== said.of);
  const isHere = tables(said.of)?.namespace.addr.some((one) => one.ifname === said.device) ?? false;
  const nearEnd = figure.interfaces.some((one) => one.name === found.dev && one.of === said.of);
  return elsewhere && !isHere && nearEnd && found.gateway === said.gateway;
}

/** Routes that a table of the figure holds and the figure does not print, and sources it does not give. */
function unsaidRoutes(figure: Figure, tables: Tables): FigureRow[] {
  const holders = [...new Set(figure.routes.map((one) => one.of))];
  const nothing = { quote: '', text: '' };
  return holders.flatMap((of) => {
    const namespace = tables(of)?.namespace;
    if (namespace === undefined) return [];
    const said = figure.routes.filter((one) => one.of === of);
    return mainRoutes(namespace).flatMap((one): FigureRow[] => {
      const near = said.find((route) => route.destination === one.dst || isRoute(one, route));
      if (near === undefined) {
        const isConnected = said.some((route) => route.device === one.dev && one.gateway === undefined);
        return isConnected ? [] : [row('route', nothing, routeLine(one), 'not said in the paper')];
      }
      if (near.gateway === undefined || near.source !== undefined || one.prefsrc === undefined) return [];
      const inc = covers('127.0.0.0/8', one.prefsrc) ? 'INC-26' : undefined;
      return [row('route', nothing, `source ${one.prefsrc} of ${one.dst}`, 'not said in the paper', inc)];
    });
  });
}
