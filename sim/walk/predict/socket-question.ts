import type { ComwareSnapshot } from '../../comware/snapshot-rows.ts';
import type { NamespaceSnapshot } from '../../kernel/snapshot.ts';
import type { FlowName, RecordedStep } from '../../packet/trace.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { comwareSocketKey, isComwares, keysOfStep, socketKey } from '../panes/entries.ts';
import { same, type Words } from '../styled.ts';
import { ask, type Decision, type Question } from './question.ts';

const KERNEL: Words = { en: 'the kernel of its namespace (Inet stack)', zh: '所在命名空间的内核（内核协议栈）' };
const HOST: Words = { en: 'the host, over the Docker0 bridge', zh: '经 Docker0 网桥交给宿主机' };

/** A socket as the table of its stack lists it, and as an option. */
interface Taker {
  readonly key: string;
  readonly protocol: 'udp' | 'icmp' | 'tcp';
  readonly text: Words;
}

/** Which socket, or which stack, gets it? */
export function socketQuestion({ step, snapshot }: Decision<'demultiplex'>): Question | undefined {
  const { title } = snapshot;
  const isComware = isComwares(step);
  const takers = takersOf(step, snapshot);
  const [key] = keysOfStep(step);
  const answer = takerOf(step, takers, key, isComware);
  if (answer === undefined) return undefined;
  const protocol = protocolOf(step);
  const all = takers.filter((one) => one.protocol === protocol).map(({ text }) => text);
  const prompt = {
    en: `Who on ${title} gets what is for ${step.key}?`,
    zh: `${title} 上谁接收 ${step.key} 的报文？`,
  };
  const why = { en: `${step.to}: ${step.why}`, zh: `${step.to}：${step.why}` };
  return ask(step, prompt, all, answer, why, isComware ? [KERNEL, HOST] : [nobody(protocol)]);
}

/** Nobody wants it: the question that ends with a step which tells the sockets that are there. */
export function noSocketQuestion({ step, snapshot }: Decision<'because'>): Question | undefined {
  const { facts } = step;
  if (step.of !== 'sockets' || typeof facts.port !== 'number') return undefined;
  const protocol = facts.protocol === 'TCP' ? 'tcp' : 'udp';
  const all = takersOf(step, snapshot).filter((one) => one.protocol === protocol);
  const key = `${facts.protocol} ${facts.address}:${facts.port}`;
  const prompt = {
    en: `Who on ${snapshot.title} gets what is for ${key}?`,
    zh: `${snapshot.title} 上谁接收 ${key} 的报文？`,
  };
  const answer = nobody(protocol);
  return ask(
    step,
    prompt,
    all.map(({ text }) => text),
    answer,
    same(step.text),
    [answer],
  );
}

function nobody(protocol: Taker['protocol']): Words {
  if (protocol === 'tcp')
    return { en: 'nobody: no such connection, no listener', zh: '无人接收：没有连接，也没有监听' };
  if (protocol === 'udp') return { en: 'nobody: the port is closed', zh: '无人接收：端口关闭' };
  return { en: 'nobody has this identifier', zh: '没有套接字使用该标识符' };
}

function takersOf(step: RecordedStep, { comware, namespace }: StackSnapshot): Taker[] {
  return isComwares(step) && comware !== undefined ? comwareTakers(comware) : linuxTakers(namespace);
}

function linuxTakers({ socket }: NamespaceSnapshot): Taker[] {
  return socket.map((row) => ({
    key: socketKey(row),
    protocol: row.netid,
    text: socketText(row, row.state, row.process),
  }));
}

function comwareTakers({ sockets }: ComwareSnapshot): Taker[] {
  return sockets
    .filter(({ stack }) => stack === 'comware')
    .map((row) => ({
      key: comwareSocketKey(row),
      protocol: row.protocol,
      text: socketText(row, row.state ?? '', row.application),
    }));
}

function socketText(
  row: { readonly local: string; readonly port: number; readonly peer: string; readonly peerPort: number },
  state: string,
  program: string,
): Words {
  const peer = row.peerPort === 0 ? '' : ` <- ${row.peer}:${row.peerPort}`;
  const words = [`${row.local}:${row.port}${peer}`, state, program];
  return same(words.filter((word) => word !== '').join(' '));
}

function takerOf(
  step: Decision<'demultiplex'>['step'],
  takers: readonly Taker[],
  key: string | undefined,
  isComware: boolean,
): Words | undefined {
  if (isComware && step.to === 'Inet stack') return KERNEL;
  if (isComware && step.to === 'host') return HOST;
  return takers.find((one) => one.key === key)?.text;
}

const PROTOCOLS: ReadonlyMap<number, Taker['protocol']> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
]);

/** By the socket, the session, or the words of what was looked for. */
function protocolOf(step: RecordedStep & { kind: 'demultiplex' }): Taker['protocol'] {
  const flow: FlowName | undefined = step.socket ?? step.connection;
  if (flow !== undefined) return PROTOCOLS.get(flow.protocol) ?? 'icmp';
  return step.key.startsWith('TCP') ? 'tcp' : step.key.startsWith('UDP') ? 'udp' : 'icmp';
}
