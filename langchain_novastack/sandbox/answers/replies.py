"""Usual replies: an answer at once, an answer as a stream, an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack.sandbox.answers import render
from langchain_novastack.sandbox.http.wire_format import EVENTS, LAST_CHUNK, Head, Reply, comment, event, whole
from langchain_novastack.sandbox.validation.problems import ENVELOPES, Envelope, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from langchain_novastack.sandbox.answers.turn import Turn

DONE = event("[DONE]")
KEEP_ALIVE = comment("keep-alive")


def head(request_id: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Head:
    """Return the head of a reply, with the request's id in it."""
    return Head(status, {"x-request-id": request_id, **(headers or {})})


def usual(turn: Turn, headers: Mapping[str, str] | None = None, *, delay: float = 0.0) -> Reply:
    """Return the answer to a valid request; a stream's first event, or the whole answer, `delay` seconds later."""
    if turn.streamed:
        usage = turn.usage if render.wants_usage(turn) else None
        return Reply(200, stream_steps(turn, render.events(turn), headers, delay=delay), usage=usage)
    pause = [delay] if delay else []
    return Reply(200, [*pause, whole(head(turn.id, headers=headers), render.completion(turn))], usage=turn.usage)


def stream_steps(
    turn: Turn,
    events: list[render.Event],
    headers: Mapping[str, str] | None = None,
    *,
    delay: float = 0.0,
    done: bool = True,
) -> Iterator[bytes | float]:
    """Yield a stream: head, a keep-alive comment, the events, and what ends it properly if it is `done`."""
    yield head(turn.id, headers=headers).bytes(EVENTS, None) + KEEP_ALIVE
    if delay:
        yield delay
    pace = turn.settings.chunk_delay
    for each in events:
        if pace:
            yield pace
        yield event(each.data)
    if done:
        yield DONE + LAST_CHUNK


def error(
    problem: Problem, request_id: str, envelope: Envelope = "openai", headers: Mapping[str, str] | None = None
) -> Reply:
    """Return an error in one of the published shapes."""
    body = ENVELOPES[envelope](problem, request_id)
    return Reply(problem.status, [whole(head(request_id, problem.status, headers), body)])
