"""Hears every frame of every device of some network namespaces, and writes them to its standard output.

Reads JSON lines: first {"namespaces": [PATH, ...], "filtered": [INDEX, ...], "most": FRAMES}, at last {"stop": true}; of the
namespaces in `filtered` it notes what rules of the packet filter drop, too. Writes records, little-endian:
  u32 length of what follows, u8 kind, then
  kind 1, it listens:  u64 CLOCK_REALTIME and u64 CLOCK_MONOTONIC of one moment, in nanoseconds
  kind 2, a frame:     u16 namespace, u64 CLOCK_REALTIME, u8 outgoing, u8 checksum left open, u8 length of device name, name, bytes
  kind 3, the end:     the two clocks as above, u32 frames that were lost because nobody fetched them
  kind 5, before the end, JSON: [{"namespace": INDEX, "table": ..., "chain": ..., "handle": ..., "times": [NS, ...]}, ...]
  kind 6, as kind 5:   [{"namespace": INDEX, "reason": ..., "function": ..., "protocol": ..., "packets": ...}, ...] with the
                       option --drops: what the kernel freed for a reason; {"fault": TEXT} where it cannot be asked
  kind 4:              there are more frames than the run may have; it has stopped listening
Never promiscuous: a promiscuous bridge hands what it forwards to its own IP stack, too.
"""
import json
import os
import select
import struct
import sys
import time

from drop_counter import DropCounter
from loop import Namespaces, die_with_parent
from nft_trace import TraceSocket
from ring import Ring


# Of all rings together, 64 MB, and of one at most.
ALL_BLOCKS = 512
MOST_BLOCKS = 256


def write(kind, body):
    sys.stdout.buffer.write(struct.pack("<IB", len(body) + 1, kind) + body)


def clocks():
    return struct.pack("<QQ", time.clock_gettime_ns(time.CLOCK_REALTIME), time.clock_gettime_ns(time.CLOCK_MONOTONIC))


def make_ring(namespaces, node, blocks):
    namespaces.enter(node)
    return Ring(blocks)


def writer(index):
    """Writes the frames of a namespace."""

    def tell(moment, outgoing, is_open, name, data):
        write(2, struct.pack("<HQBBB", index, moment, outgoing, is_open, len(name)) + name + data)

    return tell


class Recorder:
    def __init__(self, paths, filtered, most, counter):
        self._counter = counter
        self._inodes = [os.stat(path).st_ino for path in paths]
        namespaces = Namespaces(dict(enumerate(paths)))
        blocks = max(1, min(MOST_BLOCKS, ALL_BLOCKS // max(1, len(paths))))
        self._rings = [(make_ring(namespaces, index, blocks), writer(index)) for index in range(len(paths))]
        self._traces = {}
        for index in filtered:
            namespaces.enter(index)
            self._traces[index] = TraceSocket()
        self._left = most
        self._poll = select.epoll()
        self._calls = {}
        for ring, tell in self._rings:
            self._watch(ring, lambda ring=ring, tell=tell: self._hear(ring, tell))
        for trace in self._traces.values():
            self._watch(trace, trace.drain)

    def _watch(self, thing, call):
        self._calls[thing.fileno()] = call
        self._poll.register(thing.fileno(), select.EPOLLIN)

    def _hear(self, ring, tell):
        self._left -= ring.drain(tell)

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
        for ring, tell in self._rings:
            ring.finish(tell)
        for trace in self._traces.values():
            trace.drain()
        rows = [
            {"namespace": index, "table": table, "chain": chain, "handle": handle, "times": times}
            for index, trace in self._traces.items()
            for (table, chain, handle), times in trace.drops.items()
        ]
        write(5, json.dumps(rows).encode())
        if isinstance(self._counter, DropCounter):
            write(6, json.dumps(self._counter.rows(self._inodes)).encode())
        elif self._counter is not None:
            write(6, json.dumps({"fault": self._counter}).encode())
        lost = sum(ring.lost() for ring, _tell in self._rings)
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
