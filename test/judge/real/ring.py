"""A packet socket whose frames the kernel copies into shared memory at the moment they pass (TPACKET_V3).

recv() on a packet socket gives a clone of the packet, which shares its bytes with the packet that goes on: what a later
hook writes into it (NAT of a fragment, a bridge that puts an address back) shows in what was heard before. A copy does not change.
"""
import ctypes
import fcntl
import mmap
import select
import socket
import struct
import time

from loop import LIBC

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_RX_RING = 5
PACKET_STATISTICS = 6
PACKET_VERSION = 10
TPACKET_V3 = 2
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
SIOCGIFNAME = 0x8910
TP_STATUS_KERNEL = 0
TP_STATUS_USER = 1
TP_STATUS_CSUMNOTREADY = 8

# A frame lies in one block, and the largest of loopback has 65550 bytes.
BLOCK = 1 << 17
# Milliseconds until the kernel hands over a block that is not full: even if each holds one frame, a ring of 50 blocks
# lasts for seconds while the machine is too busy to read it.
HANDED_OVER = 50
# Seconds that it may take on a busy machine.
LATEST = 10

# struct tpacket_hdr_v1, after version and offset_to_priv: status, frames, offset of the first.
BLOCK_HEAD = struct.Struct("=III")
BLOCK_HEAD_AT = 8
# struct tpacket3_hdr: next, seconds, nanoseconds, bytes kept, bytes there were, status, offset of the bytes.
FRAME_HEAD = struct.Struct("=IIIIIIH")
# struct sockaddr_ll, aligned behind it: from the index of the device on, of which the type of packet is the last here.
ADDRESS = struct.Struct("=iHB")
ADDRESS_AT = 48 + 4


class Ring:
    """Hears every device of the namespace it is made in. The kernel clears its `blocks` at once, a millisecond for ten."""

    def __init__(self, blocks):
        self._blocks = blocks
        # Protocol 0 hears nothing: the ring is there before the first frame can come.
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        self._sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        # Frames are stamped where they pass, not where they are copied.
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        request = struct.pack("=7I", BLOCK, blocks, BLOCK, blocks, HANDED_OVER, 0, 0)
        self._sock.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
        self._memory = mmap.mmap(self._sock.fileno(), BLOCK * blocks, mmap.MAP_SHARED)
        self._bytes = memoryview(self._memory)
        self._next = 0
        self._names = {}
        self._cut = 0
        # socket.bind() wants the name of one device; index 0 is all of them.
        everything = struct.pack("=HHiHBB8x", socket.AF_PACKET, socket.htons(ETH_P_ALL), 0, 0, 0, 0)
        if LIBC.bind(self._sock.fileno(), everything, len(everything)) != 0:
            raise OSError(ctypes.get_errno(), "bind")

    def fileno(self):
        return self._sock.fileno()

    def drain(self, tell):
        """Tells (time, outgoing, checksum left open, device, bytes) of what is there, and how many that were."""
        count = 0
        names = {}
        # Once around at most: where frames multiply, there would be no end to it.
        for _ in range(self._blocks):
            start = self._next * BLOCK
            status, frames, at = BLOCK_HEAD.unpack_from(self._bytes, start + BLOCK_HEAD_AT)
            if not status & TP_STATUS_USER:
                break
            at += start
            for _ in range(frames):
                at += self._frame(at, tell, names)
            count += frames
            struct.pack_into("=I", self._bytes, start + BLOCK_HEAD_AT, TP_STATUS_KERNEL)
            self._next = (self._next + 1) % self._blocks
        return count

    def finish(self, tell):
        """As drain(), but of all that has passed before now."""
        self.drain(tell)
        deadline = time.monotonic() + LATEST
        while self._is_filling():
            if time.monotonic() > deadline:
                raise TimeoutError("the kernel does not hand over its block")
            select.select([self._sock], [], [], HANDED_OVER / 1000)
            if self.drain(tell) > 0:
                break

    def lost(self):
        """Frames that did not fit since it began."""
        _heard, lost, _freezes = struct.unpack("=III", self._sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12))
        return lost + self._cut

    def _is_filling(self):
        return BLOCK_HEAD.unpack_from(self._bytes, self._next * BLOCK + BLOCK_HEAD_AT)[1] > 0

    def _frame(self, at, tell, names):
        """Tells of the frame there, and how far it is to the next."""
        step, seconds, nanoseconds, kept, whole, status, offset = FRAME_HEAD.unpack_from(self._bytes, at)
        index, _hardware, kind = ADDRESS.unpack_from(self._bytes, at + ADDRESS_AT)
        if kept < whole:
            self._cut += 1
        name = names.get(index)
        if name is None:
            name = names[index] = self._name(index)
        data = self._bytes[at + offset : at + offset + kept]
        is_open = bool(status & TP_STATUS_CSUMNOTREADY)
        tell(seconds * 1_000_000_000 + nanoseconds, kind == PACKET_OUTGOING, is_open, name, data)
        return step

    def _name(self, index):
        """As it is now, for it may change; the last it had if the device is gone."""
        try:
            answer = fcntl.ioctl(self._sock, SIOCGIFNAME, struct.pack("16si20x", b"", index))
            self._names[index] = answer[:16].rstrip(b"\0")
        except OSError:
            pass
        return self._names.get(index, b"")
