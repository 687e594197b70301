/*
 * As much of TextFSM as templates for devices use: values with Filldown and Required, states, and rules whose action
 * records a row, goes on with the next rule or to another state, or fails.
 */

interface Value {
  readonly name: string;
  readonly pattern: string;
  readonly filldown: boolean;
  readonly required: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly records: boolean;
  readonly continues: boolean;
  readonly fails: boolean;
  readonly state: string | undefined;
}

export type Record = Readonly<{ [name: string]: string }>;

/** The rows that a template finds in a text; throws where one of its rules says that a line is wrong. */
export function parseWith(template: string, text: string): Record[] {
  const { values, states } = readTemplate(template);
  const rows: Record[] = [];
  let row = new Map<string, string>();
  let state = 'Start';
  const record = (): void => {
    if (values.every(({ name, required }) => !required || (row.get(name) ?? '') !== '')) {
      rows.push(Object.fromEntries(values.map(({ name }) => [name, row.get(name) ?? ''])));
    }
    row = new Map(values.filter(({ filldown }) => filldown).map(({ name }) => [name, row.get(name) ?? '']));
  };
  for (const line of text.split('\n').slice(0, -1)) {
    for (const rule of states.get(state) ?? []) {
      const match = rule.pattern.exec(line);
      if (match === null) continue;
      if (rule.fails) throw new Error(`no rule of ${state} takes the line "${line}"`);
      for (const [name, value] of Object.entries(match.groups ?? {})) if (value !== undefined) row.set(name, value);
      if (rule.records) record();
      if (rule.state !== undefined) state = rule.state;
      if (!rule.continues) break;
    }
  }
  return rows;
}

function readTemplate(template: string): { values: Value[]; states: Map<string, Rule[]> } {
  const values: Value[] = [];
  const states = new Map<string, Rule[]>();
  let rules: Rule[] = [];
  for (const line of template.split('\n')) {
    const [, options = '', name = '', pattern = ''] = /^Value ((?:\w+,?)* )?(\w+) \((.*)\)$/.exec(line) ?? [];
    if (name !== '') {
      const own = { filldown: options.includes('Filldown'), required: options.includes('Required') };
      values.push({ name, pattern, ...own });
    } else if (/^\w+$/.test(line)) {
      rules = [];
      states.set(line, rules);
    } else if (line.startsWith('  ^')) rules.push(readRule(line.trim(), values));
    else if (line.trim() !== '' && !line.trim().startsWith('#')) throw new Error(`no line of a template: ${line}`);
  }
  return { values, states };
}

function readRule(line: string, values: readonly Value[]): Rule {
  const [pattern = '', action = ''] = line.split(' -> ');
  const named = pattern.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values.find((one) => one.name === name);
    if (value === undefined) throw new Error(`the template has no value ${name}`);
    return `(?<${name}>${value.pattern})`;
  });
  const words = action.split(/[ .]/).filter((word) => word !== '');
  const verbs = ['Record', 'Continue', 'Next', 'Error'];
  return {
    pattern: new RegExp(named.replaceAll('$$', '$')),
    records: words.includes('Record'),
    continues: words.includes('Continue'),
    fails: words.includes('Error'),
    state: words.find((word) => !verbs.includes(word)),
  };
}
