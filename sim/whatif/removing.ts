/* What takes back a command that adds something. */

/**
 * The command that takes a line back; its words behind `after` are those of the line behind `before`. Or why there is none.
 */
export type Removing =
  | { readonly line: string; readonly before: number; readonly after: number }
  | { readonly message: string; readonly hint?: string };

/** Objects of `ip` and `bridge` with their verbs that add. */
const ADDING =
  /^(ip\s+(?:-4\s+)?(?:route|rule|addr|address|neigh|neighbour|ro|ru|a|n)|bridge\s+fdb)\s+(?:(add|append|prepend|replace|change|del|delete)\s+)?(?=\S)/;

/** `ip route add X` is removed by `ip route del X`, `iptables -A X` by `iptables -D X`; the verb of ip may be left out. */
export function removingText(line: string): Removing {
  const adding = ADDING.exec(line);
  if (adding !== null) {
    const [head, object = ''] = adding;
    const start = `${object} del `;
    return { line: `${start}${line.slice(head.length)}`, before: head.length, after: start.length };
  }
  if (/^iptables(\s|$)/.test(line)) return removingRule(line);
  if (/^(ip\s+link|bridge\s+link|sysctl)\b/.test(line) || /^[\w./-]+\s*=/.test(line)) {
    return { message: 'a setting is not removed', hint: 'write --set with its other value' };
  }
  return { message: `"${line}" is nothing that can be removed`, hint: 'ip route|rule|addr|neigh, iptables -A, listen' };
}

function removingRule(line: string): Removing {
  const command = /(\s)(-A|--append|-I|--insert|-D|--delete)(\s+\S+)(\s+\d+(?=\s))?/.exec(line);
  if (command === null) {
    return { message: 'only a rule is removed', hint: 'write iptables [-t TABLE] -A CHAIN and what the rule says' };
  }
  const [all, blank = '', verb = '', chain = '', number = ''] = command;
  const isByNumber = /^(-D|--delete)$/.test(verb) && number !== '';
  const written = `${blank}-D${chain}${isByNumber ? number : ''}`;
  const start = command.index;
  const text = `${line.slice(0, start)}${written}${line.slice(start + all.length)}`;
  return { line: text, before: start + all.length, after: start + written.length };
}

/** A line of Comware's configuration taken back, or put back where it was an `undo`. */
export function undoText(line: string): string {
  return /^undo\s/i.test(line) ? line.replace(/^undo\s+/i, '') : `undo ${line}`;
}
