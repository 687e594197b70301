"""Counts the packets that the kernel frees for a reason, by reason, place in the code, protocol and network namespace.

A small BPF program on the tracepoint skb:kfree_skb does the counting. The tracepoint itself knows no namespace; the
packet does, by the socket or the device it is with. BPF instructions are written out below, because a compiler for them
is not everywhere: eight bytes each, as include/uapi/linux/bpf.h has them.
"""
import ctypes
import os
import platform
import struct

from btf import Btf

BPF = {"x86_64": 321, "aarch64": 280}
MAP_CREATE, MAP_LOOKUP, MAP_NEXT_KEY, PROG_LOAD, RAW_TRACEPOINT_OPEN = 0, 1, 4, 5, 17
MAP_TYPE_HASH = 1
PROG_TYPE_RAW_TRACEPOINT = 17
CALL_LOOKUP, CALL_UPDATE, CALL_PROBE_READ_KERNEL = 1, 2, 113
NO_EXIST = 1
MOST_ROWS = 8192

# Registers: 6 to 9 outlive a call. The key lies below the frame pointer, other memory below it.
FRAME = 10
KEY = -40
VALUE = -48
POINTER = -56
KEY_LAYOUT = struct.Struct("<QIHHIIIII4x")
LOCATION, REASON, PROTOCOL, NAMESPACES = 0, 8, 12, 16


def instruction(code, target=0, source=0, offset=0, immediate=0):
    return struct.pack("<BBhi", code, source << 4 | target, offset, immediate)


def move(target, source):
    return instruction(0xBF, target, source)


def set_to(target, immediate):
    return instruction(0xB7, target, immediate=immediate)


def add(target, immediate):
    return instruction(0x07, target, immediate=immediate)


def mask(target, immediate):
    return instruction(0x57, target, immediate=immediate)


def load(target, source, offset):
    return instruction(0x79, target, source, offset)


def store(offset, source, size=8):
    return instruction(0x7B if size == 8 else 0x63, FRAME, source, offset)


def call(number):
    return instruction(0x85, immediate=number)


def load_map(target, descriptor):
    return instruction(0x18, target, 1, immediate=descriptor) + instruction(0)


def read(offset, size, source, field):
    """Reads kernel memory at a register into the frame; zeroes where there is none, so that nothing need be asked before."""
    return (
        (move(3, source) if source != 3 else b"")
        + add(3, field)
        + set_to(2, size)
        + move(1, FRAME)
        + add(1, offset)
        + call(CALL_PROBE_READ_KERNEL)
    )


def program(btf, table):
    """The instructions: (packet, location, reason, receiving socket) are the arguments of the tracepoint."""
    device, owner, protocol, destination = (
        btf.offset("sk_buff", field) for field in ("dev", "sk", "protocol", "_skb_refdst")
    )
    of_socket, of_device = btf.offset("sock_common", "skc_net"), btf.offset("net_device", "nd_net")
    number = btf.offset("net", "ns") + btf.offset("ns_common", "inum")

    def follow(field):
        return load(3, FRAME, POINTER) + read(POINTER, 8, 3, field)

    def tell(index):
        return load(3, FRAME, POINTER) + read(KEY + NAMESPACES + 4 * index, 4, 3, number)

    code = load(6, 1, 0) + load(7, 1, 8) + load(8, 1, 16) + load(9, 1, 24)
    code += set_to(1, 0) + b"".join(store(KEY + at, 1) for at in range(0, KEY_LAYOUT.size, 8))
    code += store(KEY + LOCATION, 7) + store(KEY + REASON, 8, 4)
    code += read(KEY + PROTOCOL, 2, 6, protocol)
    code += read(POINTER, 8, 9, of_socket) + tell(0)
    code += read(POINTER, 8, 6, owner) + follow(of_socket) + tell(1)
    code += read(POINTER, 8, 6, device) + follow(of_device) + tell(2)
    # The lowest bit of a reference to a route says who holds it.
    code += read(POINTER, 8, 6, destination) + load(3, FRAME, POINTER) + mask(3, -2) + store(POINTER, 3)
    code += follow(btf.offset("dst_entry", "dev")) + follow(of_device) + tell(3)
    return code + count(table)


def count(table):
    """One more in the row of the key; a row that is not there yet is made."""
    look = load_map(1, table) + move(2, FRAME) + add(2, KEY) + call(CALL_LOOKUP)
    make = set_to(1, 0) + store(VALUE, 1) + load_map(1, table) + move(2, FRAME) + add(2, KEY) + move(3, FRAME)
    make += add(3, VALUE) + set_to(4, NO_EXIST) + call(CALL_UPDATE)
    # lock *(u64 *)(r0 + 0) += r1
    one_more = set_to(1, 1) + instruction(0xDB, 0, 1, 0, 0)
    leave = set_to(0, 0) + instruction(0x95)
    found = instruction(0x55, 0, offset=(len(make) + len(look)) // 8 + 1)
    missing = instruction(0x15, 0, offset=len(one_more) // 8)
    return look + found + make + look + missing + one_more + leave


class DropCounter:
    """Counts from now on, until the process ends. OSError where the kernel or the machine does not have what it takes."""

    def __init__(self):
        self._call = BPF.get(platform.machine())
        if self._call is None:
            raise OSError("BPF is not tried on %s" % platform.machine())
        btf = Btf(["sk_buff", "net_device", "net", "ns_common", "sock_common", "dst_entry", "skb_drop_reason"])
        self._reasons = btf.values("skb_drop_reason")
        self._table = self._bpf(MAP_CREATE, struct.pack("<IIII", MAP_TYPE_HASH, KEY_LAYOUT.size, 8, MOST_ROWS))
        code = ctypes.create_string_buffer(program(btf, self._table))
        terms = ctypes.create_string_buffer(b"GPL")
        size = (len(code) - 1) // 8
        addresses = ctypes.addressof(code), ctypes.addressof(terms)
        loaded = self._bpf(PROG_LOAD, struct.pack("<IIQQIIQ", PROG_TYPE_RAW_TRACEPOINT, size, *addresses, 0, 0, 0))
        name = ctypes.create_string_buffer(b"kfree_skb")
        self._open = self._bpf(RAW_TRACEPOINT_OPEN, struct.pack("<QIIQ", ctypes.addressof(name), loaded, 0, 0))

    def _bpf(self, command, attributes):
        memory = ctypes.create_string_buffer(attributes + bytes(128 - len(attributes)))
        result = ctypes.CDLL(None, use_errno=True).syscall(self._call, command, memory, 128)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, "bpf(%d): %s" % (command, os.strerror(number)))
        return result

    def rows(self, inodes):
        """What was freed in some namespaces, each given by its inode: its index in `inodes`, the reason, where, how often."""
        places = {inode: index for index, inode in enumerate(inodes)}
        found = {}
        for key, packets in self._entries():
            location, reason, protocol, _pad, *namespaces = KEY_LAYOUT.unpack(key)
            index = next((places[inode] for inode in namespaces if inode in places), None)
            if index is not None:
                row = (index, location, reason, protocol)
                found[row] = found.get(row, 0) + packets
        names = function_names([location for _index, location, _reason, _protocol in found])
        return [
            {
                "namespace": index,
                "reason": self._reasons.get(reason, str(reason)).replace("SKB_DROP_REASON_", ""),
                "function": names[location],
                "protocol": struct.unpack(">H", struct.pack("<H", protocol))[0],
                "packets": packets,
            }
            for (index, location, reason, protocol), packets in found.items()
        ]

    def _entries(self):
        key = ctypes.create_string_buffer(KEY_LAYOUT.size)
        after = ctypes.create_string_buffer(KEY_LAYOUT.size)
        value = ctypes.c_uint64()
        pointers = [0, ctypes.addressof(after)]
        while True:
            try:
                self._bpf(MAP_NEXT_KEY, struct.pack("<IIQQ", self._table, 0, *pointers))
            except FileNotFoundError:
                return
            key.raw = after.raw
            pointers[0] = ctypes.addressof(key)
            self._bpf(MAP_LOOKUP, struct.pack("<IIQQQ", self._table, 0, pointers[0], ctypes.addressof(value), 0))
            yield key.raw, value.value


def function_names(locations):
    """The functions of the kernel in which some addresses lie; those that it does not tell are called by the address."""
    best = {location: (0, hex(location)) for location in locations}
    if not best:
        return {}
    with open("/proc/kallsyms", encoding="ascii") as table:
        for line in table:
            address, kind, name = line.split()[:3]
            if kind in "tTwW":
                start = int(address, 16)
                for location, (nearest, _name) in best.items():
                    if nearest < start <= location:
                        best[location] = (start, name)
    return {location: name for location, (_start, name) in best.items()}
