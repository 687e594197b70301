import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/*
 * Chromium without a window, driven by its DevTools protocol over two pipes. A test that needs it is
 * `it.skipIf(!hasChromium)(`... ${needsChromium}`, ...)`.
 */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;
const PROGRAM = NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

export const hasChromium = PROGRAM !== undefined;
export const needsChromium = hasChromium ? '(chromium)' : '(skipped: no chromium on the PATH)';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--remote-debugging-pipe',
];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One page. What it asked the network for, and what its console said, is kept. */
export class Browser {
  /** Addresses of requests, the page's own left out. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), 'cutaway-chromium-'));
  readonly #process: ChildProcess;
  readonly #out: Writable;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #loaded: (() => void)[] = [];
  #session = '';
  #last = 0;
  #rest = '';

  constructor() {
    const all = [...ARGUMENTS, `--user-data-dir=${this.#profile}`, 'about:blank'];
    this.#process = spawn(PROGRAM ?? 'chromium', all, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#out = this.#process.stdio[3] as Writable;
    const input = this.#process.stdio[4] as Readable;
    input.setEncoding('utf8');
    input.on('data', (text: string) => this.#read(text));
  }

  /** Opens a page and waits until it has loaded. */
  async open(url: string): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`);
    const loaded = new Promise<void>((resolve) => this.#loaded.push(resolve));
    await this.send('Page.navigate', { url });
    await loaded;
    // The address itself is no request of the page.
    this.requests.splice(0, 1);
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async press(key: string, code = key): Promise<void> {
    const text = key === ' ' ? { text: ' ' } : {};
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, ...text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code });
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const session = this.#session === '' ? {} : { sessionId: this.#session };
    this.#out.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result = {}, error }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#session = '';
    this.send('Browser.close').catch(() => {});
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #read(text: string): void {
    const messages = `${this.#rest}${text}`.split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#take(JSON.parse(message) as Message);
  }

  #take(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    }
    if (method === 'Page.loadEventFired') for (const resolve of this.#loaded.splice(0)) resolve();
    if (method === 'Network.requestWillBeSent') this.requests.push((params.request as { url: string }).url);
    if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params));
    if (method === 'Runtime.consoleAPICalled') this.complaints.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded') this.complaints.push(JSON.stringify(params.entry));
  }
}
