import type { ComwareSnapshot } from '../../comware/snapshot-rows.ts';
import { nearest } from '../../core/nearest.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { showComwareArp } from '../comware-arp.ts';
import { comwareFibRows, showComwareFib } from '../comware-fib.ts';
import {
  showComwareInterfaceDetails,
  showComwareInterfaces,
  showComwareInterfacesBrief,
} from '../comware-interface.ts';
import {
  natRules,
  showAcls,
  showNat,
  showNatGroups,
  showNatOutbound,
  showNatServers,
  showNatStatic,
} from '../comware-nat.ts';
import { showNatSessions } from '../comware-nat-session.ts';
import { showComwareRoutes, showComwareRoutesVerbose } from '../comware-route.ts';
import { type Misunderstanding, misunderstood, type Question } from './question.ts';

/** A `display` command: its words behind `display`, the name of its rows, and what it shows. */
interface Display {
  readonly words: string;
  readonly key: string;
  text(comware: ComwareSnapshot, time: number): string;
  rows(comware: ComwareSnapshot): unknown;
}

const DISPLAYS: readonly Display[] = [
  { words: 'ip routing-table', key: 'route', text: showComwareRoutes, rows: ({ routes }) => routes },
  { words: 'ip routing-table verbose', key: 'route', text: showComwareRoutesVerbose, rows: ({ routes }) => routes },
  { words: 'fib', key: 'fib', text: showComwareFib, rows: comwareFibRows },
  { words: 'arp', key: 'neigh', text: showComwareArp, rows: ({ arp }) => arp },
  { words: 'arp all', key: 'neigh', text: showComwareArp, rows: ({ arp }) => arp },
  { words: 'ip interface brief', key: 'addr', text: showComwareInterfaces, rows: ({ interfaces }) => interfaces },
  {
    words: 'interface brief',
    key: 'interface',
    text: showComwareInterfacesBrief,
    rows: ({ interfaces }) => interfaces,
  },
  { words: 'interface', key: 'interface', text: showComwareInterfaceDetails, rows: ({ interfaces }) => interfaces },
  {
    words: 'nat session verbose',
    key: 'nat-session',
    text: ({ nat }) => showNatSessions(nat.sessions),
    rows: ({ nat }) => nat.sessions,
  },
  {
    words: 'nat session',
    key: 'nat-session',
    text: ({ nat }) => showNatSessions(nat.sessions, false),
    rows: ({ nat }) => nat.sessions,
  },
  { words: 'nat all', key: 'nat', text: ({ nat }) => showNat(nat), rows: ({ nat }) => natRules(nat) },
  {
    words: 'nat address-group',
    key: 'nat-address-group',
    text: ({ nat }) => showNatGroups(nat.addressGroups),
    rows: ({ nat }) => nat.addressGroups,
  },
  {
    words: 'nat outbound',
    key: 'nat-outbound',
    text: ({ nat }) => showNatOutbound(nat),
    rows: ({ nat }) => nat.outbound,
  },
  { words: 'nat server', key: 'nat-server', text: ({ nat }) => showNatServers(nat), rows: ({ nat }) => nat.servers },
  {
    words: 'nat static',
    key: 'nat-static',
    text: ({ nat }) => showNatStatic(nat),
    rows: ({ nat }) => ({ mappings: nat.statics, interfaces: nat.staticInterfaces }),
  },
  { words: 'acl all', key: 'acl', text: ({ nat }) => showAcls(nat.acls), rows: ({ nat }) => nat.acls },
  {
    words: 'current-configuration',
    key: 'configuration',
    text: ({ configuration }) => configuration.map((line) => `${line}\n`).join(''),
    rows: ({ configuration }) => configuration,
  },
];

/** Reads what follows `display`; each word may be cut short, as on the device. */
export function askDisplay(words: readonly string[]): Question | Misunderstanding {
  if (words.length === 3 && isCut(words, ['nat', 'session', 'brief'])) {
    return misunderstood('display nat session brief is not made', 'write "display nat session verbose"');
  }
  const found =
    DISPLAYS.find((one) => one.words === words.join(' ')) ?? DISPLAYS.find((one) => isCut(words, one.words.split(' ')));
  if (found !== undefined) return questionOf(found);
  const [first = '', second = ''] = words;
  if (words.length === 2 && 'interface'.startsWith(first)) return oneInterface(second);
  if (words.length === 2 && first === 'acl' && /^\d+$/.test(second)) return oneAcl(Number(second));
  const close = nearest(
    words.join(' '),
    DISPLAYS.map((one) => one.words),
  );
  const hint =
    close === undefined
      ? `there are ${DISPLAYS.map((one) => one.words).join(', ')}`
      : `did you mean "display ${close}"?`;
  return misunderstood(`there is no "display ${words.join(' ')}"`.replace(' "display "', ' "display"'), hint);
}

function isCut(words: readonly string[], full: readonly string[]): boolean {
  return (
    words.length === full.length &&
    full.every((word, index) => words[index] !== '' && word.startsWith(words[index] ?? ''))
  );
}

function questionOf(one: Display): Question {
  return {
    command: `display ${one.words}`,
    of: 'comware',
    key: one.key,
    text: ({ comware, time }) => (comware === undefined ? '' : one.text(comware, time)),
    rows: ({ comware }) => (comware === undefined ? [] : one.rows(comware)),
  };
}

/** `display interface GigabitEthernet1/0/1`, in its short form too. */
function oneInterface(name: string): Question {
  const find = ({ comware }: StackSnapshot) =>
    comware?.interfaces.find((row) =>
      [row.name, row.shortName].some((one) => one.toLowerCase() === name.toLowerCase()),
    );
  return {
    command: `display interface ${name}`,
    of: 'comware',
    key: 'interface',
    refusal: (snapshot) => (find(snapshot) === undefined ? `there is no interface ${name}` : undefined),
    text: (snapshot) => {
      const row = find(snapshot);
      if (snapshot.comware === undefined || row === undefined) return '';
      return showComwareInterfaceDetails(snapshot.comware, snapshot.time, row.name);
    },
    rows: (snapshot) => [find(snapshot)].filter((row) => row !== undefined),
  };
}

/** `display acl 2000`. */
function oneAcl(number: number): Question {
  const find = ({ comware }: StackSnapshot) => comware?.nat.acls.filter((row) => row.number === number) ?? [];
  return {
    command: `display acl ${number}`,
    of: 'comware',
    key: 'acl',
    refusal: (snapshot) => (find(snapshot).length === 0 ? `there is no ACL ${number}` : undefined),
    text: (snapshot) => showAcls(find(snapshot)),
    rows: find,
  };
}
