"""`langchain-novastack "..."`, also `python -m`: ask from the command line; answer on stdout, route on stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from pydantic import ValidationError

from langchain_novastack.display.terminal import discard, parser_of
from langchain_novastack.redaction import printable
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    import argparse

    from langchain_core.messages import AIMessageChunk

    from langchain_novastack.router.router import NovastackRouter

FAILED, USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes: the models failed; the arguments are wrong; the user pressed Ctrl-C."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; exits with 2 and a usage line if it is wrong."""
    parser = parser_of("langchain-novastack", "Ask the right Novastack model.")
    given = parser.parse_args(arguments)
    if given.what == "check":
        if unused := [name for name in ("prompt", "model", "system") if getattr(given, name) is not None]:
            parser.error(f"--check takes no {' and no '.join(unused)}: it asks each model questions of its own")
    else:
        prompt = given.prompt
        if prompt in {None, "-"}:
            piped = sys.stdin and (prompt or not sys.stdin.isatty())  # None: closed, as by `<&-`
            prompt = sys.stdin.read() if piped else ""
        if not prompt.strip():
            parser.error("nothing to ask: give a prompt, or - and text on standard input")
        asked = (("system", given.system), ("human", prompt.encode(errors="replace").decode()))
        given.messages = [(role, text) for role, text in asked if text]
    return given


def say(line: str) -> None:
    """Print a line for the person, beside the answer; one that cannot be written must not cost the answer."""
    if sys.stderr is None:  # closed, as by `2>&-`: print would take standard output
        return
    try:
        print(printable(line), file=sys.stderr, flush=True)  # noqa: T201 - a command line prints
    except OSError:
        discard(sys.stderr)


def _write(text: str, end: str = "\n") -> None:
    print(printable(text), end=end, flush=True)  # noqa: T201 - a command line prints


def open_router(stack: ExitStack, given: argparse.Namespace) -> NovastackRouter:
    """Return a router on the gateway, or on a sandbox if asked for or without a key."""
    from langchain_novastack.router.router import NovastackRouter  # noqa: PLC0415 - after the arguments are known to be good

    settings = {name: vars(given)[name] for name in ("temperature", "max_tokens", "timeout")}
    settings = {name: value for name, value in settings.items() if value is not None}
    if not given.sandbox and os.environ.get("NOVASTACK_API_KEY", "").strip():
        return NovastackRouter(**settings)
    if not given.sandbox:
        say("NOVASTACK_API_KEY is not set: answers are simulated by a sandbox on this machine.")
    from langchain_novastack.sandbox import Sandbox  # noqa: PLC0415 - only when used

    box = stack.enter_context(Sandbox())
    return NovastackRouter(base_url=box.base_url, api_key=box.api_key, **settings)


def _answer(router: NovastackRouter, given: argparse.Namespace) -> None:
    """Stream the answer, then say which model answered and why."""
    chunks: list[AIMessageChunk] = []
    for chunk in router.stream(given.messages, model=given.model):
        chunks.append(chunk)
        if not given.json:
            _write(chunk.text, end="")
    answer = chunks[0] + chunks[1:]
    record, ended = answer.response_metadata[ROUTING], answer.response_metadata.get("finish_reason")
    refusal = str(answer.additional_kwargs.get("refusal") or "")
    if given.json:
        told = {"content": answer.text, "finish_reason": ended, "refusal": refusal, ROUTING: record}
        _write(json.dumps({name: told[name] for name in told if refusal or name != "refusal"}, ensure_ascii=False))
        return
    failed = [f"{attempt['model']}: {attempt['error']}" for attempt in record["attempts"] if attempt["error"]]
    said = f"{record['model']} answered. {record['reason']}"
    said += f" It was asked after {'; '.join(failed)}." if record["fallback"] else ""
    said += "" if ended in {None, "stop", "tool_calls"} else f" It ended with finish reason {ended}."
    _write("")
    say(said + (f" It refused: {' '.join(refusal.split())}" if refusal else ""))


def _decision(router: NovastackRouter, given: argparse.Namespace) -> None:
    decision = router.route(given.messages, model=given.model)
    _write(decision.model_dump_json() if given.json else decision.model)
    say(f"{decision.model} would answer. {decision.reason}")


def _comparison(router: NovastackRouter, given: argparse.Namespace) -> None:
    """Show all models' answers; fails only if all of them did."""
    comparison = router.compare(given.messages, models=None if given.model is None else [given.model])
    _write(json.dumps(comparison.to_records(), ensure_ascii=False) if given.json else str(comparison))
    if all(answer.error for answer in comparison):
        raise comparison.answers[0].error or RuntimeError


def _check_up(router: NovastackRouter, given: argparse.Namespace) -> int:
    found = router.check()
    _write(json.dumps(found.to_records(), ensure_ascii=False) if given.json else str(found))
    return 0 if found.ok else FAILED


_WAYS: dict[str | None, Callable[[NovastackRouter, argparse.Namespace], int | None]]
_WAYS = {None: _answer, "route": _decision, "compare": _comparison, "check": _check_up}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 if the models failed, 2 if the arguments are wrong."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # one sign that a terminal cannot show must not cost the answer
    try:
        given = parse(arguments)
        with ExitStack() as stack:
            return _run(stack, given)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(stack: ExitStack, given: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    from langchain_novastack.errors import NovastackError  # noqa: PLC0415 - it needs the SDK

    try:
        router = open_router(stack, given)
        if given.model is not None:
            router.resolve(given.model)
        return _WAYS[given.what](router, given) or 0
    except NovastackError as error:
        say(f"{type(error).__name__}: {error}")
    except ValueError as error:
        errors = error.errors() if isinstance(error, ValidationError) else [{"msg": str(error)}]
        say(str(errors[0]["msg"]).removeprefix("Value error, "))  # one line, without pydantic's frame around it
        return USAGE
    except OSError as error:  # the answer cannot be written; a reader that left needs no message
        if not isinstance(error, BrokenPipeError):
            say(f"{type(error).__name__}: {error}")
        discard(sys.stdout)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
