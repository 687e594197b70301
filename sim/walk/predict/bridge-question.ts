import type { NamespaceSnapshot } from '../../kernel/snapshot.ts';
import type { Words } from '../styled.ts';
import { ask, type Decision, type Question } from './question.ts';

const FLOOD: Words = { en: 'to all ports but the one it came from', zh: '泛洪：除入端口外的所有端口' };
const UP: Words = { en: "up: to the bridge's own stack", zh: '上送：网桥自己的协议栈' };

/** By which port of a bridge does a frame leave? */
export function bridgeQuestion({ step, snapshot, before }: Decision<'bridge'>): Question | undefined {
  const { namespace } = snapshot;
  const bridge = bridgeName(step, namespace);
  if (bridge === undefined) return undefined;
  const ports = namespace.bridgePort.filter(({ master }) => master === bridge).map(({ ifname }) => ifname);
  const from = incomingPort(step, before, ports);
  const others = ports.filter((port) => port !== from).map(byPort);
  // What the bridge itself sends does not come back up.
  const up = from === undefined ? [] : [UP];
  const answer = step.decision === 'forward' ? byPort(step.port) : step.decision === 'local' ? UP : FLOOD;
  const mac = step.mac === 'broadcast' ? 'ff:ff:ff:ff:ff:ff' : step.mac;
  const isNode = step.bridge === snapshot.title;
  const prompt = {
    en: `Where does ${step.bridge}${isNode ? '' : ` of ${snapshot.title}`} send a frame for ${mac}?`,
    zh: `${isNode ? '' : `${snapshot.title} 的 `}${step.bridge} 把发给 ${mac} 的帧送往哪里？`,
  };
  // By hairpin it may go back where it came from.
  const all = step.decision === 'forward' && step.port === from ? ports.map(byPort) : others;
  return ask(step, prompt, all, answer, whyOf(step), [FLOOD, ...up]);
}

function byPort(port: string): Words {
  return { en: `out by port ${port}`, zh: `从端口 ${port} 发出` };
}

/** The step calls a bridge by its title; its ports know its name. */
function bridgeName({ decision, port }: Decision<'bridge'>['step'], namespace: NamespaceSnapshot): string | undefined {
  if (decision === 'local') return port;
  const [first = ''] = port.split(' ');
  return namespace.bridgePort.find(({ ifname }) => ifname === first)?.master ?? first;
}

/** The port that the frame came in by; undefined where the stack of the bridge sends it. */
function incomingPort(
  { place }: Decision<'bridge'>['step'],
  before: Decision['before'],
  ports: readonly string[],
): string | undefined {
  const last = before.findLast((step) => step.kind === 'receive' || step.kind === 'transmit' || step.kind === 'bridge');
  const isIn = last?.kind === 'receive' && last.isPort && last.place === place && ports.includes(last.device);
  return isIn ? last.device : undefined;
}

function whyOf({ decision, mac, port, entry }: Decision<'bridge'>['step']): Words {
  if (decision === 'forward') {
    return { en: `the forwarding database has ${mac} at ${entry ?? port}`, zh: `转发表中 ${mac} 在 ${entry ?? port}` };
  }
  if (decision === 'local') return { en: `${mac} is the bridge's own address`, zh: `${mac} 是网桥自己的地址` };
  return mac === 'broadcast' || isGroup(mac)
    ? { en: 'a frame for a group goes to everybody', zh: '组播或广播帧发给所有端口' }
    : {
        en: `the forwarding database has no entry for ${mac}: it goes to all who might have it`,
        zh: `转发表中没有 ${mac}：发往所有可能的端口`,
      };
}

/** The lowest bit of the first byte says so. */
function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}
