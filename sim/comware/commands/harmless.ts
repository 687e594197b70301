import type { Command, Cursor } from './command-table.ts';

/*
 * Lines of a real `display current-configuration` that are taken and change nothing: they are about managing the device,
 * or state what is the case here anyway. Everything that would change what happens to a packet is not among them.
 */

/** Commands that begin so are taken with whatever follows. */
export function harmless(...beginnings: readonly string[]): readonly Command<unknown>[] {
  return beginnings.map((words) => ({
    words,
    run: (_cw, _subject, rest) => {
      rest.takeRest();
      return undefined;
    },
  }));
}

export const HARMLESS_SYSTEM_COMMANDS: readonly Command<unknown>[] = harmless(
  'version',
  'clock',
  'password-recovery enable',
  'lldp global enable',
  'system-working-mode',
  'xbar',
  'irf',
  'scheduler logfile size',
  'domain default enable',
  'info-center',
  'snmp-agent sys-info',
  'header',
);

/** Lines that lead into a view in which nothing is modelled, each with the lines that view has. */
export const OTHER_VIEWS: readonly Command<Cursor>[] = [
  otherView('line', 'authentication-mode', 'user-role', 'idle-timeout', 'protocol inbound', 'history-command'),
  otherView('user-interface', 'authentication-mode', 'user-role', 'idle-timeout', 'protocol inbound'),
  otherView('local-user', 'password', 'service-type', 'authorization-attribute'),
  otherView('user-group'),
  otherView('role name', 'description', 'rule'),
  otherView('domain', 'authentication', 'authorization', 'accounting'),
];

function otherView(words: string, ...lines: readonly string[]): Command<Cursor> {
  return {
    words,
    run: (_cw, cursor, rest, undo) => {
      if (rest.isEmpty) return `Unrecognized command: ${words}`;
      rest.takeRest();
      if (!undo) cursor.view = { kind: 'other', lines };
      return undefined;
    },
  };
}
