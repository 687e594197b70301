"""One event loop for all the programs of a scenario, whichever namespaces they live in: timers, sockets, nothing else.

Programs are written as the simulator's are, as callbacks on sockets, so that both do the same thing at the same event.
"""
import ctypes
import errno
import heapq
import itertools
import os
import select
import socket
import struct
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SIGKILL = 9
CHUNK = 65536


def die_with_parent():
    """A judge that is killed leaves no process behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL)


def name_of(number):
    """EHOSTUNREACH for 113."""
    return errno.errorcode.get(number, "E%d" % number)


class Namespaces:
    """Network namespaces by the names of their nodes. A socket stays in the one in which it was made."""

    def __init__(self, paths):
        self._open = {node: os.open(path, os.O_RDONLY | os.O_CLOEXEC) for node, path in paths.items()}

    @property
    def names(self):
        return list(self._open)

    def enter(self, node):
        if LIBC.setns(self._open[node], CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


class Loop:
    def __init__(self):
        self._poll = select.epoll()
        self._calls = {}
        self._timers = []
        self._serial = itertools.count()
        self.running = True

    def after(self, nanoseconds, call):
        """Calls once, so much later; the list that is returned is its handle for cancel()."""
        timer = [time.monotonic_ns() + nanoseconds, next(self._serial), call]
        heapq.heappush(self._timers, timer)
        return timer

    def cancel(self, timer):
        if timer is not None:
            timer[2] = None

    def watch(self, thing, events, call):
        """`call` is given the events that are there, READ, WRITE or FAULT; 0 watches for a fault alone."""
        fd = thing if isinstance(thing, int) else thing.fileno()
        if fd in self._calls:
            self._poll.modify(fd, events)
        else:
            self._poll.register(fd, events)
        self._calls[fd] = call

    def forget(self, thing):
        fd = thing if isinstance(thing, int) else thing.fileno()
        if self._calls.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def run(self):
        while self.running:
            for fd, events in self._poll.poll(self._until_next()):
                # It may have been forgotten by a call before it in the same round.
                call = self._calls.get(fd)
                if call is not None:
                    call(events)
            now = time.monotonic_ns()
            while self._timers and self._timers[0][0] <= now:
                call = heapq.heappop(self._timers)[2]
                if call is not None:
                    call()

    def _until_next(self):
        while self._timers and self._timers[0][2] is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0, self._timers[0][0] - time.monotonic_ns()) / 1e9


READ = select.EPOLLIN
WRITE = select.EPOLLOUT
FAULT = select.EPOLLERR | select.EPOLLHUP
LINGER_NONE = struct.pack("ii", 1, 0)


class Stream:
    """A TCP connection, being made or accepted: what is written waits until the stack takes it."""

    def __init__(self, loop, sock, connecting):
        self._loop = loop
        self.sock = sock
        self._connecting = connecting
        self._reading = True
        self._waiting = bytearray()
        self._ending = None
        self._told = None
        self._has_ended = False
        self.closed = False
        self.on_connect = self.on_end = lambda: None
        self.on_data = lambda data: None
        self.on_error = lambda number: None
        self._rewatch()

    def write(self, data):
        self._waiting += data
        self._flush()

    def when_taken(self, tell):
        self._told = tell
        self._flush()

    def end(self):
        """Once all is written: nothing more will be sent, what the peer sends is still read."""
        self._ending = "end"
        self._flush()

    def close(self):
        """Once all is written: the connection is closed."""
        self._ending = "close"
        self._flush()

    def abort(self):
        self._drop(True)

    def kill(self):
        """The process ends, whatever is still to be written."""
        self._drop(False)

    def pause(self):
        self._reading = False
        self._rewatch()

    def resume(self):
        self._reading = True
        self._rewatch()

    def _drop(self, reset):
        if self.closed:
            return
        self.closed = True
        self._loop.forget(self.sock)
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.sock.close()

    def _rewatch(self):
        if self.closed:
            return
        reads = READ if self._reading and not self._has_ended and not self._connecting else 0
        writes = WRITE if self._waiting or self._connecting else 0
        self._loop.watch(self.sock, reads | writes, self._ready)

    def _fail(self, number):
        if self.closed:
            return
        self._drop(False)
        self.on_error(number)

    def _flush(self):
        if self.closed or self._connecting:
            return
        try:
            while self._waiting:
                taken = self.sock.send(self._waiting)
                del self._waiting[:taken]
        except BlockingIOError:
            self._rewatch()
            return
        except OSError as error:
            # Told from the loop, never from inside of what the program does.
            self._loop.after(0, lambda number=error.errno: self._fail(number))
            return
        how, self._ending = self._ending, None
        if how == "end":
            try:
                self.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        elif how == "close":
            self._drop(False)
        self._rewatch()
        told, self._told = self._told, None
        if told is not None:
            told()

    def _ready(self, events):
        if self._connecting:
            self._answered()
            return
        if events & (WRITE | FAULT) and self._waiting:
            self._flush()
        elif events & (READ | FAULT) and self._reading and not self._has_ended:
            self._read()
        elif events & FAULT:
            number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            # Ended both ways without an error: that stays so.
            self._loop.forget(self.sock)
            if number != 0:
                self._fail(number)

    def _answered(self):
        number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number != 0:
            self._fail(number)
            return
        self._connecting = False
        self._rewatch()
        self.on_connect()
        self._flush()

    def _read(self):
        while self._reading and not self.closed and not self._has_ended:
            try:
                data = self.sock.recv(CHUNK)
            except BlockingIOError:
                return
            except OSError as error:
                self._fail(error.errno)
                return
            if not data:
                self._has_ended = True
                self._rewatch()
                self.on_end()
                return
            self.on_data(data)
