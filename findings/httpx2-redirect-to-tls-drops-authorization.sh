#!/usr/bin/env bash
# httpx2 2.16.2 (and httpx 0.28.1): a redirect from http to https on the same host keeps the Authorization header between
# ports 80 and 443 only; between any other two ports it is followed without the header, and the answer is a 401.
# A good guess is wrong because "same host, TLS added" is an exception that the library makes on purpose; it just
# compares default ports. And a POST that meets a 301 or 302 arrives as a GET without a body (with 307 and 308 as it was).
# Seen 2026-11-28: http://h/ -> https://h/: "Bearer k"; http://h:8080/ -> https://h:8443/: None; 301: GET.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx2==2.16.2 httpx==0.28.1
cat >"$folder/see.py" <<'PY'
import httpx
import httpx2


def arrives(library, here, there, status):
    """Return method and Authorization header of the request that follows a redirect; nothing leaves the process."""

    def answer(request):
        if str(request.url) == here:
            return library.Response(status, headers={"location": there})
        return library.Response(200, json=[request.method, request.headers.get("authorization")])

    with library.Client(transport=library.MockTransport(answer), follow_redirects=True) as client:
        return client.post(here, headers={"authorization": "Bearer k"}, json={}).json()


for library in (httpx2, httpx):
    default = arrives(library, "http://h/", "https://h/", 307)
    other = arrives(library, "http://h:8080/", "https://h:8443/", 307)
    moved = arrives(library, "http://h/", "https://h/", 301)
    print(library.__name__, "80 to 443:", default, "8080 to 8443:", other, "301:", moved)
    assert (default, other, moved[0]) == (["POST", "Bearer k"], ["POST", None], "GET")
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
