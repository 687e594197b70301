import type { Clock } from '../core/events.ts';
import type { Place } from '../packet/place.ts';
import type { PacketDoor } from '../transport/packet-socket.ts';
import type { PingTable } from '../transport/ping.ts';
import type { TcpTable } from '../transport/tcp/table.ts';
import type { UdpTable } from '../transport/udp.ts';

/** What a program sees of the machine it runs on: time, and the sockets of one stack. */
export interface ProgramHost {
  readonly clock: Clock;
  /** Where the program runs: a container that shares Comware's namespace has a place of its own. */
  readonly place: Place;
  readonly tcp: TcpTable;
  readonly udp: UdpTable;
  readonly ping: PingTable;
  /** Packet sockets, which Comware's own programs have none of. */
  readonly packet: PacketDoor | undefined;
  /** `Linux` programs behave like iputils, `Comware` ones like the device's own commands. */
  readonly flavour: 'Linux' | 'Comware';
}
