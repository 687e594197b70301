import { type NetnsPlan, planNetns } from '../../sim/netns/plan.ts';
import { netnsScript, pictureOf } from '../../sim/netns/script.ts';
import { built } from './topologies.ts';

/** The plan of a topology that can be built. */
export function planOf(text: string, prefix = 'ct-'): NetnsPlan {
  const { topology, world } = built(text);
  const planned = planNetns(topology, world, { prefix });
  if ('findings' in planned) throw new Error(planned.findings.map(({ message }) => message).join('; '));
  return planned.plan;
}

/** Each command as one line: the node, and its words between blanks. */
export function linesOf({ commands }: NetnsPlan): string[] {
  return commands.map(({ node, argv }) => `${node}> ${argv.join(' ')}`);
}

export function scriptOf(text: string, prefix = 'ct-'): string {
  const { name = 'A topology', description } = built(text).topology;
  const title = { name, ...(description === undefined ? {} : { description }), picture: pictureOf(text) };
  return netnsScript(planOf(text, prefix), prefix, title);
}

/** Without the names of all the settings that are put back to mainline's: their list grows with the model. */
export function withoutDefaults(script: string): string {
  return script.replace(/^mainline=\(\n[^)]*\)$/m, 'mainline=(...)');
}
