import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/bytes.ts';

/**
 * What rules ask of a packet, read once for a traversal (struct xt_action_param). A table has one and loads it anew:
 * no rule is asked after a target that sends packets of its own.
 */
export class PacketFacts {
  source: Ipv4 = 0;
  destination: Ipv4 = 0;
  protocol = 0;
  /** In units of 8 bytes. */
  fragmentOffset = 0;
  /** Where the transport header begins in `bytes`, and where the packet ends. */
  transport = 0;
  end = 0;
  /** Length of the packet from its IP header, in bytes: what counters add. */
  length = 0;
  bytes: Uint8Array = new Uint8Array(0);
  input: NetDevice | undefined;
  output: NetDevice | undefined;
  /** A match found the packet broken: it is dropped whatever the rules say. */
  hotDrop = false;

  load(packet: Packet, input: NetDevice | undefined, output: NetDevice | undefined): void {
    const { bytes, networkOffset: at } = packet;
    this.bytes = bytes;
    this.source = u32(bytes, at + 12);
    this.destination = u32(bytes, at + 16);
    this.protocol = u8(bytes, at + 9);
    this.fragmentOffset = u16(bytes, at + 6) & 0x1fff;
    this.transport = at + (u8(bytes, at) & 15) * 4;
    this.end = packet.tail;
    this.length = packet.tail - at;
    this.input = input;
    this.output = output;
    this.hotDrop = false;
  }

  /** Whether the first `count` bytes of the transport header are here; a packet without them is dropped. */
  hasTransport(count: number): boolean {
    if (this.transport + count <= this.end) return true;
    this.hotDrop = true;
    return false;
  }
}
