import { must } from '../../sim/core/assert.ts';
import { seconds } from '../../sim/core/time.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import type { World } from '../../sim/world/world.ts';
import { build, hostOf, runAll } from './bench-world.ts';
import { chainTopology } from './chain.ts';
import type { JobOptions, Work } from './job.ts';
import { Xorshift } from './random.ts';

/*
 * One TCP flow over three routers; links of 1 Gb/s and 100 us. The bytes that arrive are compared with those that were
 * sent, all of them. A packet is a frame on the last link towards the sink, a hop any frame that an interface has sent,
 * acknowledgements included: segments sent twice, and those that got lost on the way, have been work as well.
 */

const ROUTERS = 3;
const PORT = 5001;
/** No power of two, so that a block in the wrong place does not look right. */
const BLOCK = 65_521;

export function tcp(size: number, { loss = false }: JobOptions): Work {
  const world = build(tcpTopology(loss));
  const block = blockOfBytes();
  const receiver = new Receiver(block);
  listen(world, receiver);
  const source = hostOf(world, 'source');
  source.clock.after(seconds(0.1), () => send(world, block, size), undefined);
  return {
    run: () => runAll(world),
    tally() {
      world.audit();
      const { received, isEqual, hasEnded } = receiver;
      if (received !== size || !isEqual || !hasEnded) {
        throw new Error(`${received} of ${size} bytes arrived${isEqual ? '' : ', not those that were sent'}`);
      }
      const took = receiver.last / 1e9 - 0.1;
      const more = { bytes: received, transfer_sim_s: took, goodput_sim_mbps: (received * 8e-6) / took };
      return { packets: lastLink(world), hops: frames(world), events: world.clock.ran, more };
    },
  };
}

function tcpTopology(loss: boolean): ReturnType<typeof chainTopology> {
  const { nodes, links = [] } = chainTopology(ROUTERS);
  const middle = links.length >> 1;
  const sized = links.map((link, index) => ({ ...link, delay: '100us', ...(loss && index === middle && { loss: 1 }) }));
  return { nodes, links: sized };
}

function blockOfBytes(): Uint8Array {
  const random = new Xorshift(2463534242);
  return Uint8Array.from({ length: BLOCK }, () => random.next());
}

/** Holds what comes against what was sent. */
class Receiver {
  received = 0;
  isEqual = true;
  hasEnded = false;
  /** When the last byte came, in ns. */
  last = 0;
  readonly #block: Uint8Array;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  take(data: Uint8Array, now: number): void {
    for (let at = 0; at < data.length; ) {
      const from = this.received % BLOCK;
      const length = Math.min(data.length - at, BLOCK - from);
      const expected = this.#block.subarray(from, from + length);
      if (Buffer.compare(expected, data.subarray(at, at + length)) !== 0) this.isEqual = false;
      at += length;
      this.received += length;
    }
    this.last = now;
  }
}

function listen(world: World, receiver: Receiver): void {
  const { clock, tcp, place } = hostOf(world, 'sink');
  const accept = (socket: TcpSocket): void => {
    socket.onData = (data) => receiver.take(data, clock.now);
    socket.onEnd = () => {
      receiver.hasEnded = true;
      socket.close();
    };
  };
  const listener = tcp.listen({ name: 'sink', place }, 0, PORT, accept);
  if (typeof listener === 'string') throw new Error(`listen: ${listener}`);
}

/** Writes whatever the socket takes, whenever it takes something. */
function send(world: World, block: Uint8Array, size: number): void {
  const { tcp, place } = hostOf(world, 'source');
  const socket = tcp.open({ name: 'source', place });
  let written = 0;
  const write = (): void => {
    while (written < size) {
      const from = written % BLOCK;
      const piece = block.subarray(from, Math.min(BLOCK, from + size - written));
      const taken = socket.write(piece);
      written += taken;
      if (taken < piece.length) return;
    }
    socket.close();
  };
  socket.onConnect = write;
  socket.onWritable = write;
  socket.onError = ({ errno }) => {
    throw new Error(`send: ${errno}`);
  };
  const errno = socket.connect(must(parseIpv4(`10.1.${ROUTERS}.2`), 'an address'), PORT);
  if (errno !== undefined) throw new Error(`connect: ${errno}`);
}

function frames(world: World): number {
  const ports = world.links.flatMap(({ cable }) => cable.ends);
  return ports.reduce((sum, { txPackets }) => sum + txPackets, 0);
}

/** Frames that the last router has sent to the sink. */
function lastLink(world: World): number {
  return must(world.links.at(-1), 'a link').cable.ends[0].txPackets;
}
