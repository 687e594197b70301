import { spawnSync } from 'node:child_process';

/*
 * What the real tools print in a namespace, and the differences that are allowed: what is of the machine or the moment,
 * or not modelled.
 */

/** What no line of any table is. */
const END = '=== end of a table ===';

/** The texts of commands that are run one after the other in a namespace. */
export function realTables(namespace: string, commands: readonly string[]): Map<string, string> {
  const script = commands.map((command) => `${command} 2>/dev/null; echo '${END}'`).join('\n');
  const { stdout, stderr } = spawnSync('ip', ['netns', 'exec', namespace, 'bash', '-s'], {
    encoding: 'utf8',
    input: script,
    env: { ...process.env, NSTAT_HISTORY: '/dev/null' },
  });
  const parts = stdout.split(`${END}\n`);
  if (parts.length !== commands.length + 1) throw new Error(`cannot read the tables of ${namespace}: ${stderr}`);
  return new Map(commands.map((command, index) => [command, parts[index] ?? '']));
}

/** Both texts without what may differ. */
export function masked(command: string, text: string, cableless: readonly string[] = []): string {
  const isJson = / -j/.test(command);
  const plain = isJson ? maskJson(text, cableless) : maskText(command, withoutEnds(text, cableless));
  return IS_HASHED.some((one) => command.replace('-4 ', '').startsWith(one)) ? sortLines(plain, isJson) : plain;
}

/** Tables that the kernel keeps by a hash with a secret: their order is nobody's. */
const IS_HASHED = ['ip neigh', 'ip -j neigh', 'ip -s neigh', 'conntrack', 'ss'];

/** A port without a cable has one in the script, whose other end lies in a namespace of its own. */
function withoutEnds(text: string, cableless: readonly string[]): string {
  return text
    .split(/^(?=\d+: |\S+ {2,})/m)
    .map((block) => {
      const name = /^(?:\d+: )?([^@\s]+)@/.exec(block)?.[1] ?? '';
      if (!cableless.includes(name)) return block;
      return block.replace(/ link-netns(id)? \S+/g, '').replace(/@(if\d+)( *)/, (_, end: string, blanks: string) => {
        return blanks === '' ? '' : ' '.repeat(end.length + 1 + blanks.length);
      });
    })
    .join('');
}

function maskText(command: string, text: string): string {
  return (
    text
      // Indices of interfaces: the script makes them in another order. The name of the other end's namespace.
      .replace(/^\d+: /gm, '#: ')
      .replace(/@if\d+ +(?=[A-Z])/g, '@if# ')
      .replace(/@if\d+/g, '@if#')
      .replace(/link-netns(id)? \S+/g, 'link-netns #')
      // IPv6, also as groups that interfaces listen to.
      .replace(/^ {4}inet6 .*\n {7}valid_lft .*\n/gm, '')
      .replace(/^33:33:.*\n/gm, '')
      // Version and date.
      .replace(/^# (Generated|Completed) .*\n/gm, '')
      // Who changed it last decides between the two (see test/netns/kernel.ts).
      .replace(/\b(LOWERLAYERDOWN|DOWN {10})\b/g, 'DOWN')
      // How long a connection has left, and numbers that the kernel or a program chose.
      // Connections that a slow machine may have forgotten by the time it is asked.
      .replace(command.startsWith('conntrack') ? /^(?:ipv4 +2 )?(?:icmp|udp) .*\n/gm : /$^/, '')
      .replace(/^((?:ipv4 +2 )?(?:icmp|udp|tcp) +\d+) \d+ /gm, '$1 # ')
      .replace(/\bid=\d+/g, 'id=#')
      .replace(/\b(sport|dport)=[3-6]\d{4}\b/g, '$1=#')
      .replace(/:[3-6]\d{4} */g, ':# ')
      .replace(/ *users:\(\(.*\)\) *$/gm, ' users')
      .replace(/^(.*Process) *$/gm, '$1')
      // How many frames there were: address resolution repeats itself as time goes by.
      .replace(/^ {4}( *\d+ ){6}$/gm, (line) => line.replace(/\d+/g, (number) => '#'.padStart(number.length)))
      .replace(/\b(REACHABLE|STALE|DELAY|PROBE)\b/g, 'VALID')
      .replace(command.startsWith('nstat') ? NOT_MODELLED : /$^/, '')
  );
}

/** Counters that the model does not move. */
const NOT_MODELLED =
  /^(Ip6|Icmp6|Udp6|UdpLite|MPTcp|Sctp|IpExt(In|Out)(Mcast|NoECT|ECT|CE|Csum)|IpExtReasm|TcpExt(?!TW )).*\n/gm;

function maskJson(text: string, cableless: readonly string[]): string {
  const rows = JSON.parse(text.trim() === '' ? '[]' : text) as Record<string, unknown>[];
  const kept = rows
    .filter((row) => Object.keys(row).length > 0)
    .filter(({ mac }) => typeof mac !== 'string' || !mac.startsWith('33:33:'))
    .map((row) => maskRow(row, cableless.includes(String(row.ifname))));
  return `${JSON.stringify(kept)}\n`;
}

function maskRow(row: Record<string, unknown>, isCableless: boolean): Record<string, unknown> {
  const numbers = ['ifindex', 'link_index', 'link_netnsid'];
  const own = Object.entries(row).filter(
    ([key]) => !isCableless || !['link', 'link_index', 'link_netnsid'].includes(key),
  );
  const entries = own.map(([key, value]): [string, unknown] => {
    if (numbers.includes(key)) return [key, 0];
    if (key === 'link_netns') return ['link_netnsid', 0];
    if (key === 'link') return [key, String(value).replace(/^if\d+$/, 'if#')];
    if (key === 'stats64') return [key, JSON.parse(JSON.stringify(value).replace(/\d+(?=[,}])/g, '0'))];
    if (key === 'state' && Array.isArray(value))
      return [key, value.map((one) => (['FAILED', 'PERMANENT'].includes(one) ? one : 'VALID'))];
    if (key === 'operstate' && value === 'LOWERLAYERDOWN') return [key, 'DOWN'];
    if (key === 'addr_info') return [key, (value as { family?: string }[]).filter(({ family }) => family === 'inet')];
    return [key, value];
  });
  return Object.fromEntries(entries);
}

function sortLines(text: string, isJson: boolean): string {
  if (!isJson) return text.split('\n').sort().join('\n');
  return JSON.stringify((JSON.parse(text) as unknown[]).map((row) => JSON.stringify(row)).sort());
}
