import { execFileSync, spawnSync } from 'node:child_process';
import { PACKAGE_ROOT } from '../../../sim/app/package-root.ts';

/** Whether there is a tmux to drive the program with. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** How long a screen may take to show what it should, in ms: machines that test are busy. */
const PATIENCE = 30_000;

/** A shell in a terminal of its own, whose keys are pressed and whose screen is read. */
export class Terminal {
  static #count = 0;
  readonly #socket = `cutaway-${process.pid}-${Terminal.#count++}`;

  constructor(width: number, height: number, environment: Readonly<Record<string, string>> = {}) {
    const set = Object.entries({ PS1: '$ ', LC_ALL: 'C.UTF-8', ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const shell = ['env', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', '-u', 'CI', ...set, 'bash', '--norc', '--noprofile'];
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${width}`,
      '-y',
      `${height}`,
      '-c',
      PACKAGE_ROOT,
      ...shell,
    );
    this.#tmux('set-option', '-g', 'escape-time', '0');
  }

  #tmux(...words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...words], { encoding: 'utf8' });
  }

  /** Names of keys as tmux has them: `Right`, `Enter`, `C-c`; anything else as it is typed. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  /** Runs a command in the shell. */
  run(command: string): void {
    this.type(command);
    this.press('Enter');
  }

  resize(width: number, height: number): void {
    this.#tmux('resize-window', '-x', `${width}`, '-y', `${height}`);
  }

  /** The lines of the screen, blanks at their ends left out. */
  get lines(): string[] {
    return this.#tmux('capture-pane', '-p').split('\n').slice(0, -1);
  }

  get screen(): string {
    return this.lines.join('\n');
  }

  /** The screen with its escape sequences. */
  get painted(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** A variable of tmux, such as `alternate_on` or `cursor_flag`. */
  variable(name: string): string {
    return this.#tmux('display-message', '-p', `#{${name}}`).trim();
  }

  /** Waits until the screen shows something; gives the screen. Throws with the screen when it does not come. */
  async until(shows: RegExp | ((screen: string) => boolean)): Promise<string> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const { screen } = this;
      if (typeof shows === 'function' ? shows(screen) : shows.test(screen)) return screen;
      if (Date.now() > end) throw new Error(`the screen never showed ${shows}:\n${screen}`);
      await new Promise((done) => setTimeout(done, 40));
    }
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }
}
