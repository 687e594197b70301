import type { TcpSocket } from '../transport/tcp/socket.ts';

/** What a program has yet to write: a socket takes no more than its send buffer holds, the rest waits here. */
export class TcpOutbox {
  readonly #socket: TcpSocket;
  readonly #waiting: Uint8Array[] = [];
  #ending: 'no' | 'end' | 'close' = 'no';
  #tell: (() => void) | undefined;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
    socket.onWritable = () => this.#flush();
  }

  write(data: Uint8Array): void {
    if (data.length === 0) return;
    this.#waiting.push(data);
    this.#flush();
  }

  /** Tells once, perhaps at once, when the socket has taken all. */
  whenTaken(tell: () => void): void {
    this.#tell = tell;
    this.#flush();
  }

  /** Once all is written: nothing more will be sent, what the peer sends is still read. */
  end(): void {
    this.#ending = 'end';
    this.#flush();
  }

  /** Once all is written: the connection is closed. */
  close(): void {
    this.#ending = 'close';
    this.#flush();
  }

  #flush(): void {
    for (let data = this.#waiting[0]; data !== undefined; data = this.#waiting[0]) {
      const taken = this.#socket.write(data);
      if (taken < data.length) {
        this.#waiting[0] = data.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
    const how = this.#ending;
    this.#ending = 'no';
    if (how === 'end') this.#socket.end();
    else if (how === 'close') this.#socket.close();
    const tell = this.#tell;
    this.#tell = undefined;
    tell?.();
  }
}
