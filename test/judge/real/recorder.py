"""Hears every frame of every device of some network namespaces, and writes them to its standard output.

Reads JSON lines: first {"namespaces": [PATH, ...], "filtered": [INDEX, ...], "most": FRAMES}, at last {"stop": true}; of the
namespaces in `filtered` it counts what rules of the packet filter drop, too. Writes records, little-endian:
  u32 length of what follows, u8 kind, then
  kind 1, it listens:  u64 CLOCK_REALTIME and u64 CLOCK_MONOTONIC of one moment, in nanoseconds
  kind 2, a frame:     u16 namespace, u64 CLOCK_REALTIME, u8 outgoing, u8 checksum left open, u8 length of device name, name, bytes
  kind 3, the end:     the two clocks as above, u32 frames that were lost because nobody fetched them
  kind 5, before the end, JSON: [{"namespace": INDEX, "table": ..., "chain": ..., "handle": ..., "packets": ...}, ...]
  kind 6, as kind 5:   [{"namespace": INDEX, "reason": ..., "function": ..., "protocol": ..., "packets": ...}, ...] with the
                       option --drops: what the kernel freed for a reason; {"fault": TEXT} where it cannot be asked
  kind 4:              there are more frames than the run may have; it has stopped listening
Never promiscuous: a promiscuous bridge hands what it forwards to its own IP stack, too.
"""
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

from drop_counter import DropCounter
from loop import LIBC, Namespaces, die_with_parent
from nft_trace import TraceSocket

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_STATISTICS = 6
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
TP_STATUS_CSUMNOTREADY = 8
BUFFER = 64 << 20
LARGEST = 1 << 17


def write(kind, body):
    sys.stdout.buffer.write(struct.pack("<IB", len(body) + 1, kind) + body)


def clocks():
    return struct.pack("<QQ", time.clock_gettime_ns(time.CLOCK_REALTIME), time.clock_gettime_ns(time.CLOCK_MONOTONIC))


def open_socket(namespaces, node):
    namespaces.enter(node)
    # Protocol 0 hears nothing: the options are set before the first frame can come.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    # socket.bind() wants the name of one device; index 0 is all of them.
    everything = struct.pack("=HHiHBB8x", socket.AF_PACKET, socket.htons(ETH_P_ALL), 0, 0, 0, 0)
    if LIBC.bind(sock.fileno(), everything, len(everything)) != 0:
        raise OSError(ctypes.get_errno(), "bind")
    return sock


def drain(index, sock, most):
    """Writes what is there, `most` at most, and tells how many that were."""
    count = 0
    while count < most:
        try:
            data, control, _flags, address = sock.recvmsg(LARGEST, 256)
        except BlockingIOError:
            break
        except OSError:
            # ENETDOWN: a device that was heard went down.
            continue
        moment = unready = 0
        for level, kind, value in control:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack_from("qq", value)
                moment = seconds * 1_000_000_000 + nanoseconds
            elif level == SOL_PACKET and kind == PACKET_AUXDATA:
                unready = 1 if struct.unpack_from("I", value)[0] & TP_STATUS_CSUMNOTREADY else 0
        name = address[0].encode()
        outgoing = 1 if address[2] == PACKET_OUTGOING else 0
        write(2, struct.pack("<HQBBB", index, moment, outgoing, unready, len(name)) + name + data)
        count += 1
    return count


class Recorder:
    def __init__(self, paths, filtered, most, counter):
        self._counter = counter
        self._inodes = [os.stat(path).st_ino for path in paths]
        namespaces = Namespaces(dict(enumerate(paths)))
        self._sockets = [open_socket(namespaces, index) for index in range(len(paths))]
        self._traces = {}
        for index in filtered:
            namespaces.enter(index)
            self._traces[index] = TraceSocket()
        self._left = most
        self._poll = select.epoll()
        self._calls = {}
        for index, sock in enumerate(self._sockets):
            self._watch(sock, lambda index=index, sock=sock: self._hear(index, sock))
        for trace in self._traces.values():
            self._watch(trace, trace.drain)

    def _watch(self, thing, call):
        self._calls[thing.fileno()] = call
        self._poll.register(thing.fileno(), select.EPOLLIN)

    def _hear(self, index, sock):
        self._left -= drain(index, sock, self._left)

    def run(self):
        """Until it is told to stop; not so when its input ends, or when there is too much."""
        self._poll.register(0, select.EPOLLIN)
        while self._left > 0:
            for number, _events in self._poll.poll():
                if number == 0:
                    return os.read(0, 4096) != b""
                self._calls[number]()
            sys.stdout.buffer.flush()
        write(4, b"")
        return False

    def finish(self):
        for call in self._calls.values():
            call()
        rows = [
            {"namespace": index, "table": table, "chain": chain, "handle": handle, "packets": packets}
            for index, trace in self._traces.items()
            for (table, chain, handle), packets in trace.counts.items()
        ]
        write(5, json.dumps(rows).encode())
        if isinstance(self._counter, DropCounter):
            write(6, json.dumps(self._counter.rows(self._inodes)).encode())
        elif self._counter is not None:
            write(6, json.dumps({"fault": self._counter}).encode())
        lost = sum(struct.unpack("II", sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1] for sock in self._sockets)
        lost += sum(trace.lost for trace in self._traces.values())
        write(3, clocks() + struct.pack("<I", lost))


def drop_counter():
    """Or, as text, why there is none."""
    try:
        return DropCounter()
    except (OSError, KeyError, ValueError) as error:
        return str(error)


def main():
    die_with_parent()
    # Before there are namespaces: finding out about the kernel takes a while.
    counter = drop_counter() if "--drops" in sys.argv else None
    order = json.loads(sys.stdin.readline())
    recorder = Recorder(order["namespaces"], order["filtered"], order["most"], counter)
    write(1, clocks())
    sys.stdout.buffer.flush()
    if recorder.run():
        recorder.finish()
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
