import type { AclAddress } from '../comware/forwarding/acl.ts';
import type { ComwareInterface } from '../comware/forwarding/interface.ts';
import { formatIpv4, type Ipv4, isLoopback, mask, type Prefix } from '../wire/address.ts';
import { protocolOf } from '../world/service-schema.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import type { Scene } from './scene.ts';

/* Lines of Comware's configuration. */

/** Interfaces that are shut, routes that are missing or lead astray. */
export function comwareRoutes(scene: Scene, stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  const found: Candidate[] = comware.interfaces
    .filter(({ shutdown }) => shutdown)
    .map((one) => line(stack, `interface ${one.name.long}; undo shutdown`, 6));
  const hops = [...new Set(scene.neighboursOf(stack).map(({ other }) => other.address))];
  for (const target of scene.targetsOf(stack)) {
    const prefix = scene.prefixAround(target);
    for (const hop of hops) {
      if (hop === target) continue;
      found.push(line(stack, `ip route-static ${prefixWords(prefix)} ${formatIpv4(hop)}`, 20));
      found.push(line(stack, `ip route-static 0.0.0.0 0 ${formatIpv4(hop)}`, 24));
    }
  }
  for (const { prefix, nextHop, interface: name } of comware.statics) {
    const via = name ?? formatIpv4(nextHop);
    const isBlackhole = name === 'NULL0';
    found.push(undo(stack, `ip route-static ${prefixWords(prefix)} ${via}`, isBlackhole ? 9 : 16));
    for (const hop of hops) {
      if (hop === nextHop) continue;
      const change = `undo ip route-static ${prefixWords(prefix)} ${via}; ip route-static ${prefixWords(prefix)} ${formatIpv4(hop)}`;
      found.push(line(stack, change, 17));
    }
  }
  return found;
}

function prefixWords({ network, length }: Prefix): string {
  return `${formatIpv4(network)} ${length}`;
}

/** NAT on each interface, and what takes effect there. */
export function comwareNat(scene: Scene, stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  const inside = (one: ComwareInterface, text: string, cost: number): Candidate =>
    line(stack, `interface ${one.name.long}; ${text}`, cost);
  const found: Candidate[] = [];
  const hasStatics = comware.nat.statics.length > 0;
  for (const one of comware.interfaces) {
    if (one.address === undefined || one.name.kind === 'loopback') continue;
    const { nat } = one;
    if (nat?.staticEnabled !== true && hasStatics) found.push(inside(one, 'nat static enable', 9));
    if (nat?.hairpin !== true) found.push(inside(one, 'nat hairpin enable', 26));
    if ((nat?.outbound.length ?? 0) === 0) found.push(inside(one, 'nat outbound', isFacingOut(one) ? 18 : 32));
    for (const { acl } of nat?.outbound ?? []) {
      if (acl !== undefined) found.push(inside(one, `undo nat outbound ${acl}; nat outbound`, 26));
    }
    found.push(...servers(scene, stack, one));
  }
  if (!comware.nat.alg.tftp && scene.attempt.probe.kind === 'tftp') found.push(line(stack, 'nat alg tftp', 12));
  if (!comware.nat.alg.icmpError) found.push(line(stack, 'nat alg icmp-error', 20));
  return [...found, ...outboundUndone(stack), ...acls(scene, stack)];
}

function isFacingOut({ name }: ComwareInterface): boolean {
  return name.kind === 'ethernet';
}

/** `nat server` from where the flow was sent to, to whoever listens. */
function servers(scene: Scene, stack: Stack, one: ComwareInterface): Candidate[] {
  const { protocol, destination, world } = scene;
  const { port } = scene.attempt.probe;
  if (protocol === 'icmp' || one.address === undefined) return [];
  const owners = scene.ownersOf(destination);
  // Who has the address himself is who was meant.
  if (owners.length > 0 && !owners.some((owner) => owner.stack.node === stack.node)) return [];
  const global = one.address.address === destination ? 'current-interface' : formatIpv4(destination);
  return world.services.owners().flatMap((owner) =>
    world.services
      .of(owner)
      .filter(({ spec, running }) => running !== undefined && protocolOf(spec) === protocol)
      .flatMap(({ spec }) =>
        scene.owned
          .filter((owned) => owned.stack.title === owner && owned.stack !== stack && !isLoopback(owned.address))
          .filter(({ address }) => address !== destination && isBehind(scene, stack, address))
          .map(({ address }) => {
            const text = `nat server protocol ${protocol} global ${global} ${port} inside ${formatIpv4(address)} ${spec.port}`;
            return line(stack, `interface ${one.name.long}; ${text}`, spec.port === port ? 16 : 25);
          }),
      ),
  );
}

function isBehind(scene: Scene, stack: Stack, address: Ipv4): boolean {
  return scene.neighboursOf(stack).some(({ other }) => other.address === address);
}

/** Rules of NAT that the flow may have met. */
function outboundUndone(stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  return comware.interfaces.flatMap((one) => {
    const { nat } = one;
    if (nat === undefined) return [];
    const rules = nat.outbound.map(({ acl }) =>
      undo(stack, `interface ${one.name.long}; nat outbound${acl === undefined ? '' : ` ${acl}`}`, 36),
    );
    return nat.staticEnabled ? [...rules, undo(stack, `interface ${one.name.long}; nat static enable`, 38)] : rules;
  });
}

/** Rules of access lists that deny, and one that permits the flow's source in front of them. */
function acls(scene: Scene, stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  const { source } = scene;
  return [...comware.nat.acls.values()].flatMap(({ number, rules }) => {
    const view = number < 3000 ? `acl basic ${number}` : `acl advanced ${number}`;
    const first = rules.find((rule) => source !== 0 && isAbout(rule.source, source));
    const denying = rules
      .filter(({ permits }) => !permits)
      .map((rule) => undo(stack, `${view}; rule ${rule.id}`, rule === first ? 5 : 14));
    if (source === 0) return denying;
    const protocol = number < 3000 ? '' : 'ip ';
    const permit = `${view}; rule ${freeId(rules)} permit ${protocol}source ${formatIpv4(source)} 0`;
    return [...denying, line(stack, permit, first === undefined ? 8 : 16)];
  });
}

function isAbout(named: AclAddress | undefined, address: Ipv4): boolean {
  return named === undefined || (address & ~named.wildcard) >>> 0 === named.address;
}

/** A number before every rule, or the first that is free. */
function freeId(rules: readonly { readonly id: number }[]): number {
  const taken = new Set(rules.map(({ id }) => id));
  let id = 0;
  while (taken.has(id)) id++;
  return id;
}

/** Settings of the system view, and addresses of interfaces. */
export function comwareSettings(scene: Scene, stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  const { settings } = comware;
  const found: Candidate[] = [];
  if (!settings.ttlExpires) found.push(line(stack, 'ip ttl-expires enable', 22));
  if (!settings.unreachables) found.push(line(stack, 'ip unreachables enable', 22));
  if (!settings.ftpServer && scene.attempt.probe.port === 21) found.push(line(stack, 'ftp server enable', 8));
  for (const one of comware.interfaces) {
    if (one.address === undefined || settings.tpaSource === one.name.long) continue;
    found.push(line(stack, `tpa ip source interface ${one.name.long}`, one.name.kind === 'loopback' ? 14 : 16));
  }
  for (const { interface: name, protocol, destinationPort, sourcePort, destination } of settings.sendToCpu) {
    const words = [
      ...(name === undefined ? [] : [`interface ${name};`]),
      `tpa ip send-to-cpu protocol ${protocol}`,
      ...(destinationPort === undefined ? [] : [`destination-port ${destinationPort}`]),
      ...(sourcePort === undefined ? [] : [`source-port ${sourcePort}`]),
      ...(destination === undefined ? [] : [`destination-ip ${formatIpv4(destination)}`]),
    ];
    found.push(undo(stack, words.join(' '), 18));
  }
  return [...found, ...comwareAddresses(scene, stack)];
}

/** An interface without an address takes the one that was asked for, another length, or none. */
function comwareAddresses(scene: Scene, stack: Stack): Candidate[] {
  const { comware } = stack;
  if (comware === undefined) return [];
  const nobodys = scene.steps.flatMap((step) => (step.kind === 'neighbour' ? [step] : []));
  const found: Candidate[] = [];
  for (const one of comware.interfaces) {
    if (one.address === undefined) {
      for (const { nextHop, device, place } of nobodys) {
        const asking = scene.owned.find((owned) => owned.stack.place.title === place.title && owned.device === device);
        if (asking === undefined || scene.owned.some(({ address }) => formatIpv4(address) === nextHop)) continue;
        found.push(line(stack, `interface ${one.name.long}; ip address ${nextHop} ${asking.length}`, 20));
      }
      continue;
    }
    const { address, length } = one.address;
    const others = scene.owned.filter(
      ({ stack: other, address: near }) => other.node !== stack.node && (near ^ address) >>> 8 === 0,
    );
    // The same host in the subnet of those it cannot reach.
    for (const target of scene.targetsOf(stack)) {
      const around = scene.prefixAround(target);
      const moved = (around.network | (address & ~mask(around.length))) >>> 0;
      if (around.length > 30 || moved === address || scene.ownersOf(moved).length > 0) continue;
      found.push(line(stack, `interface ${one.name.long}; ip address ${formatIpv4(moved)} ${around.length}`, 30));
    }
    for (const other of new Set(others.map((owned) => owned.length))) {
      if (other === length || other > 30) continue;
      found.push(line(stack, `interface ${one.name.long}; ip address ${formatIpv4(address)} ${other}`, 17));
    }
  }
  return found;
}

function line(stack: Stack, text: string, cost: number): Candidate {
  return { kind: 'comware', verb: 'set', line: `${stack.title}: ${text}`, cost };
}

function undo(stack: Stack, text: string, cost: number): Candidate {
  return { kind: 'comware', verb: 'remove', line: `${stack.title}: ${text}`, cost };
}
