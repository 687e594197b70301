"""Programs that connect: tcp, connections that are held, http, as sim/program has them; and all programs by name."""
import errno
import hashlib
import socket
import struct

from actor import Actor
from loop import Stream, name_of
from servers import set_options
from udp_client import UdpClient, bind, open_socket

# As /proc/net/tcp writes it.
TIME_WAIT = "06"


class Connection:
    """A client's connection, made as the step says. The callbacks are those of sim/program/tcp-connection.ts."""

    def __init__(self, peer, request, connected, data, ended, failed):
        self._loop = peer.loop
        self._failed = failed
        self._timer = None
        self.connected = False
        self.error = ""
        self.is_over = False
        self.stream = None
        sock = None
        try:
            sock = open_socket(peer, request, socket.SOCK_STREAM)
            set_options(sock, request)
            bind(sock, request)
            number = sock.connect_ex((request["to"], request["port"]))
            if number not in (0, errno.EINPROGRESS):
                raise OSError(number, "")
        except OSError as error:
            if sock is not None:
                sock.close()
            self.is_over = True
            self.error = name_of(error.errno)
            self._loop.after(0, failed)
            return
        if request.get("timeout") is not None:
            self._timer = self._loop.after(request["timeout"], self._expire)

        def on_connect():
            self._loop.cancel(self._timer)
            self.connected = True
            connected()

        self.ends = (sock.getsockname(), (request["to"], request["port"]))
        self.stream = Stream(self._loop, sock, True)
        self.stream.on_connect = on_connect
        self.stream.on_data = data
        self.stream.on_end = ended
        self.stream.on_error = self._broken

    def write(self, data):
        if not self.is_over:
            self.stream.write(data)

    def close(self):
        self._loop.cancel(self._timer)
        if not self.is_over:
            self.stream.close()

    def abort(self):
        self._loop.cancel(self._timer)
        if not self.is_over:
            self.is_over = True
            self.stream.abort()

    def _expire(self):
        self.stream.abort()
        self._broken(errno.ETIMEDOUT)

    def _broken(self, number):
        self._loop.cancel(self._timer)
        self.is_over = True
        self.error = self.error or name_of(number)
        self._failed()


def summary(connection, received):
    return {
        "connected": connection.connected,
        "bytes": len(received),
        "digest": hashlib.sha256(received).hexdigest()[:16],
        "error": connection.error,
    }


class TcpClient:
    """One connection, on which the actions of the step are done."""

    def __init__(self, peer, request, answer):
        received = bytearray()
        actor = None

        def connected():
            nonlocal actor
            actor = Actor(peer.loop, connection.stream, request["actions"], request["silence"], finish)
            actor.start()

        def data(chunk):
            received.extend(chunk)
            actor.got(len(chunk))

        def failed():
            if actor is None:
                finish()
            else:
                actor.broken()

        def finish():
            answer(summary(connection, received))

        connection = Connection(peer, request, connected, data, lambda: actor.ended(), failed)


class HeldClient:
    """A connection that outlives the step that made it, as sim/program/held-connection.ts has it."""

    def __init__(self, peer, request, answer):
        self._peer = peer
        self._node = request["node"]
        self._silence = request["silence"]
        self._answer = answer
        self._received = bytearray()
        self._waiting = None
        if request.get("name") is not None:
            peer.held[request["name"]] = self

        def connected():
            connection.write(request["send"])
            self._listen()

        def data(chunk):
            self._received.extend(chunk)
            self._listen()

        connection = Connection(peer, request, connected, data, self._listen, self._finish)
        self._connection = connection
        peer.loop.after(request["hold"], connection.close)

    def act(self, request, answer):
        self._finish()
        self._answer = answer
        connection = self._connection
        connection.write(request["send"])
        how = request.get("finish")
        if how == "close":
            connection.close()
            self._await_end()
        elif how == "abort":
            connection.abort()
        if connection.is_over:
            self._finish()
        else:
            self._listen()

    def _await_end(self):
        """Nobody tells of a socket that was given up: its row in the table of the namespace does."""
        if self._answer is None:
            return
        if self._is_gone():
            self._connection.is_over = True
            self._finish()
        else:
            self._peer.loop.after(5_000_000, self._await_end)

    def _is_gone(self):
        (own, own_port), (peer, peer_port) = self._connection.ends
        words = ["%s:%04X" % (table_address(own), own_port), "%s:%04X" % (table_address(peer), peer_port)]
        self._peer.namespaces.enter(self._node)
        with open("/proc/thread-self/net/tcp", encoding="ascii") as table:
            for row in table:
                parts = row.split()
                if parts[1:3] == words:
                    return parts[3] == TIME_WAIT
        return True

    def _listen(self):
        if self._answer is None:
            return
        self._peer.loop.cancel(self._waiting)
        self._waiting = self._peer.loop.after(self._silence, self._finish)

    def _finish(self):
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self._peer.loop.cancel(self._waiting)
        received, self._received = self._received, bytearray()
        answer(summary(self._connection, received))


def table_address(text):
    """As /proc/net/tcp writes it: the number in the byte order of the machine."""
    return "%08X" % struct.unpack("=I", socket.inet_aton(text))[0]


def act_on_held(peer, request, answer):
    held = peer.held.get(request["on"])
    if held is None:
        answer({"refusal": True})
    else:
        held.act(request, answer)


class HttpClient:
    """One GET; the request is written as bytes that the step gives."""

    def __init__(self, peer, request, answer):
        self._loop = peer.loop
        self._request = request
        self._answer = answer
        self._received = bytearray()
        self._timer = None
        self._connection = Connection(peer, request, self._connected, self._data, self._ended, self._finish)

    def _connected(self):
        self._connection.write(self._request["send"])
        self._listen()

    def _listen(self):
        self._loop.cancel(self._timer)
        self._timer = self._loop.after(self._request["silence"], self._finish)

    def _data(self, chunk):
        self._received.extend(chunk)
        self._listen()
        head, separator, body = bytes(self._received).partition(b"\r\n\r\n")
        length = content_length(head)
        if separator and length is not None and len(body) >= length:
            self._finish(status_of(head), body[:length])

    def _ended(self):
        head, separator, body = bytes(self._received).partition(b"\r\n\r\n")
        if separator and content_length(head) is None:
            self._finish(status_of(head), body)
        else:
            self._finish()

    def _finish(self, status=0, body=b""):
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self._loop.cancel(self._timer)
        answer({**summary(self._connection, body), "status": status})
        self._connection.close()


def status_of(head):
    return int(head.split(b" ")[1])


def content_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return None


PROGRAMS = {"udp": UdpClient, "tcp": TcpClient, "hold": HeldClient, "held": act_on_held, "http": HttpClient}
