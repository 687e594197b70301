import type { Dissection } from './dissect.ts';
import type { IpPart } from './dissect-ip.ts';
import { numberOf } from './fields.ts';

/** One side of a conversation: an address, and the port or the echo identifier that tells it apart there. */
export interface End {
  readonly address: string;
  /** -1 where there is none. */
  readonly key: number;
}

/** A conversation, with the ports and identifiers of its own world. */
export interface Flow {
  readonly family: 'arp' | 'tcp' | 'udp' | 'echo' | 'ip' | 'other';
  /** Told apart by this, within one world. */
  readonly text: string;
  /** The same without what makes it a flow of errors: the conversation that they are about. */
  readonly about: string;
  /** In the order of their text; of an echo flow who asks comes first. */
  readonly ends: readonly [End, End];
  /** Whether its frames are ICMP errors that quote packets of the conversation. */
  readonly isError: boolean;
  /** Counts connections between the same ends, from 0. */
  readonly epoch: number;
}

/** What a frame belongs to, and who speaks: the end at its source, or at the source of the packet it quotes. */
export interface Belonging {
  readonly flow: Flow;
  readonly sender: End;
  readonly receiver: End;
}

const NO_END: End = { address: '', key: -1 };

/** `first` is the belonging of the first fragment, for the others. */
export function belongingOf(frame: Dissection, epochOf: EpochOf, first?: Belonging): Belonging {
  if (frame.arp !== undefined) {
    return plain('arp', { address: frame.arp.sender, key: -1 }, { address: frame.arp.target, key: -1 });
  }
  if (frame.ip === undefined) return plain('other', NO_END, { address: frame.etherType.toString(16), key: -1 });
  if (frame.quoted !== undefined) {
    const inner = packetBelonging(frame.bytes, frame.quoted, epochOf);
    return { ...inner, flow: { ...inner.flow, text: `error about ${inner.flow.text}`, isError: true } };
  }
  if (frame.ip.fragmentOffset > 0 && first !== undefined) return first;
  return packetBelonging(frame.bytes, frame.ip, epochOf);
}

/** Which connection of a TCP flow a segment belongs to. `isn`: of a SYN that opens one. */
export type EpochOf = (text: string, isn: number | undefined) => number;

function packetBelonging(bytes: Uint8Array, ip: IpPart, epochOf: EpochOf): Belonging {
  const { protocol, source, destination, dataStart, end } = ip;
  const word = (at: number): number => numberOf(bytes.subarray(dataStart + at, dataStart + at + 2));
  const none = plain('ip', { address: source, key: -1 }, { address: destination, key: -1 }, String(protocol));
  if (ip.fragmentOffset > 0 || end - dataStart < 8) return none;
  if (protocol === 6 || protocol === 17) {
    const sender = { address: source, key: word(0) };
    const receiver = { address: destination, key: word(2) };
    if (protocol === 17) return plain('udp', sender, receiver);
    const base = plain('tcp', sender, receiver);
    const isOpening = end - dataStart >= 14 && ((bytes[dataStart + 13] ?? 0) & 0x12) === 0x02;
    const isn = isOpening ? numberOf(bytes.subarray(dataStart + 4, dataStart + 8)) : undefined;
    const epoch = epochOf(base.flow.text, isn);
    if (epoch === 0) return base;
    const text = `${base.flow.text} (connection ${epoch + 1})`;
    return { ...base, flow: { ...base.flow, text, about: text, epoch } };
  }
  const type = bytes[dataStart] ?? -1;
  if (protocol !== 1 || (type !== 0 && type !== 8)) return none;
  const id = word(4);
  const asker = { address: type === 8 ? source : destination, key: id };
  const asked = { address: type === 8 ? destination : source, key: -1 };
  const text = `echo ${endText(asker)} ${endText(asked)}`;
  const flow: Flow = { family: 'echo', text, about: text, ends: [asker, asked], isError: false, epoch: 0 };
  return { flow, sender: type === 8 ? asker : asked, receiver: type === 8 ? asked : asker };
}

function plain(family: Flow['family'], sender: End, receiver: End, detail = ''): Belonging {
  const [a, b] = [endText(sender), endText(receiver)];
  const ends: [End, End] = a <= b ? [sender, receiver] : [receiver, sender];
  const text = `${family}${detail} ${endText(ends[0])} ${endText(ends[1])}`;
  return { flow: { family, text, about: text, ends, isError: false, epoch: 0 }, sender, receiver };
}

export function endText({ address, key }: End): string {
  return key < 0 ? address : `${address}:${key}`;
}
