import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { execRefusal } from '../../../sim/netns/exec-line.ts';
import { whyNotExported } from '../../../sim/netns/refusals.ts';
import type { ScenarioStep } from '../../../sim/scenario/scenario-schema.ts';
import type { ScenarioSource } from '../../../sim/scenario/scenario-source.ts';

/** Programs that a run of the judge needs, each with the package of Debian that has it. */
const TOOLS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  sysctl: 'procps',
  nsenter: 'util-linux',
  ping: 'iputils-ping',
  arping: 'iputils-arping',
  traceroute: 'traceroute',
  ethtool: 'ethtool',
  iptables: 'iptables',
  'iptables-save': 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  bash: 'bash',
};

/** What this machine lacks to be judge, in a few words each; empty where it can. */
export function missingTools(): string[] {
  if (process.platform !== 'linux') return ['network namespaces: this is not Linux'];
  const missing = process.getuid?.() === 0 ? [] : ['root'];
  if (!existsSync('/usr/bin/python3')) missing.push('/usr/bin/python3 (python3)');
  for (const [tool, pack] of Object.entries(TOOLS)) {
    const isThere = (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${tool}`));
    if (!isThere) missing.push(`${tool} (${pack})`);
  }
  if (missing.length === 0 && !namespacesWork())
    missing.push('network namespaces: the kernel does not let us have them');
  return missing;
}

/** A namespace without a name, which is gone with the process. */
function namespacesWork(): boolean {
  return spawnSync('unshare', ['--net', 'true']).status === 0;
}

/** Why the kernel cannot play a scenario, a sentence each; empty where it can. */
export function whyNotJudged({ scenario, topology }: ScenarioSource): string[] {
  return [
    ...whyNotExported(topology.topology).map(({ message, path }) => `${message} (${path.join('.')})`),
    ...linksOf(topology.topology.topology.links),
    ...Object.entries(topology.topology.topology.nodes).flatMap(([name, node]) =>
      node.kind !== 'linux'
        ? []
        : node.services
            .filter(({ program }) => !SERVICES.includes(program))
            .map(({ program }) => `no real program plays ${program} (a service of ${name})`),
    ),
    ...scenario.steps.flatMap((step, index) => whyNotStep(step).map((why) => `step ${index + 1}: ${why}`)),
  ];
}

const SERVICES: readonly string[] = ['echo', 'sink', 'responder', 'http'];

/** Cables with a rate or with chance need netem; where it is there, chance is still another one in either world. */
function linksOf(
  links: readonly { readonly endpoints: readonly unknown[]; readonly [key: string]: unknown }[],
): string[] {
  const wants = links.flatMap((link) => ['rate', 'delay', 'jitter', 'loss'].filter((key) => link[key] !== undefined));
  if (wants.some((key) => key === 'jitter' || key === 'loss'))
    return ['jitter and loss are chance: no two runs are alike'];
  return wants.length === 0 || hasNetem() ? [] : [`the ${wants[0]} of a link needs netem, which this kernel lacks`];
}

let netem: boolean | undefined;

/** Tried once, in a namespace that is gone with the command. */
function hasNetem(): boolean {
  netem ??=
    spawnSync('unshare', ['--net', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']).status === 0;
  return netem;
}

function whyNotStep(step: ScenarioStep): string[] {
  if ('tftp' in step || 'pull' in step) return [`no real program plays ${'tftp' in step ? 'tftp' : 'pull'}`];
  if ('docker' in step) return ['docker is no part of a namespace'];
  for (const verb of ['configure', 'restart', 'reboot', 'save', 'write'] as const) {
    if (verb in step) return [`${verb} is for Comware devices`];
  }
  if ('link' in step) {
    const [node = '', device = ''] = step.link.endpoint.split(':');
    return [`a cable has no plug here; as a command on ${node}: ip link set dev ${device} ${step.link.state}`];
  }
  if ('start' in step && step.start.service === undefined) return ['start of a container is for Comware devices'];
  if ('stop' in step && step.stop.service === undefined) return ['stop of a container is for Comware devices'];
  if ('exec' in step) {
    return step.exec.commands.flatMap(
      (line) => execRefusal(line) ?? (/^\s*docker(\s|$)/.test(line) ? ['docker is no part of a namespace'] : []),
    );
  }
  return [];
}
