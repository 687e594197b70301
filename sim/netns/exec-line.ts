import { parseCommand } from '../iproute2/command.ts';
import { isFault } from '../iproute2/fault.ts';
import { splitWords as splitLine } from '../iproute2/words.ts';
import { splitWords } from '../iptables/words.ts';
import { isOfWholeMachine, type Setting, writeSettings } from './sysctls.ts';

/** The words of a line of exec, as the program it names is given them. */
export function execArgv(line: string): readonly string[] {
  const settings = settingsOf(line);
  return settings.length > 0 ? writeSettings(settings) : wordsOf(line);
}

/** Why the line cannot be run in a namespace. */
export function execRefusal(line: string): string | undefined {
  const refused = settingsOf(line).find(({ key }) => isOfWholeMachine(key));
  return refused === undefined ? undefined : `${refused.key} is one setting for the whole machine`;
}

function settingsOf(line: string): readonly Setting[] {
  if (!/^\s*sysctl\s/.test(line)) return [];
  const command = parseCommand(line);
  return isFault(command) || command.object !== 'sysctl' ? [] : command.settings;
}

/** A line that cannot be split is left to the program to complain of. */
function wordsOf(line: string): readonly string[] {
  if (/^\s*iptables(\s|$)/.test(line)) return splitWords(line, 'shell') ?? [line];
  const words = splitLine(line);
  return isFault(words) ? [line] : words.map(({ text }) => text);
}
