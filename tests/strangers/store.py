"""What the strangers share: a small replicated store with one value a key and no contexts.

A put asks a majority for the latest stamp, takes the next, and is acknowledged by a majority; a get asks a
majority; everything is sent to everybody again and again. Only the standard library; nothing of Schism.
"""

import argparse
import json
import pathlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as Late
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 0.7
PERIOD_S = 0.3


class Store:
    """One node."""

    def __init__(self, name, peers, data):
        self.name, self.peers = name, peers
        self.latest = {}
        """Key -> [stamp, value]; a value of None is a delete."""
        self.writes = 0
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(32)
        path = pathlib.Path(data, "log")
        for line in path.read_text().splitlines() if path.exists() else ():
            key, stamp, value = json.loads(line)
            self.latest[key] = [stamp, value]
        self.log = path.open("a")

    def call(self, peer, path, body):
        """Ask a peer; None if it does not answer."""
        return ask(self.peers[peer], "POST", path, body)

    def majority(self, path, body):
        """The answers of a majority, our own first; None if there is none."""
        found = [self.heard(path, body)]
        calls = [self.pool.submit(self.call, peer, path, body) for peer in self.peers if peer != self.name]
        try:
            for call in as_completed(calls, PATIENCE_S):
                found += [call.result()] if call.result() is not None else []
                if 2 * len(found) > len(self.peers):
                    return found
        except Late:
            pass
        return None

    def heard(self, path, body):
        """A request of a peer."""
        with self.lock:
            if path == "/take":
                for key, (stamp, value) in body.items():
                    self.keep(key, stamp, value)
            return {key: self.latest.get(key, [[0], None]) for key in body}

    def keep(self, key, stamp, value):
        """The later of what is there and this."""
        if stamp > self.latest.get(key, [[0]])[0]:
            self.log.write(json.dumps([key, stamp, value]) + "\n")
            self.log.flush()
            self.latest[key] = [stamp, value]

    def get(self, key):
        """[stamp, value], the latest of a majority; None if there is no majority."""
        found = self.majority("/look", {key: None})
        return None if found is None else max((answer[key] for answer in found), key=lambda pair: pair[0])

    def put(self, key, value):
        """Whether a majority has it."""
        found = self.get(key)
        return found is not None and self.majority("/take", {key: [self.stamp(found[0]), value]}) is not None

    def stamp(self, seen):
        """One that is later than `seen`, and nobody else's."""
        with self.lock:
            self.writes += 1
            return [seen[0] + 1, self.name, time.time_ns(), self.writes]

    def gossip(self):
        """Send everything to everybody, for ever."""
        while True:
            time.sleep(PERIOD_S)
            with self.lock:
                everything = dict(self.latest)
            for peer in self.peers:
                if peer != self.name:
                    self.pool.submit(self.call, peer, "/take", everything)


def ask(address, method, path, body):
    connection = HTTPConnection(*address, timeout=PATIENCE_S)
    try:
        connection.request(method, path, json.dumps(body))
        return json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def handler(store):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def body(self):
            return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")

        def answer(self, status, value=None):
            text = json.dumps(value).encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if status != 204:
                self.wfile.write(text)

        def do_POST(self):
            self.answer(200, store.heard(self.path, self.body()))

        def do_GET(self):
            kind, _, key = self.path[1:].partition("/")
            found = store.get(key) if kind == "kv" else store.latest.get(key, [[0], None])
            if found is None:
                self.answer(503)
            else:
                self.answer(200 if found[1] is not None else 404, found[1])

        def do_PUT(self):
            self.answer(204 if store.put(self.path[4:], self.body()) else 503)

        def do_DELETE(self):
            self.answer(204 if store.put(self.path[4:], None) else 503)

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def serve(kind):
    """Run a node of this kind, as the command line says."""
    parser = argparse.ArgumentParser()
    for word in ("name", "host", "peer-port", "client-port", "peers", "data"):
        parser.add_argument(f"--{word}", required=True)
    given = parser.parse_args()
    peers = {}
    for entry in given.peers.split(","):
        name, _, where = entry.partition("=")
        peers[name] = (where.rpartition(":")[0], int(where.rpartition(":")[2]))
    store = kind(given.name, peers, given.data)
    doors = [Server((given.host, int(port)), handler(store)) for port in (given.peer_port, given.client_port)]
    for door in doors:
        threading.Thread(target=door.serve_forever, daemon=True).start()
    store.gossip()
