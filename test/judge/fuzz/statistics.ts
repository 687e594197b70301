import type { Played } from './play.ts';

/** What random scenarios came to, so that nobody must guess whether a feature is starved. */
export class Statistics {
  #scenarios = 0;
  #seconds = 0;
  #frames = 0;
  readonly #probes = new Map<string, { asked: number; answered: number }>();
  readonly #commands = { run: 0, refused: 0 };
  readonly #drops = new Map<string, number>();
  /** Scenarios in which a step of this kind was recorded, such as `hook nat`. */
  readonly #steps = new Map<string, number>();

  add({ world, run, ended }: Played): void {
    this.#scenarios++;
    this.#seconds += ended / 1e9;
    for (const { frames } of world.captures?.captures() ?? []) this.#frames += frames.length;
    for (const { step, probe, refusal } of run.outcomes) {
      if ('exec' in step) {
        this.#commands.run++;
        if (refusal !== undefined) this.#commands.refused++;
      }
      if (probe === undefined) continue;
      const count = this.#probes.get(probe.kind) ?? { asked: 0, answered: 0 };
      count.asked++;
      if (probe.replies.length > 0) count.answered++;
      this.#probes.set(probe.kind, count);
    }
    for (const [reason, count] of world.ledger.drops) raise(this.#drops, reason.replace('kernel:', ''), count);
    for (const name of this.#stepsOf(world)) raise(this.#steps, name, 1);
  }

  #stepsOf({ recorder }: Played['world']): Set<string> {
    const names = new Set<string>();
    for (const { number } of recorder?.packets() ?? []) {
      for (const step of recorder?.stepsOf(number) ?? []) {
        if (step.kind === 'hook') names.add(hookName(step.hook, step.by));
        else if (step.kind === 'rewrite') names.add(`rewrite ${step.field}`);
        else if (step.kind === 'route') names.add(`route ${step.type}`);
        else if (step.kind === 'fragment' || step.kind === 'reassemble' || step.kind === 'rule') names.add(step.kind);
      }
    }
    return names;
  }

  /** A few lines of text. */
  text(): string {
    const probes = [...this.#probes].map(([kind, { asked, answered }]) => `${kind} ${answered}/${asked}`);
    const list = (counts: Map<string, number>): string =>
      [...counts]
        .sort(([, a], [, b]) => b - a)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    return [
      `${this.#scenarios} scenarios, ${this.#seconds.toFixed(0)} s of simulated time, ${this.#frames} frames`,
      `answered: ${probes.join(', ')}; commands refused: ${this.#commands.refused}/${this.#commands.run}`,
      `drops: ${list(this.#drops)}`,
      `scenarios with: ${list(this.#steps)}`,
    ].join('\n');
  }
}

/** `POSTROUTING nat MASQUERADE`: the target of a rule without its options, and nothing of one packet. */
function hookName(hook: string, by: string): string {
  const target = / -[jg] (\S+)/.exec(by)?.[1];
  if (target !== undefined) return `${by.split(' ')[0]} ${target}`;
  const state = /^conntrack: (\w+)/.exec(by)?.[1];
  return state === undefined ? `${hook} ${/^\w+/.exec(by)?.[0] ?? ''}` : `conntrack ${state}`;
}

function raise(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
