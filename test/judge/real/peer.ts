import type { ChildProcess } from 'node:child_process';
import { startHelper } from './process.ts';
import { pythonScript } from './scripts.ts';

/** What the programs on real sockets are asked to do; see peer.py. Bytes are Uint8Array, times nanoseconds. */
export type PeerRequest = { readonly do: string } & Readonly<Record<string, unknown>>;

export type PeerAnswer = Readonly<Record<string, string | number | boolean>>;

/** The process in which all servers and clients of a scenario run. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: PeerAnswer | Error) => void>();
  readonly #complaint: Buffer[] = [];
  #input = '';
  #serial = 0;
  #hasEnded = false;

  constructor() {
    this.#child = startHelper(pythonScript('peer.py'));
    this.#child.stdout?.on('data', (data: Buffer) => this.#read(data.toString()));
    this.#child.stderr?.on('data', (data: Buffer) => this.#complaint.push(data));
    this.#child.on('error', () => this.#end());
    this.#child.on('close', () => this.#end());
  }

  /** The answer, when what was asked for has been done. */
  ask(request: PeerRequest): Promise<PeerAnswer> {
    const id = ++this.#serial;
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(this.#gone());
        return;
      }
      this.#waiting.set(id, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      this.#child.stdin?.write(`${JSON.stringify({ ...request, id }, bytesAsText)}\n`);
    });
  }

  /** Ends all programs, as the end of their processes would. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #read(text: string): void {
    const lines = (this.#input + text).split('\n');
    this.#input = lines.pop() ?? '';
    for (const line of lines) {
      const { id, ...answer } = JSON.parse(line) as { id: number } & Record<string, string | number | boolean>;
      const tell = this.#waiting.get(id);
      this.#waiting.delete(id);
      tell?.('fault' in answer ? new Error(`the programs failed: ${answer.fault}`) : answer);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    for (const tell of this.#waiting.values()) tell(this.#gone());
    this.#waiting.clear();
  }

  #gone(): Error {
    return new Error(`the programs ended early ${Buffer.concat(this.#complaint).toString()}`);
  }
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}
