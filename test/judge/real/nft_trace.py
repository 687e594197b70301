"""Notes the packets that rules and policies of nf_tables drop, as the kernel's own tracing tells (nft monitor trace)."""
import os
import socket
import struct
import time

NETLINK_NETFILTER = 12
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NFNLGRP_NFTRACE = 9
NFT_MSG_TRACE = 10 << 8 | 17
SO_RCVBUFFORCE = 33
BUFFER = 16 << 20

TABLE, CHAIN, HANDLE, TYPE, VERDICT, POLICY = 1, 2, 3, 4, 5, 16
TYPE_POLICY, TYPE_RULE = 1, 3
VERDICT_CODE = 1
NF_DROP = 0
NESTED = 0x3FFF


class TraceSocket:
    """Hears the trace of the namespace in which it is made."""

    def __init__(self):
        self._sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_NETFILTER)
        self._sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        self._sock.bind((0, 0))
        self._sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTRACE)
        # Of each table, chain and handle the moments, by CLOCK_MONOTONIC in nanoseconds.
        self.drops = {}
        self.lost = 0

    def fileno(self):
        return self._sock.fileno()

    def drain(self):
        while True:
            try:
                data = self._sock.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                # ENOBUFS: messages were lost.
                self.lost += 1
                continue
            self._read(data)

    def _read(self, data):
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            if length < 16:
                return
            if kind == NFT_MSG_TRACE:
                # A netlink header, then that of nfnetlink.
                self._take(dict(attributes(data, at + 20, at + length)))
            at += (length + 3) & ~3

    def _take(self, message):
        kind = struct.unpack(">I", message.get(TYPE, bytes(4)))[0]
        if kind == TYPE_POLICY:
            code = message.get(POLICY)
        elif kind == TYPE_RULE:
            verdict = message.get(VERDICT, b"")
            code = dict(attributes(verdict, 0, len(verdict))).get(VERDICT_CODE)
        else:
            return
        if code is None or struct.unpack(">I", code)[0] != NF_DROP:
            return
        handle = 0 if kind == TYPE_POLICY else struct.unpack(">Q", message[HANDLE])[0]
        key = (text(message[TABLE]), text(message[CHAIN]), handle)
        self.drops.setdefault(key, []).append(time.clock_gettime_ns(time.CLOCK_MONOTONIC))


def attributes(data, at, end):
    while at + 4 <= end:
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            return
        yield kind & NESTED, data[at + 4 : at + length]
        at += (length + 3) & ~3


def text(value):
    return os.fsdecode(value.rstrip(b"\0"))
