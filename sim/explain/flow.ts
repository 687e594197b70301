import { ms, seconds } from '../core/time.ts';
import { startPing } from '../program/ping.ts';
import type { ProgramHost } from '../program/program-host.ts';
import { startTcpClient } from '../program/tcp-client.ts';
import { startUdpClient } from '../program/udp-client.ts';
import type { Probe } from '../scenario/start-probe.ts';
import { programHost, type Stack, type World } from '../world/world.ts';

/** What is sent: one packet and its answer, or for TCP a connection that is made and closed again. */
export interface Flow {
  readonly protocol: 'icmp' | 'udp' | 'tcp';
  readonly destination: number;
  /** Of the destination; 0 for ICMP. */
  readonly port: number;
  /** Source address; 0 or none: as the stack chooses. */
  readonly source?: number;
  readonly sourcePort?: number;
  readonly ttl?: number;
  /** Payload, in bytes; for TCP what is sent between opening and closing. */
  readonly size?: number;
  readonly df?: 'want' | 'do' | 'dont';
}

/** A flow that has been sent. */
export interface FlowRun {
  readonly flow: Flow;
  /** Title of the stack that sent. */
  readonly from: string;
  readonly probe: Probe;
}

/** No flow takes longer than this to be given up. */
const LIMIT = seconds(60);

/** Sends a flow from a stack and runs the world until its program has ended. */
export function runFlow(world: World, stack: Stack, flow: Flow): FlowRun {
  const probe = send(programHost(world, stack), flow);
  world.advance(LIMIT, () => probe.finished);
  if (world.halt === undefined) world.audit();
  return { flow, from: stack.title, probe };
}

function send(host: ProgramHost, flow: Flow): Probe {
  const { destination, port, ttl, df, source = 0, sourcePort = 0, size } = flow;
  const socket = { ...(ttl === undefined ? {} : { ttl }), ...(df === undefined ? {} : { pathMtu: df }) };
  if (flow.protocol === 'tcp') {
    const target = { destination, port, source, sourcePort, connectTimeout: seconds(10), socket };
    return startTcpClient(host, { ...target, send: letters(size ?? 0), silence: seconds(1) }, () => {});
  }
  const once = { ...socket, destination, source, count: 1, interval: ms(1000) };
  if (flow.protocol === 'icmp') return startPing(host, { ...once, size: size ?? 56, linger: seconds(10) }, () => {});
  const payload = letters(size ?? 8);
  return startUdpClient(host, { ...once, port, sourcePort, payload, timeout: seconds(10) }, () => {});
}

function letters(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => 0x61 + (index % 26));
}
