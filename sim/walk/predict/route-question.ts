import type { ComwareRouteRow, ComwareSnapshot } from '../../comware/snapshot-rows.ts';
import type { NamespaceSnapshot, RouteRow } from '../../kernel/snapshot.ts';
import { routeLine } from '../../show/linux-route.ts';
import { contains, type Ipv4, type Prefix, parseIpv4, parsePrefix } from '../../wire/address.ts';
import { isComwares } from '../panes/entries.ts';
import type { Words } from '../styled.ts';
import { ask, type Decision, MOST_OPTIONS, type Question } from './question.ts';

const LOCAL: Words = { en: 'up: it is for this stack itself', zh: '上送：目的就是本协议栈' };
const BROADCAST: Words = { en: 'a broadcast: for everybody on the link', zh: '广播：发给链路上所有节点' };
const NO_ROUTE: Words = { en: 'nowhere: no route, dropped', zh: '无路由：丢弃' };
const DISCARD: Words = { en: 'nowhere: a route that discards', zh: '丢弃路由：丢弃' };

/** A row of a routing table as the lookup sees it. */
interface Candidate {
  readonly prefix: Prefix;
  readonly table: string;
  readonly metric: number;
  readonly way: Words;
  /** As the device prints it. */
  readonly text: string;
}

/** Which of the ways out that the tables of the namespace offer? */
export function routeQuestion({ step, snapshot, before }: Decision<'route'>): Question | undefined {
  const { comware, namespace } = snapshot;
  const isComware = isComwares(step) && comware !== undefined;
  const all = isComware ? comwareCandidates(comware) : linuxCandidates(namespace);
  const answer = answerOf(step, all, isComware);
  const destination = parseIpv4(step.destination);
  if (answer === undefined || destination === undefined) return undefined;
  const prompt = {
    en: `Which way does ${snapshot.title} send what is for ${step.destination}?`,
    zh: `${snapshot.title} 把去往 ${step.destination} 的报文送往哪里？`,
  };
  const tables = isComware ? ['FIB'] : tablesAsked(step, before);
  const why = whyRoute(step, all, destination, tables);
  const near = nearest(all, destination, answer);
  return ask(step, prompt, near, answer, why, [NO_ROUTE]);
}

function linuxCandidates({ route }: NamespaceSnapshot): Candidate[] {
  return route.flatMap((row) => {
    const prefix = prefixOf(row.dst);
    if (prefix === undefined || row.type === 'throw') return [];
    const { table = 'main', metric = 0 } = row;
    return { prefix, table, metric, way: linuxWay(row), text: routeLine(row, true) };
  });
}

function prefixOf(dst: string): Prefix | undefined {
  if (dst === 'default') return { network: 0, length: 0 };
  return parsePrefix(dst.includes('/') ? dst : `${dst}/32`);
}

function linuxWay({ type = 'unicast', dev = '', gateway = '' }: Pick<RouteRow, 'type' | 'dev' | 'gateway'>): Words {
  switch (type) {
    case 'unicast':
      return outBy(dev, gateway);
    case 'local':
      return LOCAL;
    case 'broadcast':
      return BROADCAST;
    default:
      return { en: `nowhere: ${type}`, zh: `丢弃：${type}` };
  }
}

function outBy(device: string, gateway: string): Words {
  return gateway === ''
    ? { en: `out by ${device}, straight to it`, zh: `从 ${device} 发出，直达目的` }
    : { en: `out by ${device}, to the next hop ${gateway}`, zh: `从 ${device} 发出，下一跳 ${gateway}` };
}

function comwareCandidates({ routes }: ComwareSnapshot): Candidate[] {
  return routes.flatMap((row) => {
    const prefix = parsePrefix(row.destination);
    const text = `${row.destination} ${row.protocol} ${row.nextHop} ${row.interface}`;
    return prefix === undefined ? [] : { prefix, table: 'FIB', metric: 0, way: comwareWay(row), text };
  });
}

function comwareWay(row: ComwareRouteRow): Words {
  if (row.interface === 'InLoop0') return row.destination === '255.255.255.255/32' ? BROADCAST : LOCAL;
  if (row.discards) return row.interface !== 'NULL0' && row.destination.endsWith('/32') ? BROADCAST : DISCARD;
  return outBy(row.interface, row.protocol === 'Static' ? row.realNextHop : '');
}

/** What was decided, as an option. */
function answerOf(
  { type, prefix, device, gateway }: Decision<'route'>['step'],
  all: readonly Candidate[],
  isComware: boolean,
): Words | undefined {
  if (type === 'none') return NO_ROUTE;
  if (!isComware) return linuxWay({ type, dev: device, gateway });
  const asked = parsePrefix(prefix);
  return all.find((one) => isSame(one.prefix, asked))?.way;
}

function isSame(a: Prefix, b: Prefix | undefined): boolean {
  return a.network === b?.network && a.length === b.length;
}

/**
 * The ways whose prefixes come closest to the destination, in the order of the table; so many that there is room for "no
 * route" beside them.
 */
function nearest(all: readonly Candidate[], destination: Ipv4, answer: Words): Words[] {
  const closeness = new Map<string, number>();
  for (const { prefix, way } of all) {
    const bits = Math.min(prefix.length, Math.clz32((prefix.network ^ destination) >>> 0));
    const score = contains(prefix, destination) ? 100 + bits : bits;
    closeness.set(way.en, Math.max(closeness.get(way.en) ?? 0, score));
  }
  const ranked = [...closeness].sort((a, b) => b[1] - a[1]).map(([en]) => en);
  const kept = new Set(ranked.slice(0, MOST_OPTIONS - 1));
  if (!kept.has(answer.en)) return all.map(({ way }) => way);
  return all.map(({ way }) => way).filter(({ en }) => kept.has(en));
}

/**
 * Where a rule sent the lookup to, its table. While there are no rules but the first three, local and main are one, and
 * default is asked when they have nothing.
 */
function tablesAsked({ type, table }: Decision<'route'>['step'], before: Decision['before']): readonly string[] {
  const last = before.at(-1);
  if (last?.kind === 'rule') return [last.table];
  if (type === 'none') return ['local', 'main', 'default'];
  return table === 'default' ? ['default'] : ['local', 'main'];
}

/** Why this row: the longest prefix, then the lowest metric; or that nothing matches. */
function whyRoute(
  step: Decision<'route'>['step'],
  all: readonly Candidate[],
  destination: Ipv4,
  tables: readonly string[],
): Words {
  const asked = all.filter(({ table }) => tables.includes(table));
  const matching = asked.filter(({ prefix }) => contains(prefix, destination));
  if (step.type === 'none') return whyNone(step, asked.length);
  const chosen = step.prefix === 'default' ? { network: 0, length: 0 } : parsePrefix(step.prefix);
  const row = matching.find(({ prefix, way, metric }) => {
    const isWay = way.en === answerOf(step, all, step.table === 'FIB')?.en;
    return isWay && metric === (step.metric ?? 0) && isSame(prefix, chosen);
  });
  const lengths = new Set(matching.map(({ prefix }) => prefix.length));
  const longest = Math.max(...lengths);
  const equal = matching.filter(({ prefix }) => isSame(prefix, chosen));
  const text = row?.text ?? step.prefix;
  if (chosen !== undefined && chosen.length < longest) {
    return {
      en: `${text}: a longer prefix matches too, but not by the device or with the scope that was asked for`,
      zh: `${text}：另有更长的前缀匹配，但不满足所要求的出接口或范围`,
    };
  }
  const first =
    lengths.size === 1
      ? { en: 'the only prefix that matches', zh: '唯一匹配的前缀' }
      : { en: `the longest of ${lengths.size} prefixes that match`, zh: `${lengths.size} 个匹配前缀中最长的` };
  if (equal.length < 2) return { en: `${text}: ${first.en}`, zh: `${text}：${first.zh}` };
  if (equal.some(({ table }) => table !== step.table)) {
    return {
      en: `${text}: ${first.en}; ${equal.length} routes have it, and table local comes before main`,
      zh: `${text}：${first.zh}；有 ${equal.length} 条同前缀路由，local 表先于 main 表`,
    };
  }
  return {
    en: `${text}: ${first.en}, and of ${equal.length} routes to it the first of the lowest metric`,
    zh: `${text}：${first.zh}，且在 ${equal.length} 条同前缀路由中度量值最小、排在最前`,
  };
}

function whyNone({ asked = [], destination }: Decision<'route'>['step'], count: number): Words {
  const tables = asked.join(', ');
  return {
    en: `of ${count} routes none matches ${destination}${tables === '' ? '' : ` (asked: ${tables})`}`,
    zh: `${count} 条路由都不匹配 ${destination}${tables === '' ? '' : `（查询的表：${tables}）`}`,
  };
}
