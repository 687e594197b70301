import { ruleLine } from '../../show/linux-rule.ts';
import { same } from '../styled.ts';
import { ask, type Decision, type Question } from './question.ts';

/** Which policy rule decides? */
export function ruleQuestion({ step, snapshot }: Decision<'rule'>): Question | undefined {
  const rules = snapshot.namespace.rule.map((row) => same(`${row.priority}: ${ruleLine(row)}`));
  const answer = same(`${step.priority}: ${step.rule}`);
  const prompt = {
    en: `Which policy rule of ${snapshot.title} decides?`,
    zh: `${snapshot.title} 的哪条策略规则起作用？`,
  };
  const earlier = rules.findIndex(({ en }) => en === answer.en);
  const why = {
    en: `rules are asked in the order of their priority; the ${earlier} before it do not match, or had no route in their table`,
    zh: `规则按优先级依次查询；它之前的 ${earlier} 条不匹配，或其路由表中没有路由`,
  };
  return ask(step, prompt, rules, answer, { en: `${answer.en}: ${why.en}`, zh: `${answer.zh}：${why.zh}` });
}
