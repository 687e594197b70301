"""Sends datagrams and collects the answers, as sim/program/udp-client.ts does; and the sockets of all clients."""
import socket
import struct

from loop import READ, name_of

IP_MTU_DISCOVER = 10
IP_RECVERR = 11
DISCOVERY = {"dont": 0, "want": 1, "do": 2}
SO_EE_ORIGIN_LOCAL = 1


def open_socket(peer, request, kind):
    """A socket in the namespace of the node, with the options of the step; not bound yet."""
    peer.namespaces.enter(request["node"])
    sock = socket.socket(socket.AF_INET, kind | socket.SOCK_NONBLOCK)
    if request.get("ttl") is not None:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, request["ttl"])
    if request.get("tos") is not None:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, request["tos"])
    if request.get("df") is not None:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, DISCOVERY[request["df"]])
    if request.get("device") is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, request["device"].encode() + b"\0")
    return sock


def bind(sock, request):
    if request["source"] or request["sourcePort"]:
        sock.bind((request["source"], request["sourcePort"]))


class UdpClient:
    """Sends datagrams from one socket and collects what comes back; the n-th answer is taken for the n-th request."""

    def __init__(self, peer, request, answer):
        self._loop = peer.loop
        self._request = request
        self._answer = answer
        self._sent = self._refused = self._received = self._errors = 0
        self._error = ""
        self._is_done = False
        self._waiting = None
        self._sock = None
        try:
            self._sock = open_socket(peer, request, socket.SOCK_DGRAM)
            self._sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            bind(self._sock, request)
        except OSError as error:
            self._error = name_of(error.errno)
            self._finish()
            return
        self._loop.watch(self._sock, READ, self._ready)
        self._send(1)

    def _send(self, number):
        if self._is_done:
            return
        request = self._request
        try:
            self._sock.sendto(request["payload"], (request["to"], request["port"]))
            self._sent += 1
        except OSError as error:
            self._refused += 1
            self._error = self._error or name_of(error.errno)
        if number < request["count"]:
            self._loop.after(request["interval"], lambda: self._send(number + 1))
        else:
            self._waiting = self._loop.after(request["timeout"], self._finish)
        self._finish_if_answered()

    def _ready(self, _events):
        self._read_errors()
        while not self._is_done:
            try:
                self._sock.recvfrom(65536)
            except OSError:
                break
            self._received += 1
            self._finish_if_answered()

    def _read_errors(self):
        while not self._is_done:
            try:
                _data, control, _flags, _peer = self._sock.recvmsg(65536, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for level, kind, value in control:
                if level != socket.IPPROTO_IP or kind != IP_RECVERR:
                    continue
                number, origin = struct.unpack_from("IB", value)
                # What the stack refused was told by sendto().
                if origin == SO_EE_ORIGIN_LOCAL:
                    continue
                self._errors += 1
                self._error = self._error or name_of(number)
                self._finish_if_answered()

    def _finish_if_answered(self):
        done = self._sent + self._refused
        answers = self._received + self._errors + self._refused
        if done == self._request["count"] and answers >= done:
            self._finish()

    def _finish(self):
        if self._is_done:
            return
        self._is_done = True
        self._loop.cancel(self._waiting)
        if self._sock is not None:
            self._loop.forget(self._sock)
            self._sock.close()
        self._answer({"sent": self._sent, "received": self._received, "errors": self._errors, "error": self._error})
