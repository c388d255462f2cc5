#!/usr/bin/env bash
# httpx 0.28.1 with httpcore 1.0.9: while 20 answers are being streamed, each other request costs a new connection, made for
# it and closed behind it; with 19 under way, all of them share one. 20 is the default of `max_keepalive_connections`.
# A good guess is wrong because httpcore documents that limit as one of idle connections, and only a single one would be
# idle here; what the pool compares with it is the number of all its connections, those in use too. Long streams of
# models fill it, and then every short request pays for a new handshake. httpx2 2.16.2 counts the idle ones.
# Seen 2026-11-30: new connections of 6 requests in a row beside 19 and 20 streams: httpx 1 and 6, httpx2 1 and 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx==0.28.1 httpcore==1.0.9 httpx2==2.16.2 httpcore2==2.16.2
cat >"$folder/see.py" <<'PY'
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import httpx2

connections, over = [], threading.Event()


class Gateway(BaseHTTPRequestHandler):
    """Answers /short at once, and anything else with a stream that lasts until `over` is set."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        connections.append(self.client_address)
        super().setup()

    def do_GET(self):
        self.send_response(200)
        if self.path == "/short":
            self.send_header("content-length", "0")
            self.end_headers()
            return
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"9\r\ndata: x\n\n\r\n")
        over.wait(20)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 64


server = Server(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"


def beside(library, streams):
    """Return how many connections six short requests in a row make while so many streams are under way."""
    over.clear()
    pieces = []  # each keeps its stream under way
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(library.Client(trust_env=False))
        stack.callback(over.set)
        for _ in range(streams):
            pieces.append(stack.enter_context(client.stream("GET", url + "/stream")).iter_raw())
            assert next(pieces[-1]).startswith(b"data: x")
        before = len(connections)
        for _ in range(6):
            assert client.get(url + "/short").status_code == 200
        return len(connections) - before


seen = {library.__name__: [beside(library, streams) for streams in (19, 20)] for library in (httpx, httpx2)}
print("new connections of 6 requests in a row beside 19 and 20 streams:", seen)
assert seen == {"httpx": [1, 6], "httpx2": [1, 1]}
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
