"""Programs that listen: echo, sink, responder and http, as sim/program has them."""
import socket
import struct

from actor import Actor
from loop import READ, Stream

BACKLOG = 128
IP_PKTINFO = 8


def start(loop, request):
    """The service, which has close(); OSError where its address or port cannot be had."""
    if request["protocol"] == "udp":
        return UdpService(loop, request)
    return TcpService(loop, request, TCP_PROGRAMS[request["program"]])


class UdpService:
    def __init__(self, loop, request):
        self._loop = loop
        self._port = request["port"]
        self._echoes = request["program"] == "echo"
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            self._sock.bind((request["address"], self._port))
        except OSError:
            self._sock.close()
            raise
        loop.watch(self._sock, READ, self._ready)

    def close(self):
        self._loop.forget(self._sock)
        self._sock.close()

    def _ready(self, _events):
        while True:
            try:
                data, control, _flags, sender = self._sock.recvmsg(65536, 64)
            except OSError:
                return
            # An echo of an echo would go on for ever.
            if self._echoes and sender[1] != self._port:
                self._echo(data, control, sender)

    def _echo(self, data, control, sender):
        source = bytes(4)
        for level, kind, value in control:
            if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                # The address that was asked, where it is one of ours: of a broadcast these two differ.
                _index, own, asked = struct.unpack("i4s4s", value)
                source = asked if own == asked else bytes(4)
        information = struct.pack("i4s4s", 0, source, bytes(4))
        try:
            self._sock.sendmsg([data], [(socket.IPPROTO_IP, IP_PKTINFO, information)], 0, sender)
        except OSError:
            pass


class TcpService:
    def __init__(self, loop, request, serve):
        self._loop = loop
        self._request = request
        self._serve = serve
        self._open = []
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            set_options(self._sock, request)
            self._sock.bind((request["address"], request["port"]))
            self._sock.listen(BACKLOG)
        except OSError:
            self._sock.close()
            raise
        loop.watch(self._sock, READ, self._ready)

    def close(self):
        """As the kernel does when a process ends: every descriptor is closed, unread data or not."""
        self._loop.forget(self._sock)
        self._sock.close()
        for stream in self._open:
            stream.kill()

    def _ready(self, _events):
        while True:
            try:
                sock, _peer = self._sock.accept()
            except OSError:
                return
            sock.setblocking(False)
            stream = Stream(self._loop, sock, False)
            self._open = [one for one in self._open if not one.closed] + [stream]
            self._serve(self._loop, stream, self._request)


def set_options(sock, request):
    """Of TCP: a fixed receive buffer, small writes at once. The kernel doubles what it is told."""
    if request.get("receiveBuffer") is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, request["receiveBuffer"])
    if request.get("noDelay"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def serve_echo(_loop, stream, _request):
    stream.on_data = stream.write
    stream.on_end = stream.close


def serve_sink(_loop, stream, _request):
    stream.on_end = stream.close


def serve_responder(loop, stream, request):
    actor = Actor(loop, stream, request["actions"], None, lambda: None)
    stream.on_data = lambda data: actor.got(len(data))
    stream.on_end = actor.ended
    stream.on_error = lambda _number: actor.broken()
    actor.start()


def serve_http(_loop, stream, request):
    """Requests of the clients of scenarios alone: GET with headers and no body, answered with the bytes of a page."""
    received = bytearray()

    def on_data(data):
        received.extend(data)
        while b"\r\n\r\n" in received:
            head, _, rest = bytes(received).partition(b"\r\n\r\n")
            received[:] = rest
            path = head.split(b" ")[1].partition(b"?")[0].decode("latin-1")
            stream.write(request["pages"].get(path, request["missing"]))

    stream.on_data = on_data
    stream.on_end = stream.close


TCP_PROGRAMS = {"echo": serve_echo, "sink": serve_sink, "responder": serve_responder, "http": serve_http}
