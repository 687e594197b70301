import type { Chance } from '../../core/chance.ts';
import type { Errno } from '../../core/errno.ts';
import type { Clock } from '../../core/events.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import { consume, deliver, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';
import { formatIpv4 } from '../../wire/address.ts';
import type { StackProfile } from '../profile.ts';
import type { SegmentSender, SocketOwner } from '../socket.ts';
import { type SocketEnds, tcpSocketName } from '../socket-name.ts';
import type { TcpCounters } from './counters.ts';
import type { TcpFault } from './state.ts';

/** What a stack gives its TCP: whom to send by, how it counts, and in what words it records. */
export interface TcpEnvironment {
  readonly clock: Clock;
  readonly sender: SegmentSender;
  readonly profile: StackProfile;
  readonly chance: Chance;
  readonly counters: TcpCounters;
  readonly place: Place;
  readonly site: Site;
  readonly reasons: Readonly<Record<TcpFault | 'NO_SOCKET', DropReason>>;
  /** Whether a segment that no socket wants may be answered by RST; where it is not said, any may. */
  readonly mayRefuse?: (packet: Packet) => boolean;
  /** Whether it was sent to a broadcast or multicast address: no SYN there is answered (tcp_v4_conn_request). */
  readonly isForGroup?: (packet: Packet) => boolean;
  /** Called when a listener or connection opens or closes: localPorts() may be different. */
  readonly changed?: () => void;
}

/** How segments end, in the words of their stack. */
export class TcpFates {
  protected readonly environment: TcpEnvironment;

  constructor(environment: TcpEnvironment) {
    this.environment = environment;
  }

  /** `owner`: undefined for what TCP keeps without a socket. */
  protected demultiplexed(packet: Packet, socket: SocketEnds, owner: SocketOwner | undefined, why: string): void {
    const { place, site } = this.environment;
    packet.ledger.recorder?.step(packet, place, site, {
      kind: 'demultiplex',
      key: `TCP port ${socket.localPort}`,
      to: owner?.name ?? 'TCP',
      why,
      socket: tcpSocketName(socket),
      ...(owner === undefined ? {} : { program: owner.place }),
    });
  }

  /** A SYN that cannot be answered. */
  protected noWayBack(packet: Packet, errno: Errno): Fate {
    const { place, counters } = this.environment;
    const destination = formatIpv4(packet.ip.source);
    counters.TcpExtListenDrops++;
    const cause = packet.number;
    packet.ledger.recorder?.refused({ place, by: 'TCP SYN-ACK', cause, destination, errno, why: '' });
    return this.consume(packet, `SYN, but there is no way back to ${destination}`);
  }

  drop(packet: Packet, fault: TcpFault | 'NO_SOCKET', detail = ''): Fate {
    const { place, site, reasons } = this.environment;
    return drop(packet, place, site, reasons[fault], detail);
  }

  consume(packet: Packet, by: string): Fate {
    const { place, site } = this.environment;
    return consume(packet, place, site, by);
  }

  deliver(packet: Packet, owner: SocketOwner): Fate {
    const { place, site } = this.environment;
    return deliver(packet, place, site, owner.name, owner.place);
  }
}
