import { type ChecksumState, dataChecksum, headerChecksum } from './checksums.ts';
import type { IpPart } from './dissect-ip.ts';
import { hex, numberOf } from './fields.ts';
import { type End, endText } from './flow.ts';
import { ACK, RST, SYN } from './tcp-stream.ts';
import type { Seen, WorldFrames } from './world-frames.ts';

/*
 * What is true of a frame within its own world, and must be just as true of its counterpart in the other: the relations
 * that stand in for the values that are random.
 */

export interface FrameFacts {
  /** By name of a field or of a relation. */
  readonly facts: Map<string, string>;
  /** Frames with the same number are one packet at several points; undefined where that cannot be told (IP id 0). */
  copyOf?: number;
  /** Milliseconds by which the TCP timestamp went on more than the clock since the segment before. */
  clockDrift?: number;
  /** Of a segment: nanoseconds since the one before it in the same connection, whoever sent that. */
  pause?: number;
  /** The initial sequence numbers that sender and receiver announced last at this point; undefined for none so far. */
  isn?: readonly [number | undefined, number | undefined];
}

export function factsOf(world: WorldFrames): Map<Seen, FrameFacts> {
  const all = new Map<Seen, FrameFacts>(world.ordered.map((seen) => [seen, { facts: new Map() }]));
  noteCopies(world, all);
  for (const frames of world.points.values()) {
    const notes = new PointNotes();
    for (const seen of frames) {
      const own = all.get(seen);
      if (own !== undefined) notes.note(seen, own);
    }
    for (const [seen, state] of notes.reassembled())
      all.get(seen)?.facts.set(`${dataName(seen.frame.ip)}.checksum`, state);
  }
  noteQuotes(world, all);
  return all;
}

/** Packets met again at another point, and whether the ports were still those of the first place. */
function noteCopies(world: WorldFrames, all: ReadonlyMap<Seen, FrameFacts>): void {
  const firsts = new Map<string, { number: number; seen: Seen }>();
  for (const seen of world.ordered) {
    const own = all.get(seen);
    const identity = identityOf(seen);
    if (own === undefined || identity === undefined) continue;
    const first = firsts.get(identity) ?? { number: firsts.size, seen };
    firsts.set(identity, first);
    own.copyOf = first.number;
    const kept = (one: number, other: number): string => (one === other ? 'as first seen' : 'translated');
    own.facts.set('source port or identifier', kept(seen.sender.key, first.seen.sender.key));
    own.facts.set('destination port or identifier', kept(seen.receiver.key, first.seen.receiver.key));
  }
}

/** What no router and no NAT changes of a packet. */
function identityOf({ frame: { ip, bytes }, flow }: Seen): string | undefined {
  if (ip === undefined || ip.id === 0 || ip.fragmentOffset > 0) return undefined;
  const data = bytes.subarray(ip.dataStart, ip.end);
  const start = `${ip.protocol} ${ip.id}`;
  if (ip.protocol === 6) return `${start} ${hex(data.subarray(4, 12))} ${data[13]} ${data.length}`;
  if (flow.isError) return `${start} ${hex(data.subarray(0, 2))} ${hex(data.subarray(8 + 4, 8 + 6))}`;
  // A router may have cut it: what every first fragment holds.
  if (ip.protocol === 17) return `${start} ${hex(data.subarray(4, 6))} ${hex(data.subarray(8, 40))}`;
  return `${start} ${hex(data.subarray(0, 2))} ${hex(data.subarray(6, 40))}`;
}

/** Whether what an ICMP error quotes was there before: its IP id, its checksum, its time stamp. */
function noteQuotes(world: WorldFrames, all: ReadonlyMap<Seen, FrameFacts>): void {
  const originals = new Map<string, Set<string>>();
  for (const seen of world.ordered) {
    const { quoted, ip, bytes } = seen.frame;
    const part = quoted ?? ip;
    if (part === undefined) continue;
    const key = `${seen.flow.about} ${endText(seen.sender)} ${part.id} ${part.fragmentOffset}`;
    const at = part.protocol === 6 ? 16 : part.protocol === 17 ? 6 : 2;
    const start = hex(bytes.subarray(part.dataStart + at, Math.min(part.end, part.dataStart + at + 2)));
    if (quoted === undefined) originals.set(key, (originals.get(key) ?? new Set()).add(start));
    else {
      const found = originals.get(key);
      all.get(seen)?.facts.set('quoted packet', found === undefined ? 'never seen' : 'seen before');
      all.get(seen)?.facts.set('quoted checksum', found?.has(start) ? 'as seen before' : 'changed');
    }
  }
}

/** `tcp`, `udp` or `icmp`. */
function dataName(ip: IpPart | undefined): string {
  return ip?.protocol === 6 ? 'tcp' : ip?.protocol === 17 ? 'udp' : 'icmp';
}

/** The number in a SYN or SYN-ACK that an error quotes: where nothing else of the connection passes, it is the first. */
function quotedIsn(quoted: IpPart | undefined, bytes: Uint8Array): number | undefined {
  if (quoted === undefined || quoted.end < quoted.dataStart + 14) return undefined;
  const isSyn = ((bytes[quoted.dataStart + 13] ?? 0) & SYN) !== 0;
  return isSyn ? numberOf(bytes.subarray(quoted.dataStart + 4, quoted.dataStart + 8)) : undefined;
}

/** What one point remembers of the frames that passed. */
class PointNotes {
  readonly #lastId = new Map<string, number>();
  readonly #stamps = new Map<string, { last: number; time: number; seen: Set<number> }>();
  readonly #requests = new Map<string, string>();
  readonly #isns = new Map<string, number>();
  readonly #lastSegment = new Map<string, number>();
  readonly #plain = new Set<string>();
  /** What a SYN-ACK acknowledged. */
  readonly #firstAcks = new Map<string, number>();
  /** Who has sent data. */
  readonly #spoken = new Set<string>();
  readonly #fragments = new Map<string, Seen[]>();
  readonly #complete: [Seen, ChecksumState][] = [];

  note(seen: Seen, own: FrameFacts): void {
    const { ip, quoted, bytes } = seen.frame;
    if (ip === undefined) return;
    own.facts.set('ip.checksum', headerChecksum(bytes, ip));
    own.facts.set(`${dataName(ip)}.checksum`, dataChecksum(bytes, ip));
    if (quoted !== undefined) {
      own.facts.set('icmp.quoted.ip.checksum', headerChecksum(bytes, quoted));
      own.facts.set(`icmp.quoted.${dataName(quoted)}.checksum`, dataChecksum(bytes, quoted));
    }
    this.#noteId(seen, own, ip);
    if (ip.fragmentOffset > 0 || ip.moreFragments) this.#noteFragment(seen, ip);
    if (seen.flow.family === 'echo') this.#noteEcho(seen, own, quoted ?? ip);
    if (seen.flow.family === 'tcp' && !seen.flow.isError) this.#noteSegment(seen, own, ip);
    if (seen.flow.family === 'tcp') {
      const isnOf = (end: End): number | undefined => this.#isns.get(`${seen.flow.about} ${endText(end)}`);
      own.isn = [quotedIsn(quoted, bytes) ?? isnOf(seen.sender), isnOf(seen.receiver)];
    }
  }

  #noteId(seen: Seen, own: FrameFacts, ip: IpPart): void {
    const key = `${seen.flow.text} ${ip.source} ${endText(seen.sender)} ${seen.record.direction}`;
    const last = this.#lastId.get(key);
    if (ip.id !== 0) this.#lastId.set(key, ip.id);
    const step = last === undefined ? 'the first' : (ip.id - last) & 0xffff;
    const isCounter = seen.flow.family === 'tcp' && !seen.flow.isError;
    own.facts.set(
      'ip.id',
      ip.id === 0 ? 'zero' : isCounter || step === 'the first' ? `${step}` : step === 0 ? 'same' : 'new',
    );
  }

  #noteFragment(seen: Seen, ip: IpPart): void {
    // Where routers send it round and round, each round has a TTL of its own.
    const key = `${seen.record.direction} ${ip.source} ${ip.destination} ${ip.protocol} ${ip.id} ${ip.ttl}`;
    const pieces = ip.fragmentOffset === 0 ? [seen] : [...(this.#fragments.get(key) ?? []), seen];
    this.#fragments.set(key, pieces);
    const first = pieces[0]?.frame.ip;
    if (ip.moreFragments || first === undefined || first.fragmentOffset > 0) return;
    const data = Buffer.concat(pieces.map(({ frame }) => frame.bytes.subarray(frame.ip?.dataStart, frame.ip?.end)));
    const isGapless = data.length === ip.fragmentOffset + (ip.end - ip.dataStart);
    if (isGapless)
      for (const piece of pieces.slice(0, 1))
        this.#complete.push([piece, dataChecksum(piece.frame.bytes, first, data)]);
  }

  reassembled(): readonly [Seen, ChecksumState][] {
    return this.#complete;
  }

  /** An answer brings back what the question held. */
  #noteEcho(seen: Seen, own: FrameFacts, part: IpPart): void {
    const { bytes } = seen.frame;
    const data = bytes.subarray(part.dataStart, part.end);
    const key = `${seen.flow.about} ${hex(data.subarray(6, 8))}`;
    const stamp = hex(data.subarray(8, 24));
    if (data[0] === 8 && !seen.flow.isError) this.#requests.set(key, stamp);
    else own.facts.set('echoed data', this.#requests.get(key) === stamp ? 'as asked' : 'another');
  }

  #noteSegment(seen: Seen, own: FrameFacts, ip: IpPart): void {
    const { bytes, fields } = seen.frame;
    own.pause = seen.record.time - (this.#lastSegment.get(seen.flow.text) ?? seen.record.time);
    this.#lastSegment.set(seen.flow.text, seen.record.time);
    const flags = bytes[ip.dataStart + 13] ?? 0;
    const key = `${seen.flow.text} ${endText(seen.sender)} ${seen.record.direction}`;
    if ((flags & SYN) !== 0) {
      const isn = numberOf(bytes.subarray(ip.dataStart + 4, ip.dataStart + 8));
      this.#isns.set(`${seen.flow.about} ${endText(seen.sender)}`, isn);
    }
    const sender = `${seen.flow.text} ${endText(seen.sender)}`;
    const ack = numberOf(bytes.subarray(ip.dataStart + 8, ip.dataStart + 12));
    if ((flags & (SYN | ACK)) === (SYN | ACK)) this.#firstAcks.set(key, ack);
    if ((flags & (SYN | RST)) === 0 && !this.#plain.has(key)) {
      this.#plain.add(key);
      // Once data has come in, perhaps by another way, what the window says depends on when the application reads.
      const hasReceived = this.#spoken.has(`${seen.flow.text} ${endText(seen.receiver)}`);
      if (!hasReceived && ack === (this.#firstAcks.get(key) ?? ack))
        own.facts.set('tcp.window', 'first after the handshake');
    }
    if (ip.end > ip.dataStart + ((bytes[ip.dataStart + 12] ?? 0) >> 4) * 4) this.#spoken.add(sender);
    for (const { name, start, end } of fields) {
      if (name === 'tcp.option.timestamp.value') this.#noteStamp(seen, own, key, numberOf(bytes.subarray(start, end)));
      if (name === 'tcp.option.timestamp.echo') this.#noteStampEcho(seen, own, numberOf(bytes.subarray(start, end)));
    }
  }

  #noteStamp(seen: Seen, own: FrameFacts, key: string, value: number): void {
    const { time } = seen.record;
    const before = this.#stamps.get(key);
    const step = before === undefined ? 0 : (value - before.last) | 0;
    own.facts.set('tcp.option.timestamp.value', step < 0 ? 'back' : 'on');
    if (before !== undefined) own.clockDrift = step - (time - before.time) / 1e6;
    const all = `${seen.flow.text} ${endText(seen.sender)}`;
    for (const name of [key, all]) {
      const known = this.#stamps.get(name) ?? { last: value, time, seen: new Set() };
      this.#stamps.set(name, { last: value, time, seen: known.seen.add(value) });
    }
  }

  #noteStampEcho(seen: Seen, own: FrameFacts, value: number): void {
    const known = this.#stamps.get(`${seen.flow.text} ${endText(seen.receiver)}`);
    const text = value === 0 ? 'zero' : known?.seen.has(value) ? 'of a segment seen' : 'of none seen';
    own.facts.set('tcp.option.timestamp.echo', text);
  }
}
