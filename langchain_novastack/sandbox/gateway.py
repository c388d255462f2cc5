"""What happens to a request: key, path, validity, faults, answer."""

from __future__ import annotations

import itertools
import json
import logging
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_novastack.sandbox.answers.turn import Turn
from langchain_novastack.sandbox.arguments import EVERY, ScriptedAnswer
from langchain_novastack.sandbox.faults import Fault, reply_with
from langchain_novastack.sandbox.server import ReceivedRequest, Reply, RequestLog, whole
from langchain_novastack.sandbox.validation.problems import Refused, refuse
from langchain_novastack.sandbox.validation.request import check_for_model, check_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import UnionType

    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.arguments import SandboxSettings

PREFIX = "/router/v1"
_METHODS = {f"{PREFIX}/chat/completions": "POST", f"{PREFIX}/models": "GET"}

logger = logging.getLogger(__name__)
Outcome: TypeAlias = Fault | ScriptedAnswer


class Gateway:
    """Answers requests, one by one, in the server's thread; keeps what was asked of it and what arrived."""

    def __init__(self, settings: SandboxSettings) -> None:
        """Use these settings; everything is as usual at first."""
        self.settings = settings
        self.log = RequestLog()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._queue: list[tuple[str, Outcome, Iterator[Outcome]]] = []

    def add(self, model: str, outcome: Outcome) -> None:
        """Append what is to happen to the next requests, for a model or for all, as many times as it says."""
        turns = itertools.repeat(outcome) if outcome.times is None else itertools.repeat(outcome, outcome.times)
        with self._lock:
            self._queue.append((self.settings.alias(model), outcome, turns))

    def forget(self, kinds: type | UnionType, model: str | None = None) -> None:
        """Remove outcomes of some kinds, of a model or (None) all."""
        alias = None if model is None else self.settings.alias(model)
        with self._lock:
            kept = [each for each in self._queue if alias not in {None, each[0]} or not isinstance(each[1], kinds)]
            self._queue = kept

    def _take(self, model: str) -> Outcome | None:
        """Return what happens to the next request; what was asked for its model comes before what was for all."""
        with self._lock:
            for entry in sorted(self._queue, key=lambda entry: entry[0] == EVERY):
                if entry[0] in {model, EVERY}:
                    if next(entry[2], None):
                        return entry[1]
                    self._queue.remove(entry)
        return None

    def handle(self, record: ReceivedRequest, body: bytes | None) -> Reply:
        """Return the reply to a request, and complete its record; the body is None if it is too large. Never raises."""
        id = f"chatcmpl-sandbox{next(self._numbers):08d}"
        try:
            refuse(body is None, "too_large")
            record.body = _parsed(body) if body else None
            said = record.body if isinstance(record.body, dict) else {}
            card = self.settings.find_by_id(str(said.get("model")))
            record.model, record.stream = card.alias if card else None, said.get("stream") is True
            reply = self._reply(record, card, id)
        except Exception as error:
            if not isinstance(error, (Refused, RecursionError)):
                logger.exception("The sandbox itself failed")
            rule = "too_deep" if isinstance(error, RecursionError) else "own_failure"
            refused = error if isinstance(error, Refused) else Refused(rule)
            reply = whole(refused.status, {"x-request-id": id}, refused.in_envelope("openai", id))
        record.status = reply.status
        self.log.note(record)
        return reply

    def _reply(self, record: ReceivedRequest, card: ModelCard | None, id: str) -> Reply:
        settings, method = self.settings, _METHODS.get(record.path)
        refuse(record.headers.get("authorization") != f"Bearer {settings.api_key}", "key")
        refuse(method != record.method, "method" if method else "path", method=method, path=record.path)
        if method == "GET":
            return whole(200, {"x-request-id": id}, {"object": "list", "data": settings.listed_models()})
        refuse(not isinstance(record.body, dict), "not_an_object")
        body = {name: value for name, value in record.body.items() if value is not None}
        refuse(not isinstance(body.get("model"), str), "no_model")
        if card is None:
            known = ", ".join(card.id for card in settings.models.values())
            raise Refused("unknown_model", name=body["model"], known=known)
        check_request(body)
        turn = Turn(body, card, settings, id)
        check_for_model(turn)
        outcome = self._take(card.alias)
        if isinstance(outcome, Fault):
            record.fault = outcome.kind
            return reply_with(outcome, turn).after(settings.delay)
        turn.script = outcome or turn.script
        return turn.reply().after(settings.delay)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=int)  # NaN and Infinity, which JSON does not have, are no integers
    except ValueError:
        raise Refused("not_json") from None
