"""What a program does with a TCP connection, one thing after the other."""


class Actor:
    """Does one thing after the other with a connection, as sim/program/tcp-actor.ts does."""

    def __init__(self, loop, stream, actions, silence, done):
        self._loop = loop
        self._stream = stream
        self._actions = list(actions)
        self._silence = silence
        self._done = done
        self._reads_along = not any(one["kind"] == "read" and one.get("count") is not None for one in actions)
        self._current = None
        self._wanted = 0
        self._listening = True
        self._has_ended = False
        self._over = False
        self._is_done = False
        self._timer = None

    def start(self):
        self._next()

    def got(self, count):
        self._wanted -= count
        if self._current is None or self._current["kind"] != "read":
            return
        if self._wanted <= 0:
            self._next()
        else:
            self._await_data()

    def ended(self):
        self._has_ended = True
        if self._current is not None and self._current["kind"] == "read":
            self._next()

    def broken(self):
        self._over = True
        if self._current is None or self._current["kind"] != "wait":
            self._finish()

    def _next(self):
        self._loop.cancel(self._timer)
        self._current = self._actions.pop(0) if self._actions else None
        if self._current is None or self._over:
            self._finish()
        else:
            self._begin(self._current)

    def _begin(self, action):
        kind = action["kind"]
        if kind == "wait":
            self._listens(False)
            self._timer = self._loop.after(action["time"], self._next)
        elif kind == "write":
            self._listens(self._reads_along)
            self._stream.write(action["data"])
            self._stream.when_taken(self._next)
        elif kind == "read":
            self._read(action.get("count"))
        else:
            {"end": self._stream.end, "close": self._stream.close, "abort": self._stream.abort}[kind]()
            self._next()

    def _listens(self, listening):
        if self._listening == listening:
            return
        self._listening = listening
        if listening:
            self._stream.resume()
        else:
            self._stream.pause()

    def _read(self, count):
        self._wanted = min(self._wanted, 0) + (float("inf") if count is None else count)
        if self._has_ended or self._wanted <= 0:
            self._next()
            return
        self._listens(True)
        self._await_data()

    def _await_data(self):
        self._loop.cancel(self._timer)
        if self._silence is not None:
            self._timer = self._loop.after(self._silence, self._give_up)

    def _give_up(self):
        self._stream.close()
        self._finish()

    def _finish(self):
        if self._is_done:
            return
        self._is_done = True
        self._loop.cancel(self._timer)
        self._actions = []
        self._current = None
        self._done()
