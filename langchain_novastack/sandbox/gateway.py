"""What happens to a request: key, path, validity, faults, answer."""

from __future__ import annotations

import itertools
import json
import logging
from typing import TYPE_CHECKING, Any, NoReturn

from langchain_novastack.sandbox.answers import replies
from langchain_novastack.sandbox.answers.turn import Turn
from langchain_novastack.sandbox.faults import Fault, reply_with
from langchain_novastack.sandbox.log import ReceivedRequest, RequestLog
from langchain_novastack.sandbox.server import Reply, whole
from langchain_novastack.sandbox.validation.problems import Refused
from langchain_novastack.sandbox.validation.request import check_for_model, check_request

if TYPE_CHECKING:
    from langchain_novastack.sandbox.arguments import SandboxSettings
    from langchain_novastack.sandbox.schedule import Schedule

PREFIX = "/router/v1"
_MODELS = f"{PREFIX}/models"
_METHODS = {f"{PREFIX}/chat/completions": "POST", _MODELS: "GET"}

logger = logging.getLogger(__name__)


class Gateway:
    """Answers requests, one by one, in the server's thread."""

    def __init__(self, settings: SandboxSettings, schedule: Schedule, log: RequestLog) -> None:
        """Use these settings and this schedule, and write to this log."""
        self.settings = settings
        self.schedule = schedule
        self.log = log
        self._numbers = itertools.count(1)

    def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[ReceivedRequest, Reply]:
        """Return a request's record and its reply. Never raises."""
        record = ReceivedRequest(path, method, headers)
        id = f"chatcmpl-sandbox{next(self._numbers):08d}"
        try:
            record.body = _parsed(body)
            if isinstance(record.body, dict):  # note what it says, right or wrong
                card = self.settings.find_by_id(str(record.body.get("model")))
                record.model, record.stream = card.alias if card else None, record.body.get("stream") is True
            reply = self._reply(record, id)
        except Exception as error:
            if not isinstance(error, (Refused, RecursionError)):
                logger.exception("The sandbox itself failed")
            rule = "too_deep" if isinstance(error, RecursionError) else "own_failure"
            refused = error if isinstance(error, Refused) else Refused.by(rule)
            reply = whole(refused.status, {"x-request-id": id}, refused.in_envelope("openai", id))
        record.status, record.fault = reply.status, reply.fault
        self.log.note(record)
        return record, reply

    def _reply(self, record: ReceivedRequest, id: str) -> Reply:
        if record.headers.get("authorization") != f"Bearer {self.settings.api_key}":
            raise Refused.by("key")
        method = _METHODS.get(record.path)
        if method != record.method:
            raise Refused.by("method" if method else "path", method=method, path=record.path)
        if record.path == _MODELS:
            common = {"object": "model", "created": 0, "owned_by": "sandbox"}
            data = [
                {"id": card.id, **common, "context_length": card.profile.get("max_input_tokens")}
                for card in self.settings.models.values()
            ]
            return whole(200, {"x-request-id": id}, {"object": "list", "data": data})
        if not isinstance(record.body, dict):
            raise Refused.by("not_an_object")
        body = {name: value for name, value in record.body.items() if value is not None}
        return self._chat(body, id).after(self.settings.delay)

    def _chat(self, body: dict[str, Any], id: str) -> Reply:
        name = body.get("model")
        if not isinstance(name, str):
            raise Refused.by("no_model")
        card = self.settings.find_by_id(name)
        if card is None:
            known = ", ".join(card.id for card in self.settings.models.values())
            raise Refused.by("unknown_model", name=name, known=known)
        check_request(body)
        turn = Turn(body, card, self.settings, id)
        check_for_model(turn)
        outcome = self.schedule.take(card.alias)
        if isinstance(outcome, Fault):
            return reply_with(outcome, turn)
        turn.script = outcome or turn.script
        return replies.usual(turn)


def _parsed(body: bytes | None) -> Any:
    if body is None:
        raise Refused.by("too_large")
    try:
        return json.loads(body, parse_constant=_refuse) if body else None
    except ValueError:
        raise Refused.by("not_json") from None


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(constant)
