"""What happens to a request: key, path, validity, faults, answer."""

from __future__ import annotations

import itertools
import json
import logging
import time
from typing import TYPE_CHECKING, Any, NoReturn

from langchain_novastack.sandbox.answers import replies
from langchain_novastack.sandbox.answers.script import ScriptedAnswer
from langchain_novastack.sandbox.answers.tokens import count_prompt
from langchain_novastack.sandbox.answers.turn import Turn
from langchain_novastack.sandbox.faults.fault import Fault
from langchain_novastack.sandbox.faults.kinds import reply_with
from langchain_novastack.sandbox.http.wire_format import Reply, whole
from langchain_novastack.sandbox.log import ReceivedRequest, RequestLog
from langchain_novastack.sandbox.validation.gateway_rules import check_together
from langchain_novastack.sandbox.validation.model_rules import check_for_model
from langchain_novastack.sandbox.validation.problems import Problem, Rejected, kind_of
from langchain_novastack.sandbox.validation.request import check_fields

if TYPE_CHECKING:
    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.http.server import HttpRequest
    from langchain_novastack.sandbox.schedule import Schedule
    from langchain_novastack.sandbox.settings import SandboxSettings

PREFIX = "/router/v1"
_CHAT = f"{PREFIX}/chat/completions"
_MODELS = f"{PREFIX}/models"
_METHODS = {_CHAT: "POST", _MODELS: "GET"}
_AS_USUAL = ScriptedAnswer()

logger = logging.getLogger(__name__)


class Gateway:
    """Answers requests, one by one, in the server's thread."""

    def __init__(self, settings: SandboxSettings, schedule: Schedule, log: RequestLog) -> None:
        """Use these settings and this schedule, and write to this log."""
        self.settings = settings
        self.schedule = schedule
        self.log = log
        self._numbers = itertools.count(1)

    def handle(self, request: HttpRequest) -> tuple[ReceivedRequest, Reply]:
        """Return a request's record and its reply. Never raises."""
        record = ReceivedRequest(request.path, request.method, request.headers)
        id = f"chatcmpl-sandbox{next(self._numbers):08d}"
        try:
            record.body = _parsed(request.body)
            self._describe(record)
            reply = self._reply(record, id)
        except Rejected as error:
            reply = replies.error(error.problem, id)
        except RecursionError:
            reply = replies.error(Problem(400, "The body is nested too deeply.", kind_of(400)), id)
        except Exception:
            logger.exception("The sandbox itself failed")
            reply = replies.error(Problem(500, "The sandbox itself failed; see its log.", "sandbox_error"), id)
        record.status, record.fault = reply.status, reply.fault
        self.log.add(record)
        return record, reply

    def _describe(self, record: ReceivedRequest) -> None:
        """Note what the body says, right or wrong."""
        if isinstance(record.body, dict):
            card = self.settings.find_by_id(str(record.body.get("model")))
            record.model = card.alias if card else None
            record.stream = record.body.get("stream") is True

    def _reply(self, record: ReceivedRequest, id: str) -> Reply:
        if record.headers.get("authorization") != f"Bearer {self.settings.api_key}":
            msg = "Incorrect API key provided."
            raise Rejected(msg, status=401, code="invalid_api_key")
        method = _METHODS.get(record.path)
        if method != record.method:
            status, msg = (405, f"Use {method} here.") if method else (404, f"There is no {record.path} here.")
            raise Rejected(msg, status=status)
        if record.path == _MODELS:
            return Reply(200, [whole(replies.head(id), self._models())])
        return self._chat(record.body, id)

    def _models(self) -> dict[str, Any]:
        return {"object": "list", "data": [_listed(card) for card in self.settings.models.values()]}

    def _chat(self, given: Any, id: str) -> Reply:
        if not isinstance(given, dict):
            msg = "We could not parse the JSON body of your request: expected an object."
            raise Rejected(msg)
        body = {name: value for name, value in given.items() if value is not None}
        card = self._card(body)
        check_fields(body)
        check_together(body)
        tokens = count_prompt(body)
        check_for_model(body, card, self.settings, tokens)
        outcome = self.schedule.take(card.alias)
        script = outcome if isinstance(outcome, ScriptedAnswer) else _AS_USUAL
        turn = Turn(body, card, self.settings, id, int(time.time()), tokens, script)
        reply = reply_with(outcome, turn) if isinstance(outcome, Fault) else replies.usual(turn)
        if self.settings.delay:
            reply.steps = [self.settings.delay, *reply.steps]
        return reply

    def _card(self, body: dict[str, Any]) -> ModelCard:
        name = body.get("model")
        if not isinstance(name, str):
            msg = "You must provide a model parameter: a string."
            raise Rejected(msg, "model")
        card = self.settings.find_by_id(name)
        if card is None:
            known = ", ".join(card.id for card in self.settings.models.values())
            msg = f"The model `{name}` does not exist or you do not have access to it. Models: {known}."
            raise Rejected(msg, "model", status=404, code="model_not_found")
        return card


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body, parse_constant=_no_number)
    except ValueError:
        msg = "We could not parse the JSON body of your request."
        raise Rejected(msg) from None


def _no_number(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(name)


def _listed(card: ModelCard) -> dict[str, Any]:
    window = card.profile.get("max_input_tokens")
    return {"id": card.id, "object": "model", "created": 0, "owned_by": "sandbox", "context_length": window}
