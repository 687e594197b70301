import { isComwares } from '../panes/entries.ts';
import type { Words } from '../styled.ts';
import { ask, type Decision, type Question } from './question.ts';

const KNOWN: Words = { en: 'sent at once: its MAC is known', zh: '立即发送：MAC 已知' };
const STALE: Words = {
  en: 'sent at once, but the MAC is old: it is checked soon',
  zh: '立即发送，但 MAC 已陈旧：稍后验证',
};
const UNKNOWN: Words = { en: 'held back: its MAC is asked for by ARP', zh: '先保留：用 ARP 查询 MAC' };

/** Is the MAC of the next hop known? Comware's entries are known or not, and never old. */
export function neighbourQuestion({ step, snapshot }: Decision<'neighbour'>): Question | undefined {
  const { nextHop, device, state, mac } = step;
  const isComware = isComwares(step);
  const answer = mac === '' ? UNKNOWN : state === 'STALE' ? STALE : KNOWN;
  const prompt = {
    en: `What does ${snapshot.title} do with a packet for its neighbour ${nextHop} on ${device}?`,
    zh: `${snapshot.title} 如何处理发给 ${device} 上邻居 ${nextHop} 的报文？`,
  };
  return ask(step, prompt, isComware ? [KNOWN, UNKNOWN] : [KNOWN, STALE, UNKNOWN], answer, whyOf(step));
}

function whyOf({ nextHop, device, state, mac }: Decision<'neighbour'>['step']): Words {
  const entry = `${nextHop} dev ${device}`;
  if (state.toLowerCase() === 'none') {
    return { en: `there is no entry for ${entry} yet`, zh: `还没有 ${entry} 的表项` };
  }
  if (mac === '')
    return { en: `the entry ${entry} is ${state}: no MAC yet`, zh: `表项 ${entry} 为 ${state}：尚无 MAC` };
  return { en: `the entry ${entry} lladdr ${mac} is ${state}`, zh: `表项 ${entry} lladdr ${mac} 为 ${state}` };
}
