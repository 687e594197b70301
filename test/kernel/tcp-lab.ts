import { must } from '../../sim/core/assert.ts';
import { type SimTime, seconds } from '../../sim/core/time.ts';
import type { ListenOptions, TcpListener } from '../../sim/transport/tcp/listener.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import type { TcpError } from '../../sim/transport/tcp/state.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { programHost } from '../../sim/world/world.ts';
import { Lab } from '../bench.ts';
import { tcpLines } from './tcp-lines.ts';

/** A program with one TCP socket: it notes what it is told, in order. */
export class Peer {
  readonly socket: TcpSocket;
  readonly notes: string[] = [];
  readonly packets: number[] = [];
  #received: number[] = [];

  constructor(socket: TcpSocket) {
    this.socket = socket;
    socket.onConnect = () => this.notes.push('connect');
    socket.onData = (data, packet) => {
      this.#received.push(...data);
      this.packets.push(packet);
    };
    socket.onEnd = () => this.notes.push('end');
    socket.onWritable = () => this.notes.push('writable');
    socket.onError = (error: TcpError) => this.notes.push(error.errno);
    socket.onClose = () => this.notes.push('close');
  }

  get received(): Uint8Array {
    return Uint8Array.from(this.#received);
  }

  get text(): string {
    return String.fromCharCode(...this.#received);
  }

  write(text: string): number {
    return this.socket.write(bytesOf(text));
  }
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function address(text: string): number {
  return must(parseIpv4(text), text);
}

/** A listener and the sockets it accepted. */
export class Server {
  readonly accepted: Peer[] = [];
  readonly listener: TcpListener;

  constructor(lab: Lab, on: string, port: number, options: ListenOptions = {}, onAccept?: (peer: Peer) => void) {
    const stack = lab.stack(on);
    const { tcp, place } = programHost(lab.world, stack);
    const listener = tcp.listen(
      { name: 'server', place },
      0,
      port,
      (socket) => {
        const peer = new Peer(socket);
        this.accepted.push(peer);
        onAccept?.(peer);
      },
      options,
    );
    if (typeof listener === 'string') throw new Error(listener);
    this.listener = listener;
  }

  get peer(): Peer {
    return must(this.accepted[0], 'a connection');
  }
}

/** A socket on `on` that connects to `to:port`; not run yet. */
export function connect(lab: Lab, on: string, to: string, port: number, sourcePort = 40001): Peer {
  const stack = lab.stack(on);
  const { tcp, place } = programHost(lab.world, stack);
  const peer = new Peer(tcp.open({ name: 'client', place }));
  if (sourcePort !== 0) peer.socket.bind(0, sourcePort);
  const errno = peer.socket.connect(address(to), port);
  if (errno !== undefined) peer.notes.push(`refused at once: ${errno}`);
  return peer;
}

/** Lets `time` pass, audits the ledger. */
export function pass(lab: Lab, time: SimTime = seconds(1)): void {
  lab.world.advance((lab.world.clock.now + time) as SimTime);
  lab.world.audit();
}

/** Host a (10.0.1.2) - router r - host b (10.0.2.2), MTU 1500 unless `mtu` narrows the far link. */
export function tcpLab(options: { readonly mtu?: number; readonly cable?: object; readonly seed?: number } = {}): Lab {
  const { mtu = 1500, cable = {}, seed = 1 } = options;
  return new Lab(
    {
      a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
      r: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24', mtu } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      b: { kind: 'linux', interfaces: { eth0: { address: '10.0.2.2/24' } }, routes: ['default via 10.0.2.1'] },
    },
    [
      { endpoints: ['a:eth0', 'r:eth0'], ...cable },
      { endpoints: ['b:eth0', 'r:eth1'], ...cable },
    ],
    seed,
  );
}

const SIDES = { 167772418: 'a', 167772674: 'b' };

/** What passed a's port, see tcp-lines.ts. */
export function segments(lab: Lab): string[] {
  return tcpLines(lab, 'a:eth0', SIDES).map((line) => line.text);
}

/** Milliseconds between the segments that match `text`, rounded to tens. */
export function gaps(lab: Lab, text: RegExp): number[] {
  const times = tcpLines(lab, 'a:eth0', SIDES)
    .filter((line) => text.test(line.text))
    .map((line) => line.at);
  return times.slice(1).map((time, index) => 10 * Math.round((time - (times[index] ?? 0)) / 1e7));
}
