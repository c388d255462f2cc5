#!/usr/bin/env bash
# httpx2 2.16.2 with http2=True: a read timeout is the connection's, not the answer's. An answer that is silent for longer than
# its timeout does not end while others of its connection get bytes; and where all are silent the shortest timeout ends
# all of them. An answer that is left early is not reset on the wire: the server goes on sending it.
# A good guess is wrong because streams of HTTP/2 are independent, and over HTTP/1.1 a timeout is one request's.
# Seen 2026-11-28 (httpcore2 2.16.2, h2 4.4.1): two silent answers with 10 s and 0.5 s: both ReadTimeout, after 0.6 and 0.5 s;
# a silent one with 0.5 s beside a busy one: no timeout, whole after 2.6 s; resets that the server saw of one left: 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx2==2.16.2 httpcore2==2.16.2 h2==4.4.1 trustme==1.2.1
cat >"$folder/see.py" <<'PY'
import socket
import ssl
import threading
import time
from contextlib import suppress

import h2.config
import h2.connection
import h2.events
import httpx2
import trustme

resets = []


def serve(sock):
    state, lock = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False)), threading.Lock()

    def write(change):
        with lock:
            change()
            sock.sendall(state.data_to_send())

    def answer(number, path):
        with suppress(OSError):  # the client may have gone
            write(lambda: state.send_headers(number, [(":status", "200")]))
            for at in range(1 if "short" in path else 24):
                if "busy" in path or at == 0:
                    write(lambda: state.send_data(number, b"x"))
                time.sleep(0.1)
            write(lambda: state.end_stream(number))

    write(state.initiate_connection)
    while data := sock.recv(65536):
        with lock:
            events = state.receive_data(data)
            sock.sendall(state.data_to_send())
        for event in events:
            if isinstance(event, h2.events.RequestReceived):
                path = dict(event.headers)[b":path"].decode()
                threading.Thread(target=answer, args=(event.stream_id, path), daemon=True).start()
            elif isinstance(event, h2.events.StreamReset):
                resets.append(event.stream_id)


authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("127.0.0.1").configure_cert(tls)
tls.set_alpn_protocols(["h2"])
trust = ssl.create_default_context()
authority.configure_trust(trust)
listener = socket.create_server(("127.0.0.1", 0))


def accept():
    while True:
        sock = tls.wrap_socket(listener.accept()[0], server_side=True)
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
url = f"https://127.0.0.1:{listener.getsockname()[1]}"

with httpx2.Client(http2=True, verify=trust, trust_env=False) as client:
    with client.stream("GET", url + "/silent") as left:
        assert left.http_version == "HTTP/2" and next(left.iter_raw()) == b"x"
    time.sleep(0.3)
    print("resets that the server saw of an answer that was left:", len(resets))
    assert not resets

ended = {}


def take(client, path, seconds):
    began = time.monotonic()
    try:
        with client.stream("GET", url + path, timeout=seconds) as response:
            end = sum(len(piece) for piece in response.iter_raw())
    except httpx2.HTTPError as error:
        end = type(error).__name__
    ended[path] = end, round(time.monotonic() - began, 1)


def beside(*asked):
    """Ask at once over one connection -> how each answer ends, and after how many seconds."""
    ended.clear()
    with httpx2.Client(http2=True, verify=trust, trust_env=False) as client:
        assert client.get(url + "/short").status_code == 200
        threads = [threading.Thread(target=take, args=(client, *each)) for each in asked]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
        for thread in threads:
            thread.join(20)
    return dict(ended)


patient = beside(("/silent-a", 10), ("/silent-b", 0.5))
print("two silent ones, 10 s and 0.5 s:", patient)
late = beside(("/busy", 10), ("/silent", 0.5))
print("a busy one, and a silent one with 0.5 s:", late)
assert [end for end, _ in patient.values()] == ["ReadTimeout", "ReadTimeout"]
assert all(seconds < 2 for _, seconds in patient.values())
assert late["/silent"][1] > 1.5
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
