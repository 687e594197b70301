import { beforeEach, describe, expect, it } from 'vitest';
import { runIptables } from '../../sim/iptables/apply.ts';
import { showIptablesList, showIptablesSave } from '../../sim/show/linux-iptables.ts';
import { Shell } from '../kernel/shell.ts';
import { REAL_REFUSALS, REAL_RULES } from './real-texts.ts';

let shell: Shell;

const run = (line: string): string | undefined => runIptables(shell.net, `iptables ${line}`);
/** Commands that have to be accepted. */
const done = (...lines: readonly string[]): void => {
  for (const line of lines) expect([line, run(line)]).toEqual([line, undefined]);
};
const saved = (): string => showIptablesSave(shell.snapshot.iptables);
const rules = (): string[] =>
  saved()
    .split('\n')
    .filter((line) => line.startsWith('-A'));

beforeEach(() => {
  shell = new Shell();
});

describe('a table that was never used', () => {
  it.each(['-A INPUT -j NOBODY', '-D INPUT 1', '-C INPUT -j DROP', '-A INPUT -j REJECT --reject-with tcp-reset'])(
    'is not made by what is refused: %s',
    (line) => {
      expect(run(line)).toBeDefined();
      expect(shell.net.xtables).toEqual([]);
    },
  );

  it.each(['-t nat -F', '-t raw -Z', '-t mangle -X'])('has nothing to do for %s, and is not made', (line) => {
    done(line);
    expect(saved()).toBe('');
  });

  it('is made by what names one of its chains', () => {
    done('-t raw -F OUTPUT');
    expect(saved()).toContain(':OUTPUT ACCEPT');
  });
});

describe('a rule', () => {
  it.each(REAL_RULES)('of %s: %s', (table, words, rule = words) => {
    done(`-t ${table} -N A`, `-t ${table} -A ${words}`);
    expect(rules()).toEqual([`-A ${rule}`]);
  });

  /** What the tool does not print, and so loses. */
  const isPrintedWhole = ([, words]: (typeof REAL_RULES)[number]): boolean => !/! -i \+|! --sport 0:65535/.test(words);

  it.each(REAL_RULES.filter(isPrintedWhole))(
    'of %s means the same when it is read from what was printed: %s',
    (table, words) => {
      done(`-t ${table} -N A`, `-t ${table} -A ${words}`);
      const [first = ''] = rules();
      // A shell keeps the backslash before an apostrophe, which the tool prints for iptables-restore.
      done(`-t ${table} -C ${first.slice(3).replaceAll("\\'", "'")}`.replace(/ ! -s 0\.0\.0\.0\/0/, ' ! -s 0/0'));
    },
  );

  it('for several addresses is several rules', () => {
    done('-A INPUT -s 10.0.0.1,10.0.0.2 -d 10.1.1.1,10.1.1.2 -j DROP');
    expect(rules()).toEqual([
      '-A INPUT -s 10.0.0.1/32 -d 10.1.1.1/32 -j DROP',
      '-A INPUT -s 10.0.0.1/32 -d 10.1.1.2/32 -j DROP',
      '-A INPUT -s 10.0.0.2/32 -d 10.1.1.1/32 -j DROP',
      '-A INPUT -s 10.0.0.2/32 -d 10.1.1.2/32 -j DROP',
    ]);
  });

  it('that the simulator does not know is refused by its name, never ignored', () => {
    expect(run('-A INPUT -m recent --set')).toContain('match "recent" is not modelled');
    expect(run('-A INPUT -j NFQUEUE')).toContain('target "NFQUEUE" is not modelled');
    expect(run('-A INPUT -m conntrack --ctdir ORIGINAL')).toContain('option "--ctdir" is not modelled');
    expect(run('-L')).toContain('shows');
    expect(run('')).toContain('no command specified');
    expect(run('-A INPUT -m comment --comment "open')).toContain('a quote is not closed');
  });
});

describe('what the real tool refuses', () => {
  it.each(REAL_REFUSALS)('iptables %s', (command, text) => {
    done('-N A', '-N B', '-A INPUT -j A', '-A B -j DROP');
    const before = saved();
    expect(run(command)).toBe(text);
    expect(saved()).toContain(before);
  });
});

describe('commands about chains', () => {
  it('insert, replace and delete count from one', () => {
    done(
      '-A INPUT -s 10.0.0.1 -j DROP',
      '-A INPUT -s 10.0.0.2 -j DROP',
      '-I INPUT -s 10.0.0.3',
      '-I INPUT 3 -s 10.0.0.4',
    );
    expect(rules().map((line) => line.slice(12, 20))).toEqual(['10.0.0.3', '10.0.0.1', '10.0.0.4', '10.0.0.2']);
    done('-R INPUT 2 -s 10.0.0.9', '-D INPUT 1', '-D INPUT -s 10.0.0.2 -j DROP');
    expect(rules().map((line) => line.slice(12, 20))).toEqual(['10.0.0.9', '10.0.0.4']);
  });

  it('a renamed chain is still led to', () => {
    done('-N A', '-A INPUT -g A', '-A A -j RETURN', '-E A B');
    expect(saved()).toContain(':B - [0:0]\n-A INPUT -g B\n-A B -j RETURN\n');
  });

  it('chains of its own stand in the order of their names, a table in the order it was last made', () => {
    done('-N b', '-N B', '-N a', '-t raw -F OUTPUT', '-P FORWARD DROP');
    expect(saved()).toBe(
      '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n' +
        '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n' +
        ':B - [0:0]\n:a - [0:0]\n:b - [0:0]\nCOMMIT\n',
    );
  });

  it('flush and delete leave policies', () => {
    done('-N A', '-A INPUT -j A', '-P INPUT DROP', '-F', '-X');
    expect(saved()).toBe('*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n');
  });

  it('a loop that no packet can reach is taken, one that a packet can is not', () => {
    done('-N A', '-N B', '-A A -j B', '-A B -g A', '-A INPUT -j ACCEPT', '-A INPUT -j A');
    expect(run('-I INPUT -j A')).toBe('iptables: Too many levels of symbolic links.');
    expect(run('-D INPUT 1')).toBe('iptables: Too many levels of symbolic links.');
  });

  it('a target is checked for the hooks that reach it through other chains', () => {
    done('-t nat -N A', '-t nat -A A -j MASQUERADE', '-t nat -A POSTROUTING -j A');
    expect(run('-t nat -A INPUT -j A')).toContain(
      'used from hooks INPUT/POSTROUTING, but only usable from POSTROUTING',
    );
  });
});

describe('iptables -L -v -n', () => {
  it('prints what the real tool printed', () => {
    done(
      '-N A',
      '-A INPUT -f -j DROP',
      '-A INPUT ! -f -s 1.2.3.4/255.0.255.0 -j A -c 123456 99999999',
      '-A INPUT -p 47 -g A',
      '-A FORWARD ! -s 10.0.0.0/8 ! -d 10.1.2.3 ! -i eth+ ! -o wlan0 ! -p tcp -j A',
      '-A FORWARD -p tcp -m multiport --dports 80,1000:2000 -m conntrack --ctstate NEW -m comment --comment "hi there" -j REJECT --reject-with tcp-reset',
      '-A FORWARD -p icmp --icmp-type 3/4 -m limit --limit 5/min -j LOG --log-prefix "x "',
    );
    expect(showIptablesList(shell.snapshot.iptables).split('\n')).toEqual([
      '# iptables -t filter -L -v -n --line-numbers',
      'Chain INPUT (policy ACCEPT 0 packets, 0 bytes)',
      'num   pkts bytes target     prot opt in     out     source               destination         ',
      '1        0     0 DROP       0    -f  *      *       0.0.0.0/0            0.0.0.0/0           ',
      '2     123K  100M A          0    !f  *      *       1.0.3.0/255.0.255.0  0.0.0.0/0           ',
      '3        0     0 A          47   --  *      *       0.0.0.0/0            0.0.0.0/0           [goto] ',
      '',
      'Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)',
      'num   pkts bytes target     prot opt in     out     source               destination         ',
      '1        0     0 A         !6    --  !eth+  !wlan0 !10.0.0.0/8          !10.1.2.3            ',
      '2        0     0 REJECT     6    --  *      *       0.0.0.0/0            0.0.0.0/0            multiport dports 80,1000:2000 ctstate NEW /* hi there */ reject-with tcp-reset',
      '3        0     0 LOG        1    --  *      *       0.0.0.0/0            0.0.0.0/0            icmptype 3 code 4 limit: avg 5/min burst 5 LOG flags 0 level 4 prefix "x "',
      '',
      'Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)',
      'num   pkts bytes target     prot opt in     out     source               destination         ',
      '',
      'Chain A (3 references)',
      'num   pkts bytes target     prot opt in     out     source               destination         ',
      '',
    ]);
  });
});
