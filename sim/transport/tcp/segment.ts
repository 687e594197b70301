import type { Place } from '../../packet/place.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { putTcp, TCP_LENGTH, writeTcpChecksum } from '../../wire/tcp.ts';
import { type TcpOptions, tcpOptionsLength, writeTcpOptions } from '../../wire/tcp-options.ts';
import type { PathMtuDiscovery, SendRequest } from '../socket.ts';
import type { SendBuffer } from './send-buffer.ts';

/** The options of a segment that has none; each segment under construction has its own. */
export function noOptions(): TcpOptions {
  return { mss: undefined, windowScale: undefined, sackPermitted: false, timestamp: undefined, sack: [] };
}

/**
 * A segment under construction, as the IP layer is asked to send it. A connection has one and fills it anew for each
 * segment: sending ends before the next begins.
 */
export class OutgoingSegment implements SendRequest {
  readonly protocol = PROTOCOL_TCP;
  source: Ipv4 = 0;
  destination: Ipv4 = 0;
  sourcePort = 0;
  destinationPort = 0;
  ttl = 0;
  tos = 0;
  pathMtu: PathMtuDiscovery = 'do';
  isUnicastReply = false;
  device = '';
  length = 0;
  segmentLength: number | undefined;
  by = '';
  program: Place | undefined;
  cause = 0;
  confirm = false;
  identification: number | undefined;

  sequence = 0;
  acknowledgment = 0;
  flags = 0;
  /** As it goes into the header. */
  window = 0;
  readonly options: TcpOptions = noOptions();
  data: SendBuffer | undefined;
  dataLength = 0;

  readonly write = (bytes: Uint8Array, offset: number, source: Ipv4, destination: Ipv4): void => {
    const headerLength = TCP_LENGTH + writeTcpOptions(bytes, offset + TCP_LENGTH, this.options);
    const { sourcePort, destinationPort, sequence, acknowledgment, flags, window } = this;
    putTcp(bytes, offset, { sourcePort, destinationPort, sequence, acknowledgment, headerLength, flags, window });
    if (this.dataLength > 0) this.data?.copy(sequence, this.dataLength, bytes, offset + headerLength);
    if (this.segmentLength === undefined) writeTcpChecksum(bytes, offset, this.length, source, destination);
  };

  /** To be called when the options and `dataLength` are set; `mss` are the data bytes of a segment. */
  measure(mss = this.dataLength): void {
    const header = TCP_LENGTH + tcpOptionsLength(this.options);
    this.length = header + this.dataLength;
    this.segmentLength = this.dataLength > mss ? header + mss : undefined;
  }
}
