#!/usr/bin/env bash
# httpx2 2.16.2 (and httpx 0.28.1): the error of the socket under a `ConnectError`, with its `errno`, is not in the chain of
# `__cause__`. A good guess is wrong because both libraries raise "from" it; but the pool of httpcore raises what it caught
# once more, `from None`, which empties `__cause__` again and leaves the socket's error in `__context__` only. Code that
# follows `__cause__` to tell "refused" from "no such host" finds nothing.
# Seen 2026-11-28: httpx2.ConnectError <- httpcore2.ConnectError, whose cause is None and whose context is the
# ConnectionRefusedError; the same with httpx 0.28.1 and httpcore 1.0.9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx2==2.16.2 httpcore2==2.16.2 httpx==0.28.1 httpcore==1.0.9
cat >"$folder/see.py" <<'PY'
import socket

import httpx
import httpx2

with socket.socket() as free:  # nobody listens there any more
    free.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{free.getsockname()[1]}/"
for library in (httpx2, httpx):
    try:
        library.get(url, trust_env=False)
    except library.ConnectError as error:
        below = error.__cause__
        print(type(error).__module__, "<-", type(below).__module__, "cause:", below.__cause__, "context:", repr(below.__context__))
        assert below.__cause__ is None
        assert isinstance(below.__context__, ConnectionRefusedError)
    else:
        raise SystemExit("connected")
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
