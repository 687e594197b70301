import { must } from '../../sim/core/assert.ts';
import { later, ns, seconds, us } from '../../sim/core/time.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import type { UdpSocket } from '../../sim/transport/udp.ts';
import { type Ipv4, parseIpv4 } from '../../sim/wire/address.ts';
import type { World } from '../../sim/world/world.ts';
import { build, hostOf, mustArrive } from './bench-world.ts';
import { heapInUse } from './heap.ts';
import type { JobOptions, Work } from './job.ts';
import { Xorshift } from './random.ts';
import { behindRouter } from './routes.ts';

/*
 * A source behind a router with MASQUERADE, and a server that echoes at many addresses. First every flow is opened by a
 * datagram and its answer; then, and this is measured, random ones of them go on: each datagram is translated on its way
 * out, each answer on its way back. All flows are there the whole time.
 */

const EXCHANGES = 100_000;
const PAYLOAD = 100;
const GAP = us(10);
const ECHO_PORT = 7;
/** Source ports, from FIRST_PORT on; beyond so many flows there is another address at the server. */
const PORTS = 50_000;
const FIRST_PORT = 10_000;
/** RFC 2544's network for measurements, 198.18.0.0/15. */
const SERVERS = must(parseIpv4('198.18.0.1'), 'an address');

export function nat(size: number, { packets = 2 * EXCHANGES, payload = PAYLOAD }: JobOptions): Work {
  const world = build(natTopology(size));
  const flows = new Flows(hostOf(world, 'source'), size, new Uint8Array(payload));
  const before = heapInUse();
  const began = performance.now();
  openAll(world, flows, size);
  const opened = (performance.now() - began) / 1e3;
  const bytes = (heapInUse() - before) / size;
  const ran = world.clock.ran;
  const exchanges = Math.ceil(packets / 2);
  const random = new Xorshift(88_172_645);
  flows.send(exchanges, () => random.below(size));
  const end = later(world.clock.now, ns(GAP * exchanges + seconds(1)));
  return {
    run() {
      if (world.advance(end) === 'halted') throw new Error('stopped at a limit');
    },
    tally() {
      mustArrive(world, 'answers', flows.answers - size, exchanges);
      const { count } = must(world.find('router'), 'the router').net.conntrack;
      const more = { open_s: opened, bytes_per_flow: Math.round(bytes), tracked: count };
      return { packets: 2 * exchanges, hops: 4 * exchanges, events: world.clock.ran - ran, more };
    },
  };
}

/** Opens every flow; the answers are there when it ends. */
function openAll(world: World, flows: Flows, size: number): void {
  let next = 0;
  flows.send(size, () => next++);
  const end = later(world.clock.now, ns(GAP * size + seconds(1)));
  if (world.advance(end) === 'halted') throw new Error('stopped at a limit');
  mustArrive(world, 'answers', flows.answers, size);
}

/** The flows of one host: a socket for each source port, which sends to one address after the other. */
class Flows {
  answers = 0;
  readonly #host: ProgramHost;
  readonly #sockets: readonly UdpSocket[];
  readonly #payload: Uint8Array;

  constructor(host: ProgramHost, size: number, payload: Uint8Array) {
    this.#host = host;
    this.#payload = payload;
    this.#sockets = Array.from({ length: Math.min(size, PORTS) }, (_, index) => this.#open(FIRST_PORT + index));
  }

  /** Sends so many datagrams, one each gap, in the flow that `draw` names. */
  send(count: number, draw: () => number): void {
    const { clock } = this.#host;
    const next = (left: number): void => {
      const flow = draw();
      const socket = this.#sockets[flow % PORTS] as UdpSocket;
      const destination: Ipv4 = SERVERS + Math.floor(flow / PORTS);
      const sent = socket.sendTo(this.#payload, destination, ECHO_PORT);
      if ('errno' in sent) throw new Error(`send: ${sent.errno}`);
      if (left > 1) clock.after(GAP, next, left - 1);
    };
    clock.after(GAP, next, count);
  }

  #open(port: number): UdpSocket {
    const { udp, place } = this.#host;
    const socket = udp.open({ name: 'sender', place });
    const errno = socket.bind(0, port);
    if (errno !== undefined) throw new Error(`bind: ${errno}`);
    socket.onDatagram = this.#answered;
    return socket;
  }

  readonly #answered = (): void => {
    this.answers++;
  };
}

function natTopology(size: number): ReturnType<typeof behindRouter> {
  const masquerade = [
    '*nat',
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((chain) => `:${chain} ACCEPT [0:0]`),
    '-A POSTROUTING -o eth1 -j MASQUERADE',
    'COMMIT',
    '',
  ];
  return behindRouter(
    {
      routes: ['198.18.0.0/15 via 10.0.1.2'],
      iptables: masquerade.join('\n'),
      sysctls: { 'net.netfilter.nf_conntrack_max': 2 * size + 1000 },
    },
    {
      // It is all of these addresses, and has no way to whoever has not been translated.
      exec: ['ip route add local 198.18.0.0/15 dev lo'],
      routes: [],
      services: [{ port: ECHO_PORT, program: 'echo' }],
    },
    { sysctls: { 'net.ipv4.ip_local_port_range': [1024, 9999] } },
  );
}
