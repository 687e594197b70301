import type { RouteRow } from '../kernel/snapshot.ts';
import { contains, formatIpv4, type Ipv4, parsePrefix } from '../wire/address.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import { prefixText, type Scene } from './scene.ts';

/* Routes and policy rules of a Linux stack, there and back. */

/** Routes to everything the stack had to reach, by every address it could hand it to. */
export function missingRoutes(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge') return [];
  const rows = routesOf(scene, stack);
  const hops = [...new Set(scene.neighboursOf(stack).map(({ other }) => other.address))];
  const tables = new Set(['', ...scene.stepsAt(stack, 'route').map(({ table }) => tableWords(table))]);
  return scene.targetsOf(stack).flatMap((target) => {
    const prefix = prefixText(scene.prefixAround(target));
    const isDirect = isOnLink(rows, target);
    return hops
      .filter((hop) => hop !== target)
      .flatMap((hop) =>
        [...tables].flatMap((table) => [
          routeVia(stack, rows, prefix, hop, table, isDirect ? 38 : 20),
          routeVia(stack, rows, 'default', hop, table, isDirect ? 44 : 24),
        ]),
      );
  });
}

/** `table N` as a command says it; '' for main, which is meant where nothing is said. */
function tableWords(table: string): string {
  return table === '' || table === 'main' || table === 'local' || table === 'default' ? '' : ` table ${table}`;
}

function routeVia(
  stack: Stack,
  rows: readonly RouteRow[],
  dst: string,
  hop: Ipv4,
  table: string,
  cost: number,
): Candidate {
  const there = rows.find((row) => row.dst === dst && tableWords(row.table ?? '') === table && row.type === undefined);
  const verb = there === undefined ? 'add' : 'replace';
  const metric = there?.metric === undefined ? '' : ` metric ${there.metric}`;
  const line = `${stack.title}: ip route ${verb} ${dst} via ${formatIpv4(hop)}${table}${metric}`;
  // What somebody added and leads elsewhere was meant to lead somewhere; what an address made is where it should be.
  const isMeant = there !== undefined && there.protocol !== 'kernel';
  return { kind: 'route', verb: 'set', line, cost: isMeant ? Math.min(cost, 16) : cost };
}

function isOnLink(rows: readonly RouteRow[], target: Ipv4): boolean {
  return rows.some((row) => {
    const prefix = row.gateway === undefined && row.type === undefined ? parsePrefix(row.dst) : undefined;
    return prefix !== undefined && prefix.length > 0 && contains(prefix, target);
  });
}

/** Routes that cover what the stack had to reach: without them others decide. */
export function standingRoutes(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const targets = scene.targetsOf(stack);
  const used = scene.stepsAt(stack, 'route');
  return routesOf(scene, stack)
    .filter((row) => row.protocol !== 'kernel' && row.table !== 'local')
    .flatMap((row): Candidate[] => {
      const prefix = parsePrefix(row.dst);
      if (prefix === undefined || !targets.some((target) => contains(prefix, target))) return [];
      const isUsed = used.some((step) => prefixIs(step.prefix, row.dst) && step.type === (row.type ?? 'unicast'));
      const isBlackhole = row.type !== undefined;
      const cost = isUsed && isBlackhole ? 8 : isUsed ? 14 : 40;
      return [{ kind: 'route', verb: 'remove', line: `${stack.title}: ip route ${routeWords(row)}`, cost }];
    });
}

function prefixIs(shown: string, dst: string): boolean {
  return shown === dst || shown === `${dst}/32`;
}

function routeWords({ type, dst, gateway, dev, table, metric }: RouteRow): string {
  const parts = [
    ...(type === undefined ? [dst] : [type, dst]),
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...(dev === undefined || type !== undefined ? [] : ['dev', dev]),
    ...(table === undefined ? [] : ['table', table]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
  ];
  return parts.join(' ');
}

/** A route over a device for what lies in a subnet behind it that the stack does not know. */
export function directRoutes(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge') return [];
  const devices = [
    ...new Set(stack.net.devices.filter((device) => !device.isLoopback && device.up).map(({ name }) => name)),
  ];
  const rows = routesOf(scene, stack);
  return scene
    .targetsOf(stack)
    .filter((target) => !isOnLink(rows, target))
    .flatMap((target) =>
      devices
        .filter((device) => stack.net.addresses.some((entry) => entry.device.name === device))
        .map((device): Candidate => {
          const line = `${stack.title}: ip route add ${prefixText(scene.prefixAround(target))} dev ${device}`;
          return { kind: 'route', verb: 'set', line, cost: 33 };
        }),
    );
}

/** Policy rules that sent the flow to another table than main. */
export function policyRules(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const used = new Set(scene.stepsAt(stack, 'rule').map(({ priority }) => priority));
  return scene
    .snapshot(stack)
    .namespace.rule.filter(({ priority }) => priority !== 0 && priority !== 32766 && priority !== 32767)
    .map(({ priority }): Candidate => {
      const line = `${stack.title}: ip rule pref ${priority}`;
      return { kind: 'route', verb: 'remove', line, cost: used.has(priority) ? 13 : 40 };
    });
}

/** The rules that every kernel begins with, where one is gone. */
export function usualRules(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const rules = scene.snapshot(stack).namespace.rule;
  return [
    { priority: 0, table: 'local' },
    { priority: 32766, table: 'main' },
  ].flatMap(({ priority, table }): Candidate[] => {
    if (rules.some((rule) => rule.priority === priority)) return [];
    return [
      { kind: 'route', verb: 'set', line: `${stack.title}: ip rule add pref ${priority} lookup ${table}`, cost: 9 },
    ];
  });
}

function routesOf(scene: Scene, stack: Stack): readonly RouteRow[] {
  return scene.snapshot(stack).namespace.route;
}
