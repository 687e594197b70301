"""The programs of a scenario on real sockets: servers of the topology and clients of its steps, as sim/program has them.

Reads one JSON request a line from its standard input and answers each by its id, perhaps much later:
  {"id": 1, "do": "namespaces", "paths": {"a": "/run/netns/..."}}
  {"id": 2, "do": "serve", "node": "a", "name": "tcp-80", "program": "echo", "protocol": "tcp", "address": "", "port": 80}
  {"id": 3, "do": "udp", "node": "a", ...}      {"id": 4, "do": "tcp", ...}     {"id": 5, "do": "held", ...}
  {"id": 6, "do": "counters"}
Ends when its input ends, and with the judge.
"""
import base64
import json
import os
import sys

import clients
import servers
from loop import READ, Loop, Namespaces, die_with_parent


class Peer:
    def __init__(self):
        self.loop = Loop()
        self.namespaces = None
        self.services = {}
        self.held = {}
        self._input = b""

    def run(self):
        os.set_blocking(0, False)
        self.loop.watch(0, READ, self._read)
        self.loop.run()

    def _read(self, _events):
        data = os.read(0, 1 << 20)
        if not data:
            self.loop.running = False
            return
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            request = json.loads(line, object_hook=with_bytes)
            try:
                self._do(request, lambda answer, number=request["id"]: self._say(number, answer))
            except OSError as error:
                self._say(request["id"], {"fault": str(error)})

    def _say(self, number, answer):
        sys.stdout.write(json.dumps({"id": number, **answer}) + "\n")
        sys.stdout.flush()

    def _do(self, request, answer):
        what = request["do"]
        if what == "namespaces":
            self.namespaces = Namespaces(request["paths"])
            answer({})
        elif what == "counters":
            answer({"text": json.dumps({node: self._counters(node) for node in self.namespaces.names})})
        elif what == "serve":
            self._serve(request, answer)
        elif what == "stop":
            service = self.services.pop((request["node"], request["name"]), None)
            if service is not None:
                service.close()
            answer({})
        else:
            clients.PROGRAMS[what](self, request, answer)

    def _counters(self, node):
        """As nstat(8) names them: each line of names in these files is followed by a line of numbers."""
        self.namespaces.enter(node)
        counts = {}
        for table in ("snmp", "netstat"):
            with open("/proc/thread-self/net/" + table, encoding="ascii") as file:
                lines = [line.split() for line in file]
            for names, numbers in zip(lines[::2], lines[1::2]):
                group = names[0].rstrip(":")
                counts.update((group + name, int(number)) for name, number in zip(names[1:], numbers[1:]))
        return {name: count for name, count in counts.items() if count != 0}

    def _serve(self, request, answer):
        key = (request["node"], request["name"])
        if key not in self.services:
            try:
                self.namespaces.enter(request["node"])
                self.services[key] = servers.start(self.loop, request)
            except OSError:
                answer({"refusal": True})
                return
        answer({})


def with_bytes(value):
    """Bytes travel as {"base64": TEXT}."""
    return base64.b64decode(value["base64"]) if len(value) == 1 and "base64" in value else value


if __name__ == "__main__":
    die_with_parent()
    Peer().run()
