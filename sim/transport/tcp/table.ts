import type { Chance } from '../../core/chance.ts';
import type { Errno } from '../../core/errno.ts';
import type { Clock } from '../../core/events.ts';
import type { SimTime } from '../../core/time.ts';
import { byBacklog, bySockets } from '../../packet/because.ts';
import type { Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place } from '../../packet/place.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_TCP } from '../../wire/ipv4.ts';
import type { StackProfile } from '../profile.ts';
import type { SegmentSender, SocketOwner } from '../socket.ts';
import { done } from './closing.ts';
import { Connection, type TcpEnds, type TcpSocketOptions, type TcpStack } from './connection.ts';
import { byPorts, ConnectionTable } from './connection-table.ts';
import type { TcpCounters } from './counters.ts';
import { ackTimerFired } from './delayed-ack.ts';
import { type TcpEnvironment, TcpFates } from './fates.ts';
import { answerSyn, answerWithCookie, recallSyn } from './handshake.ts';
import { type IncomingSegment, incomingSegment } from './incoming.ts';
import { initialSequence } from './initial-sequence.ts';
import { receiveSegment } from './input.ts';
import { type ListenOptions, TcpListener } from './listener.ts';
import { ListenerTable } from './listener-table.ts';
import { PortTable } from './ports.ts';
import { sendRefusal } from './refuse.ts';
import { plus } from './sequence.ts';
import { type SocketStack, TcpSocket } from './socket.ts';
import { SynCookies } from './syn-cookie.ts';
import { TimeWait, type TimeWaitStack } from './time-wait.ts';
import { retransmitTimerFired } from './timers.ts';

const SHORT_LIFE = 4e9;

/** The TCP of one stack: its listeners and connections, and who gets a segment (struct inet_hashinfo). */
export class TcpTable extends TcpFates implements TcpStack, SocketStack, TimeWaitStack {
  readonly clock: Clock;
  readonly sender: SegmentSender;
  readonly profile: StackProfile;
  readonly chance: Chance;
  readonly counters: TcpCounters;
  readonly #ports: PortTable;
  readonly #secret: number;
  readonly #cookies: SynCookies;
  readonly #listeners = new ListenerTable();
  readonly #connections = new ConnectionTable<Connection>();
  readonly #records = new ConnectionTable<TimeWait>();
  /** Bound sockets and their connections give their port back when the connection ends. */
  readonly #boundSockets = new Map<Connection, TcpSocket>();
  readonly #listenerOf = new Map<Connection, TcpListener>();
  /** Connections that no program has any more (tcp_orphan_count). */
  readonly #orphans = new Set<Connection>();

  constructor(environment: TcpEnvironment) {
    super(environment);
    this.clock = environment.clock;
    this.sender = environment.sender;
    this.profile = environment.profile;
    this.chance = environment.chance;
    this.counters = environment.counters;
    this.#secret = environment.chance.fork('timestamps').u32();
    this.#cookies = new SynCookies(environment.chance.fork('cookies').u32());
    this.#ports = new PortTable(environment.chance.fork('ports'), environment.profile);
  }

  open(owner: SocketOwner, options: TcpSocketOptions = {}): TcpSocket {
    return new TcpSocket(this, owner, options);
  }

  /** Address 0 is any, port 0 any free one. `onAccept` gets each connection in an event of its own. */
  listen(
    owner: SocketOwner,
    address: Ipv4,
    port: number,
    onAccept: (socket: TcpSocket) => void,
    options: ListenOptions = {},
  ): TcpListener | Errno {
    const chosen = this.#portFor(address, port);
    if (typeof chosen === 'string') return chosen;
    const { largestBacklog } = this.profile.tcp;
    const ended = (one: TcpListener): void => this.#unlisten(one);
    const listener = new TcpListener(owner, address, chosen, onAccept, options, largestBacklog, ended);
    this.#ports.hold(chosen, listener);
    this.#listeners.add(listener);
    this.#portsChanged();
    return listener;
  }

  /** Takes a segment whose header and checksum are sound. Models what tcp_v4_rcv() does behind its checks. */
  receive(packet: Packet, device: string): Fate {
    const segment = incomingSegment(packet);
    const { source, destination } = packet.ip;
    const { sourcePort, destinationPort } = segment.header;
    const connection = this.#connections.find(destination, destinationPort, source, sourcePort, device);
    if (connection !== undefined) {
      this.demultiplexed(packet, connection, connection.owner, `connection, ${connection.state}`);
      return receiveSegment(connection, segment);
    }
    const record = this.#records.find(destination, destinationPort, source, sourcePort, device);
    const listener = this.findListener(destination, destinationPort, device);
    if (record !== undefined) {
      this.demultiplexed(packet, record, undefined, `connection, ${record.state}`);
      const fate = record.receive(segment);
      if (fate !== undefined) return fate;
      if (listener === undefined) return record.declineSyn(segment);
      record.end();
      return this.#atListener(listener, segment, record.nextInitialSequence);
    }
    if (listener === undefined) return this.#noSocket(packet, destinationPort);
    this.demultiplexed(packet, listener, listener.owner, 'listener');
    return this.#atListener(listener, segment, undefined);
  }

  /** An open connection between these ends that hears what comes in by `device`, one in TIME_WAIT counted too. */
  findConnection(
    source: Ipv4,
    sourcePort: number,
    destination: Ipv4,
    port: number,
    device: string,
  ): Connection | TimeWait | undefined {
    return (
      this.#connections.find(destination, port, source, sourcePort, device) ??
      this.#records.find(destination, port, source, sourcePort, device)
    );
  }

  findListener(address: Ipv4, port: number, device: string): TcpListener | undefined {
    return this.#listeners.find(address, port, device);
  }

  listeners(): TcpListener[] {
    return this.#listeners.list();
  }

  /** Connections by their ports, then records of closed ones. */
  connections(): Connection[] {
    return [...this.#connections].sort(byPorts);
  }

  records(): TimeWait[] {
    return [...this.#records].sort(byPorts);
  }

  /** Ports of listeners and connections at which segments for a local address are taken, each once, in order. */
  localPorts(address: Ipv4): number[] {
    const ends = [...this.listeners(), ...this.#connections, ...this.#records];
    const taken = ends.filter((one) => one.localAddress === 0 || one.localAddress === address);
    return [...new Set(taken.map((one) => one.localPort))].sort((a, b) => a - b);
  }

  /** The programs at `place` have ended: the kernel closes what they had open. */
  closeAllOf(place: Place): void {
    for (const listener of this.listeners()) if (listener.owner.place === place) listener.close();
    for (const { owner, user } of this.connections()) {
      if (owner.place === place && user instanceof TcpSocket) user.close();
    }
  }

  /** The machine is gone: nothing is sent, nobody is told. */
  destroy(): void {
    for (const connection of this.connections()) {
      connection.stopTimers();
      this.forget(connection);
    }
    for (const record of this.records()) record.end();
  }

  #atListener(listener: TcpListener, segment: IncomingSegment, first: number | undefined): Fate {
    const { packet, header } = segment;
    if (header.rst) return this.drop(packet, 'RESET', 'RST to a listener');
    if (header.ack) {
      const fate = header.syn ? undefined : this.#takeCookie(listener, segment);
      if (fate !== undefined) return fate;
      this.refuse(packet);
      return this.drop(packet, 'FLAGS', 'ACK to a listener');
    }
    if (!header.syn || header.fin) return this.drop(packet, 'FLAGS', 'no SYN');
    if (this.environment.isForGroup?.(packet) === true) {
      this.counters.TcpExtListenDrops++;
      return this.consume(packet, 'SYN to a broadcast address, not answered');
    }
    // Who takes the place of a record of its own is known to be there, and is taken in any case.
    const isFull = first === undefined && listener.isHalfOpenFull;
    const { synCookies } = this.profile.tcp;
    const withCookie = first === undefined && synCookies !== 'never' && (isFull || synCookies === 'always');
    if (isFull) this.counters[withCookie ? 'TcpExtTCPReqQFullDoCookies' : 'TcpExtTCPReqQFullDrop']++;
    if ((isFull && !withCookie) || listener.isFull) return this.#overflow(listener, packet);
    const { source, destination, tos } = packet.ip;
    const ports = { sourcePort: header.destinationPort, destinationPort: header.sourcePort };
    const selectors = { protocol: PROTOCOL_TCP, tos, ...ports };
    const errno = this.sender.whyNotTo(source, destination, '', selectors, 'answer');
    if (errno !== undefined) return this.noWayBack(packet, errno);
    const ends = listener.endsOf(segment);
    if (withCookie) {
      const cookie = this.#cookies.make(ends, segment, this.clock.now);
      const unkept = this.#passive(listener, ends, cookie);
      answerWithCookie(unkept, segment);
      this.counters.TcpExtSyncookiesSent++;
      return this.consume(packet, `SYN, answered with a cookie by packet ${unkept.firstPacket}`);
    }
    const connection = this.#openPassive(listener, ends, first ?? initialSequence(ends, this.#secret, this.clock.now));
    answerSyn(connection, segment);
    return this.consume(packet, `SYN, answered by packet ${connection.firstPacket}`);
  }

  #overflow(listener: TcpListener, packet: Packet): Fate {
    this.counters.TcpExtListenOverflows += listener.isFull ? 1 : 0;
    this.counters.TcpExtListenDrops++;
    const { place, site } = this.environment;
    packet.ledger.recorder?.step(packet, place, site, byBacklog(listener.text, listener.backlog));
    return this.drop(packet, 'LISTEN_OVERFLOW', `backlog ${listener.backlog}`);
  }

  /** An ACK that brings a cookie back opens what nothing was kept of; undefined for any other. */
  #takeCookie(listener: TcpListener, segment: IncomingSegment): Fate | undefined {
    const { now } = this.clock;
    if (this.profile.tcp.synCookies === 'never' || !this.#cookies.isExpected(now)) return undefined;
    const ends = listener.endsOf(segment);
    const agreed = this.#cookies.read(ends, segment, this.timestampOffset(ends), now);
    this.counters[agreed === undefined ? 'TcpExtSyncookiesFailed' : 'TcpExtSyncookiesRecv']++;
    if (agreed === undefined) return undefined;
    if (listener.isFull) return this.#overflow(listener, segment.packet);
    const connection = this.#openPassive(listener, ends, plus(segment.header.acknowledgment, -1));
    recallSyn(connection, segment, agreed);
    return receiveSegment(connection, segment);
  }

  #openPassive(listener: TcpListener, ends: TcpEnds, first: number): Connection {
    const connection = this.#passive(listener, ends, first);
    this.#connections.add(connection);
    this.#portsChanged();
    this.#listenerOf.set(connection, listener);
    listener.halfOpen.add(connection);
    return connection;
  }

  #passive(listener: TcpListener, ends: TcpEnds, first: number): Connection {
    const { owner, options, onAccept } = listener;
    const socket = new TcpSocket(this, owner, options, (accepted) => {
      listener.waiting.delete(accepted);
      onAccept(accepted);
    });
    const connection = new Connection(this, owner, ends, options, socket, true, first);
    socket.attach(connection);
    return connection;
  }

  #noSocket(packet: Packet, port: number): Fate {
    if (this.environment.mayRefuse?.(packet) ?? true) this.refuse(packet);
    const { place, site } = this.environment;
    const address = formatIpv4(packet.ip.destination);
    packet.ledger.recorder?.step(
      packet,
      place,
      site,
      bySockets(
        'TCP',
        address,
        port,
        this.#listeners.list().map(({ text }) => text),
      ),
    );
    return this.drop(packet, 'NO_SOCKET', `TCP port ${port} of ${formatIpv4(packet.ip.destination)}`);
  }

  #unlisten(listener: TcpListener): void {
    if (!this.#listeners.remove(listener)) return;
    this.#ports.release(listener.localPort, listener);
    for (const connection of [...listener.halfOpen]) done(connection);
    for (const socket of [...listener.waiting]) socket.abort();
    this.#portsChanged();
  }

  // What sockets ask for.

  bindSocket(socket: TcpSocket, address: Ipv4, port: number): Errno | undefined {
    if (socket.localPort !== 0) return 'EINVAL';
    const chosen = this.#portFor(address, port);
    if (typeof chosen === 'string') return chosen;
    socket.localAddress = address;
    socket.localPort = chosen;
    this.#ports.hold(chosen, socket);
    return undefined;
  }

  /** The port to take, any free one for 0 (inet_csk_get_port). */
  #portFor(address: Ipv4, port: number): number | Errno {
    if (address !== 0 && !this.sender.isLocalAddress(address)) return 'EADDRNOTAVAIL';
    const chosen = port || this.#ports.forBind(address);
    return chosen === undefined || this.#ports.conflicts(address, chosen) ? 'EADDRINUSE' : chosen;
  }

  releaseSocket(socket: TcpSocket): void {
    if (socket.localPort !== 0) this.#ports.release(socket.localPort, socket);
  }

  /** Models tcp_v4_connect(): source address by the route, then a port that makes the four numbers new. */
  connectSocket(socket: TcpSocket, address: Ipv4, port: number): Connection | Errno {
    const { device = '', tos = 0 } = socket.options;
    const selectors = { protocol: PROTOCOL_TCP, sourcePort: socket.localPort, destinationPort: port, tos };
    const source = socket.localAddress || this.sender.sourceFor(address, device, selectors);
    if (typeof source === 'string') return source;
    // The route is asked for once more with the source it gave (ip_route_connect).
    const refused = this.sender.whyNotTo(address, source, device, selectors, 'connect');
    if (refused !== undefined) return refused;
    const remoteAddress = address === 0 ? source : address;
    const isFree = (local: number) => this.#isFree(source, local, remoteAddress, port, device);
    const isBound = socket.localPort !== 0;
    if (isBound && !isFree(socket.localPort)) return 'EADDRNOTAVAIL';
    const destination = remoteAddress * 0x10000 + port;
    const localPort = isBound ? socket.localPort : this.#ports.forConnect(source, destination, isFree);
    if (localPort === undefined) return 'EADDRNOTAVAIL';
    const ends = { localAddress: source, localPort, remoteAddress, remotePort: port, device };
    const first = initialSequence(ends, this.#secret, this.clock.now);
    const connection = new Connection(this, socket.owner, ends, socket.options, socket, false, first);
    this.#connections.add(connection);
    if (isBound) this.#boundSockets.set(connection, socket);
    this.#portsChanged();
    return connection;
  }

  /** Models __inet_check_established(). Not modelled: a closed connection that gives way on lo (tcp_tw_reuse 2). */
  #isFree(address: Ipv4, port: number, remoteAddress: Ipv4, remotePort: number, device: string): boolean {
    return this.findConnection(remoteAddress, remotePort, address, port, device) === undefined;
  }

  // What connections ask for.

  /** Models net/core/secure_seq.c secure_tcp_ts_off(). */
  timestampOffset({ localAddress, remoteAddress }: TcpEnds): number {
    return Math.imul(localAddress ^ this.#secret, 0x9e3779b1) ^ Math.imul(remoteAddress + this.#secret, 0x85ebca6b);
  }

  retransmitTimerFired(connection: Connection): void {
    retransmitTimerFired(connection);
  }

  ackTimerFired(connection: Connection): void {
    ackTimerFired(connection);
  }

  forget(connection: Connection): void {
    this.#connections.remove(connection);
    const listener = this.#listenerOf.get(connection);
    listener?.halfOpen.delete(connection);
    this.#listenerOf.delete(connection);
    const bound = this.#boundSockets.get(connection);
    if (bound !== undefined) this.#ports.release(connection.localPort, bound);
    this.#boundSockets.delete(connection);
    this.#orphans.delete(connection);
    this.#portsChanged();
  }

  leaveTimeWait(connection: Connection, state: 'FIN_WAIT2' | 'TIME_WAIT', timeout: SimTime): void {
    if (this.#records.size >= this.profile.tcp.mostRecords) {
      this.counters.TcpExtTCPTimeWaitOverflow++;
      done(connection);
      return;
    }
    this.#records.add(new TimeWait(this, connection, state, timeout));
    // A record of four seconds or less counts as killed (inet_twsk_schedule()).
    if (timeout > SHORT_LIFE) this.counters.TcpExtTW++;
    done(connection);
  }

  forgetRecord(record: TimeWait): void {
    this.#records.remove(record);
    this.#portsChanged();
  }

  mayBeOrphan(connection: Connection): boolean {
    this.#orphans.add(connection);
    return this.#orphans.size <= this.profile.tcp.mostOrphans;
  }

  mayAccept(connection: Connection): boolean {
    const listener = this.#listenerOf.get(connection);
    if (listener === undefined) return false;
    if (listener.isFull) {
      this.counters.TcpExtListenOverflows++;
      this.counters.TcpExtListenDrops++;
      return false;
    }
    listener.halfOpen.delete(connection);
    if (connection.user instanceof TcpSocket) listener.waiting.add(connection.user);
    return true;
  }

  refuse(packet: Packet): void {
    sendRefusal(this, packet);
  }

  /** For the rules that lead packets to this stack. */
  #portsChanged(): void {
    this.environment.changed?.();
  }
}
