import { contains, formatIpv4, type Ipv4, isLoopback, parseIpv4 } from '../wire/address.ts';
import { protocolOf } from '../world/service-schema.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import { prefixText, type Scene } from './scene.ts';

/* Translation on a Linux stack: what is missing, and what leads astray. */

/** The source is hidden on its way out, so that answers find back here. */
export function masquerades(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge') return [];
  const sources = new Set(
    [scene.source, ...sourcesAt(scene)].filter((address) => address !== 0 && !isLoopback(address)),
  );
  const outs = new Set(
    scene.stepsAt(stack, 'route').flatMap(({ device, type }) => (type === 'unicast' && device !== '' ? [device] : [])),
  );
  const own = scene.owned.filter((one) => one.stack === stack).map(({ address }) => address);
  const nat = scene.snapshot(stack).namespace.iptables.filter(({ table }) => table === 'nat');
  const translates = nat.some(({ rules }) => rules.length > 0);
  const hiding = nat.flatMap(({ rules }) => rules.map(({ rule }) => rule)).filter((rule) => / MASQUERADE\b/.test(rule));
  return [...sources]
    .filter((source) => !own.includes(source))
    .flatMap((source) =>
      [...outs].map((device): Candidate => {
        const from = prefixText(scene.prefixAround(source));
        const line = `${stack.title}: iptables -t nat -A POSTROUTING -s ${from} -o ${device} -j MASQUERADE`;
        return {
          kind: 'nat',
          verb: 'set',
          line,
          cost: hidesOthers(hiding, device) ? 9 : costOfHiding(scene, stack, source, device, translates),
        };
      }),
    );
}

/** Other networks are hidden on their way out there already. */
function hidesOthers(rules: readonly string[], device: string): boolean {
  return rules.some((rule) => {
    const [, not, out] = /(! )?-o (\S+)/.exec(rule) ?? [];
    return / ?-s /.test(rule) && (out === undefined || (out === device) !== (not !== undefined));
  });
}

/** Private addresses are hidden where they leave for others; between private networks a route is what is missing. */
function costOfHiding(scene: Scene, stack: Stack, source: Ipv4, device: string, translates: boolean): number {
  const out = scene.owned.find((one) => one.stack === stack && one.device === device);
  const leaves = isPrivate(source) && out !== undefined && !isPrivate(out.address);
  const inside = out !== undefined && scene.prefixAround(source).network === scene.prefixAround(out.address).network;
  if (inside) return 16;
  if (leaves) return translates ? 10 : 13;
  return translates ? 21 : 31;
}

/** RFC 1918, and what carriers use inside (RFC 6598). */
function isPrivate(address: Ipv4): boolean {
  const top = address >>> 24;
  return top === 10 || address >>> 20 === 0xac1 || address >>> 16 === 0xc0a8 || address >>> 22 === 0x191;
}

function sourcesAt(scene: Scene): Ipv4[] {
  return scene.deaths.flatMap(({ packet }) => (packet === undefined ? [] : [packet.source]));
}

interface Listener {
  readonly address: Ipv4;
  readonly port: number;
}

/** Whoever listens for the protocol of the flow, at each of its addresses. */
function listenersOf(scene: Scene): Listener[] {
  const { world, protocol } = scene;
  if (protocol === 'icmp') return [];
  return world.services.owners().flatMap((owner) =>
    world.services
      .of(owner)
      .filter(({ spec, running }) => running !== undefined && protocolOf(spec) === protocol)
      .flatMap(({ spec }) =>
        scene.owned
          .filter(({ stack, address }) => stack.title === owner && !isLoopback(address))
          .filter(({ address }) => spec.address === undefined || spec.address === address)
          .map(({ address }) => ({ address, port: spec.port })),
      ),
  );
}

/** Targets of the rules of a stack that give a port away. */
export function publishedAt(scene: Scene, stack: Stack, port: number): string[] {
  const rules = scene.snapshot(stack).namespace.iptables.flatMap((chain) => (chain.table === 'nat' ? chain.rules : []));
  return rules.flatMap(({ rule }) => {
    const [, given] = / --dport (\d+)/.exec(rule) ?? [];
    const [, target] = / --to-destination (\S+)/.exec(rule) ?? [];
    return Number(given) === port && target !== undefined ? [target] : [];
  });
}

/** A port of this stack that should lead to a listener behind it; one that does so already, from where the flow comes. */
export function publishing(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge' || scene.protocol === 'icmp') return [];
  const { destination, protocol } = scene;
  const { port } = scene.attempt.probe;
  if (!scene.owned.some((one) => one.stack === stack && one.address === destination)) return [];
  // It is led on already; whatever it died of comes later.
  if (scene.stepsAt(stack, 'rewrite').some(({ field }) => field === 'destination')) return [];
  const chain = scene.sender === stack ? 'OUTPUT' : 'PREROUTING';
  const published = publishedAt(scene, stack, port);
  const near = scene.neighboursOf(stack).map(({ other }) => other.address);
  return listenersOf(scene)
    .filter(({ address }) => address !== destination && near.includes(address))
    .flatMap((listener): Candidate[] => {
      const to = formatIpv4(listener.address);
      const isMeant = published.some((target) => target === to || target === `${to}:${listener.port}`);
      // Nobody publishes who is out there already.
      if (!isMeant && (published.length > 0 || contains(scene.prefixAround(destination), listener.address))) return [];
      const cost = isMeant ? 9 : listener.port === port ? 15 : 27;
      const match = `-d ${formatIpv4(destination)} -p ${protocol} --dport ${port}`;
      const there = `iptables -t nat -A ${chain} ${match} -j DNAT --to-destination ${targetText(listener, port)}`;
      const hidden = `-d ${to} -p ${protocol} --dport ${listener.port} -j MASQUERADE`;
      const set = (command: string, more: number): Candidate => {
        return { kind: 'nat', verb: 'set', line: `${stack.title}: ${command}`, cost: cost + more };
      };
      if (chain === 'OUTPUT' || scene.source === 0) return [set(there, 0)];
      // Back to where it came from: the answer has to come by here, too.
      const from = prefixText(scene.prefixAround(scene.source));
      return [set(there, 0), set(`${there}; iptables -t nat -A POSTROUTING -s ${from} ${hidden}`, 2)];
    });
}

function targetText({ address, port }: Listener, asked: number): string {
  return port === asked ? formatIpv4(address) : `${formatIpv4(address)}:${port}`;
}

/** Rules that translated the flow to where nobody answers, with another target. */
export function misdirected(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const used = new Set(scene.stepsAt(stack, 'hook').map(({ by }) => by));
  return scene.snapshot(stack).namespace.iptables.flatMap(({ table, chain, rules }) =>
    rules.flatMap(({ num, rule }): Candidate[] => {
      if (table !== 'nat') return [];
      const isUsed = used.has(`nat ${chain} rule ${num}: ${rule}`);
      const replace = (text: string, cost: number): Candidate => {
        const line = `${stack.title}: iptables -t nat -R ${chain} ${num} ${text}`;
        return { kind: 'nat', verb: 'set', line, cost: isUsed ? cost : cost + 14 };
      };
      if (/ SNAT --to-source \S+/.test(rule))
        return [replace(rule.replace(/ SNAT --to-source \S+/, ' MASQUERADE'), 14)];
      const [, target = ''] = / DNAT --to-destination (\S+)/.exec(rule) ?? [];
      const others = target === '' ? [] : otherTargets(scene, target);
      return [
        ...others.map(({ text, cost }) => replace(rule.replace(target, text), cost)),
        ...narrowed(rule).map((text) => replace(text, 22)),
      ];
    }),
  );
}

/** Whoever listens instead of a target: on the same host, or the only one of its subnet on the same port, before others. */
function otherTargets(scene: Scene, target: string): { readonly text: string; readonly cost: number }[] {
  const [host = '', portText] = target.split(':');
  const address = parseIpv4(host) ?? 0;
  const port = portText === undefined ? scene.attempt.probe.port : Number(portText);
  const around = scene.prefixAround(address);
  const all = listenersOf(scene);
  const inSubnet = all.filter((one) => one.port === port && contains(around, one.address) && one.address !== address);
  return all
    .filter((one) => one.address !== address || one.port !== port)
    .map((one) => {
      const isOnly = inSubnet.length === 1 && inSubnet[0] === one;
      const cost = one.address === address ? 5 : isOnly ? 9 : inSubnet.includes(one) ? 16 : 24;
      return { text: `${formatIpv4(one.address)}:${one.port}`, cost };
    });
}

/** The rule without one of the conditions that it makes: of an interface, an address, a port. */
function narrowed(rule: string): string[] {
  const conditions = rule.match(/(! )?-[iosd] \S+/g) ?? [];
  return conditions.map((condition) => rule.replace(condition, '').replace(/\s+/g, ' ').trim());
}
