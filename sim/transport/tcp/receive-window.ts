import type { Connection } from './connection.ts';

const LARGEST_FIELD = 65535;

/** `value` rounded up to what a shift by `scale` can tell. */
function roundUp(value: number, scale: number): number {
  const unit = 2 ** scale;
  return Math.ceil(value / unit) * unit;
}

/**
 * The window to announce with a segment that goes out now, as it goes into the header; what was announced before is
 * never taken back. Models net/ipv4/tcp_output.c tcp_select_window().
 */
export function selectWindow(connection: Connection): number {
  const scale = connection.rcvScale;
  const current = connection.receiveWindow;
  let window = freshWindow(connection);
  if (window < current) window = roundUp(current, scale);
  window = Math.min(window, largestTold(connection));
  connection.rcvWnd = window;
  connection.rcvWup = connection.rcvNxt;
  return window >>> scale;
}

/** The most that the window field can tell, with the shift that was agreed on. */
export function largestTold(connection: Connection): number {
  return LARGEST_FIELD * 2 ** connection.rcvScale;
}

/**
 * What the free space allows: nothing rather than a sliver (the silly window syndrome, RFC 9293 3.8.6.2.2). Models
 * __tcp_select_window().
 */
export function freshWindow(connection: Connection): number {
  const { rcvScale, rcvSpaceLimit: whole } = connection;
  const mss = Math.min(connection.receivedMss, whole);
  let free = Math.max(0, whole - connection.received.unread);
  if (free < whole / 2) {
    free = Math.floor(free / 2 ** rcvScale) * 2 ** rcvScale;
    if (free < whole >>> 4 || free < mss) return 0;
  }
  free = Math.min(free, connection.rcvSpace);
  if (rcvScale > 0) return roundUp(free, rcvScale);
  const window = connection.rcvWnd;
  if (window <= free - mss || window > free) return Math.floor(free / mss) * mss;
  return mss === whole && free > window + whole / 2 ? free : window;
}

/** sizeof(struct sk_buff), and what else lies with the data of one that came over a wire (skb_shared_info, headers). */
const BOOKKEEPING = 256;
const WITH_DATA = 400;
/** Longer ones, such as lo has them, lie in pages. */
const LONGEST_LINEAR = 16384;

/** What a segment takes of the buffer (skb->truesize), in bytes. */
function trueSize(length: number): number {
  if (length > LONGEST_LINEAR) return length + BOOKKEEPING + 1024;
  return BOOKKEEPING + 2 ** Math.ceil(Math.log2(length + WITH_DATA));
}

/**
 * The first segment of its size came: so much of the buffer can be data. SO_RCVBUF is doubled for it. Models what
 * tcp_measure_rcv_mss() does to scaling_ratio.
 */
export function shareBuffer(connection: Connection, length: number): void {
  const { profile, options, rcvScale } = connection;
  if (!profile.countsOverhead) return;
  const share = Math.floor((length * 256) / trueSize(length)) / 256;
  const buffer = options.receiveBuffer === undefined ? profile.receiveBuffer : 2 * options.receiveBuffer;
  const limit = Math.floor(buffer * share);
  connection.rcvSpaceLimit = rcvScale === 0 ? Math.min(limit, LARGEST_FIELD) : limit;
}

/**
 * A segment with data came in order: room for two more, as long as there is room, and it is acknowledged at once. Models
 * tcp_grow_window().
 */
export function growWindow(connection: Connection, length: number): void {
  const room = connection.rcvSpaceLimit - connection.received.unread - connection.rcvSpace;
  if (length < 128 || room <= 0) return;
  connection.rcvSpace += Math.min(room, 2 * Math.max(length, connection.advertisedMss));
  connection.quickAcks |= 1;
}

/**
 * The program read `count` bytes: the buffer grows with what it takes in. Models the effect of tcp_rcv_space_adjust();
 * not modelled: its clock, one step a round trip.
 */
export function growBuffer(connection: Connection, count: number): void {
  if (connection.options.receiveBuffer !== undefined) return;
  const { largestWindow } = connection.profile;
  if (connection.rcvSpaceLimit < largestWindow) {
    connection.rcvSpaceLimit = Math.min(largestWindow, connection.rcvSpaceLimit + count);
  }
}

/** The shift that makes `space` bytes tellable (tcp_select_initial_window). */
function scaleFor(space: number): number {
  let scale = 0;
  for (let rest = space; rest > LARGEST_FIELD && scale < 14; rest = Math.floor(rest / 2)) scale++;
  return scale;
}

/**
 * Chooses the window and scale of our SYN or SYN-ACK. `mss` is what a data segment of the peer will carry: a SYN does
 * not know yet whether timestamps are agreed on. Models tcp_select_initial_window().
 */
export function initialWindow(connection: Connection, mss: number): void {
  const { profile } = connection;
  const { receiveBuffer } = connection.options;
  const space = Math.min(receiveBuffer ?? profile.initialWindow, LARGEST_FIELD + 1);
  const whole = profile.windowInSegments && space > mss ? Math.floor(space / mss) * mss : space;
  connection.rcvWnd = whole;
  connection.rcvScale = profile.windowScale === undefined ? 0 : profile.windowScale;
  if (receiveBuffer !== undefined && profile.windowScale !== undefined) connection.rcvScale = scaleFor(receiveBuffer);
  const buffer = receiveBuffer ?? profile.receiveBuffer;
  connection.rcvSpaceLimit = profile.windowScale === undefined ? Math.min(buffer, LARGEST_FIELD) : buffer;
  connection.rcvSpace = whole;
}

/**
 * Where no scale was agreed on, a segment's worth of the buffer is not announced again once it was used. Models the end
 * of tcp_init_buffer_space(); with a scale the first full segment undoes it (tcp_measure_rcv_mss).
 */
export function keepSegmentBack(connection: Connection): void {
  const { profile, options, advertisedMss } = connection;
  if (connection.rcvScale > 0 || !profile.windowInSegments || options.receiveBuffer !== undefined) return;
  const half = Math.floor(profile.receiveBuffer / 2);
  connection.rcvSpace = Math.min(connection.rcvSpace, Math.max(2 * advertisedMss, half - advertisedMss));
}
