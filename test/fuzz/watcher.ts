import type { DroppedFrame } from '../../sim/packet/dropped-frame.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { Place, Site } from '../../sim/packet/place.ts';
import { Recorder } from '../../sim/packet/recorder.ts';
import type { Lineage, Step } from '../../sim/packet/trace.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import { type Finding, findingOf } from './finding.ts';
import { isAcceptable } from './harm.ts';
import { get16, get32, TCP } from './layers.ts';
import { faultOf } from './soundness.ts';

/**
 * Looks on, in the recorder's place, and keeps nothing: which packets come of a frame that was thrown, whether what a socket
 * is given is sound, and which connections took a segment that was thrown for one of their peer's.
 */
export class Watcher extends Recorder {
  finding: Finding | undefined;
  /** Connections that a segment hit which nobody could tell from their peer's. */
  readonly hit = new Set<Connection>();
  /** Connections whose fate is looked at. */
  watched: readonly Connection[] = [];
  /** Packets that come of what was thrown, and live. */
  readonly #thrown = new Set<number>();
  /** Those of frames that were malformed when they were thrown. */
  readonly #malformed = new Map<number, string>();

  /** The next packet that is born comes of a frame that is thrown; `fault` is what is wrong with that. */
  throws(number: number, fault: string | undefined): void {
    this.#thrown.add(number);
    if (fault !== undefined) this.#malformed.set(number, fault);
  }

  override born({ number, parent }: Lineage): void {
    if (!this.#thrown.has(parent)) return;
    this.#thrown.add(number);
    const fault = this.#malformed.get(parent);
    if (fault !== undefined) this.#malformed.set(number, fault);
  }

  override step(packet: Packet, _place: Place, _site: Site, step: Step): void {
    switch (step.kind) {
      case 'reassemble':
        if (step.pieces.some((piece) => this.#thrown.has(piece))) this.#thrown.add(packet.number);
        return;
      case 'demultiplex':
        if (this.#thrown.has(packet.number) && packet.ip.protocol === TCP) this.#judge(packet);
        return;
      case 'deliver':
        this.#delivered(packet, step.to);
        this.#over(packet.number);
        return;
      case 'drop':
      case 'consume':
        this.#over(packet.number);
        return;
    }
  }

  override keepFrame(_packet: number, _frame: DroppedFrame): void {}

  override refused(): void {}

  #over(number: number): void {
    this.#thrown.delete(number);
    this.#malformed.delete(number);
  }

  #judge({ bytes, networkOffset, transportOffset, tail }: Packet): void {
    const [source, destination] = [get32(bytes, networkOffset + 12), get32(bytes, networkOffset + 16)];
    const [from, to] = [get16(bytes, transportOffset), get16(bytes, transportOffset + 2)];
    for (const one of this.watched) {
      const isIts =
        one.remoteAddress === source &&
        one.localAddress === destination &&
        one.remotePort === from &&
        one.localPort === to;
      if (isIts && isAcceptable(one, bytes, transportOffset, tail)) this.hit.add(one);
    }
  }

  #delivered({ number, bytes, networkOffset, tail }: Packet, to: string): void {
    const before = this.#malformed.get(number);
    // What the header does not count is cut off by then, and UDP cuts off what its own does not.
    const end = Math.max(tail, Math.min(bytes.length, networkOffset + get16(bytes, networkOffset + 2)));
    const fault = before ?? faultOf(bytes, networkOffset, end);
    if (fault === undefined) return;
    const hex = Buffer.from(bytes.subarray(networkOffset, end)).toString('hex');
    this.finding ??= findingOf(`a malformed packet was delivered: ${fault}`, `to ${to}: ${hex}`);
  }
}
