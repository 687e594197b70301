import type { NatSnapshot } from '../../comware/nat-snapshot-rows.ts';
import type { IptablesChainRow, IptablesRuleRow } from '../../kernel/iptables-snapshot.ts';
import type { DecidingRule } from '../../packet/trace.ts';
import { filterRuleText, isComwares } from '../panes/entries.ts';
import { same, type Words } from '../styled.ts';
import { ask, type Decision, type Question } from './question.ts';

/** Targets after which the next rule is asked, or the chain before: they decide nothing of what becomes of the packet. */
const GO_ON: readonly string[] = ['', 'LOG', 'MARK', 'CONNMARK', 'CT', 'RETURN'];

/** A rule that could end the walk through a chain, or its policy. */
interface Ending {
  readonly chain: string;
  readonly number: number;
  readonly text: Words;
}

/** Which rule of iptables decides, or is it the policy? Or, of Comware's NAT: which rule translates? */
export function hookQuestion(decision: Decision<'hook'>): Question | undefined {
  const { step, snapshot } = decision;
  if (isComwares(step)) return natQuestion(decision);
  const { rule, hook } = step;
  if (rule === undefined) return undefined;
  const endings = endingsOf(snapshot.namespace.iptables, rule.table, hook);
  const index = endings.findIndex(({ chain, number }) => chain === rule.chain && number === rule.number);
  const answer = endings[index]?.text;
  if (answer === undefined) return undefined;
  const prompt = {
    en: `What does table ${rule.table} of ${snapshot.title} say at ${hook}?`,
    zh: `${snapshot.title} 的 ${rule.table} 表在 ${hook} 处如何裁决？`,
  };
  return ask(
    step,
    prompt,
    endings.map(({ text }) => text),
    answer,
    whyOf(rule, index, step.verdict),
  );
}

/** The rules that a packet may end at, in the order in which they are asked, and the policy behind them. */
function endingsOf(chains: readonly IptablesChainRow[], table: string, hook: string): Ending[] {
  const own = chains.filter((row) => row.table === table);
  const base = own.find((row) => row.chain === hook);
  if (base === undefined) return [];
  const policy = { chain: hook, number: 0, text: policyText(base) };
  return [...rulesFrom(own, base, [hook]), policy];
}

function policyText({ policy = '' }: IptablesChainRow): Words {
  return { en: `no rule: the policy, ${policy}`, zh: `没有规则匹配：默认策略 ${policy}` };
}

function rulesFrom(chains: readonly IptablesChainRow[], row: IptablesChainRow, above: readonly string[]): Ending[] {
  return row.rules.flatMap((rule: IptablesRuleRow): Ending[] => {
    const next = chains.find(({ chain }) => chain === rule.target);
    if (next !== undefined) return above.includes(next.chain) ? [] : rulesFrom(chains, next, [...above, next.chain]);
    if (GO_ON.includes(rule.target)) return [];
    const text = same(`${row.chain} ${rule.num}: ${filterRuleText(row.chain, rule.rule)}`);
    return [{ chain: row.chain, number: rule.num, text }];
  });
}

function whyOf({ number, text, chain }: DecidingRule, before: number, verdict: string): Words {
  if (number === 0) {
    return {
      en: `none of the ${before} rules that could end it matches: the policy of ${chain} says ${verdict}`,
      zh: `${before} 条可能生效的规则都不匹配：${chain} 的默认策略为 ${verdict}`,
    };
  }
  return {
    en: `${text}: the first that matches decides, ${verdict}; ${before} before it do not match`,
    zh: `${text}：第一条匹配的规则生效，${verdict}；它之前的 ${before} 条不匹配`,
  };
}

const SESSION: Words = { en: 'as the session says that is there', zh: '按已有会话处理' };
const UNTRANSLATED: Words = { en: 'no rule: it passes as it is', zh: '没有规则：原样通过' };

/** Comware's NAT asks its rules for the first packet of a session alone. */
function natQuestion({ step, snapshot }: Decision<'hook'>): Question | undefined {
  const { comware, title } = snapshot;
  if (comware === undefined) return undefined;
  const rules = natRules(comware.nat);
  const { nat } = step;
  const known = rules.find(({ list, number }) => list === nat?.list && number === nat?.number)?.text;
  const answer = step.by === 'session' ? SESSION : nat === undefined ? UNTRANSLATED : known;
  if (answer === undefined) return undefined;
  const prompt = { en: `What does ${step.hook} of ${title} do?`, zh: `${title} 的 ${step.hook} 如何处理？` };
  const isPassed = step.verdict === 'pass';
  const why =
    step.by === 'session'
      ? {
          en: `a session knows the flow, and ${isPassed ? 'does not translate it' : 'translates it'}`,
          zh: `会话已存在，${isPassed ? '不做转换' : '按会话转换'}`,
        }
      : { en: `${step.by}: first packet of the session`, zh: `${step.by}：会话的首个报文` };
  return ask(
    step,
    prompt,
    rules.map(({ text }) => text),
    answer,
    why,
    [SESSION, UNTRANSLATED],
  );
}

/** By precedence: servers, static mappings, then what is translated on the way out. */
function natRules({ servers, statics, outbound }: NatSnapshot) {
  const numbered = <Row>(list: 'server' | 'static' | 'outbound', rows: readonly Row[], textOf: (row: Row) => string) =>
    rows.map((row, index) => ({ list, number: index + 1, text: same(textOf(row)) }));
  return [
    ...numbered(
      'server',
      servers,
      (row) => `server ${row.global}/${row.globalPorts} -> ${row.inside}/${row.insidePorts}`,
    ),
    ...numbered('static', statics, (row) => `static ${row.local} <-> ${row.global}`),
    ...numbered('outbound', outbound, (row) => {
      const whose = row.addressGroup === null ? 'its own address' : `address group ${row.addressGroup}`;
      return `outbound on ${row.interface}${row.acl === null ? '' : `, ACL ${row.acl}`}, ${whose}`;
    }),
  ];
}
