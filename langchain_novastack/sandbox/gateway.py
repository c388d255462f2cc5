"""What happens to a request: key, path, validity, faults, answer."""

from __future__ import annotations

import itertools
import json
import logging
import time
from typing import TYPE_CHECKING, Any, NoReturn

from langchain_novastack.sandbox.answers import replies
from langchain_novastack.sandbox.answers.turn import Turn, count_prompt
from langchain_novastack.sandbox.faults.builders import reply_with
from langchain_novastack.sandbox.faults.kinds import Fault
from langchain_novastack.sandbox.http.server import Reply, whole
from langchain_novastack.sandbox.log import ReceivedRequest, RequestLog
from langchain_novastack.sandbox.schedule import Schedule, ScriptedAnswer
from langchain_novastack.sandbox.validation.problems import Rejected
from langchain_novastack.sandbox.validation.request import check_for_model, check_request

if TYPE_CHECKING:
    from langchain_novastack.sandbox.schedule import SandboxSettings

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

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[ReceivedRequest, Reply]:
        """Return a request's record and its reply. Never raises."""
        record = ReceivedRequest(path, method, headers)
        id = f"chatcmpl-sandbox{next(self._numbers):08d}"
        try:
            record.body = _parsed(body)
            if isinstance(record.body, dict):  # note what it says, right or wrong
                card = self.settings.find_by_id(str(record.body.get("model")))
                record.model, record.stream = card.alias if card else None, record.body.get("stream") is True
            reply = self._reply(record, id)
        except Rejected as error:
            reply = replies.failed(error.problem, id)
        except RecursionError:
            reply = replies.failed(Rejected("too_deep").problem, id)
        except Exception:
            logger.exception("The sandbox itself failed")
            reply = replies.failed(Rejected("own_failure").problem, id)
        record.status, record.fault = reply.status, reply.fault
        self.log.note(record)
        return record, reply

    def _reply(self, record: ReceivedRequest, id: str) -> Reply:
        if record.headers.get("authorization") != f"Bearer {self.settings.api_key}":
            raise Rejected("key")
        method = _METHODS.get(record.path)
        if method != record.method:
            raise Rejected("method" if method else "path", method=method, path=record.path)
        if record.path == _MODELS:
            common = {"object": "model", "created": 0, "owned_by": "sandbox"}
            data = [
                {"id": card.id, **common, "context_length": card.profile.get("max_input_tokens")}
                for card in self.settings.models.values()
            ]
            return Reply(200, [whole(200, {"x-request-id": id}, {"object": "list", "data": data})])
        if not isinstance(record.body, dict):
            raise Rejected("not_an_object")
        reply = self._chat({name: value for name, value in record.body.items() if value is not None}, id)
        if self.settings.delay:
            reply.steps = [self.settings.delay, *reply.steps]
        return reply

    def _chat(self, body: dict[str, Any], id: str) -> Reply:
        name = body.get("model")
        if not isinstance(name, str):
            raise Rejected("no_model")
        card = self.settings.find_by_id(name)
        if card is None:
            known = ", ".join(card.id for card in self.settings.models.values())
            raise Rejected("unknown_model", name=name, known=known)
        check_request(body)
        tokens = count_prompt(body)
        check_for_model(body, card, self.settings, tokens)
        outcome = self.schedule.take(card.alias)
        script = outcome if isinstance(outcome, ScriptedAnswer) else ScriptedAnswer()
        turn = Turn(body, card, self.settings, id, int(time.time()), tokens, script)
        return reply_with(outcome, turn) if isinstance(outcome, Fault) else replies.usual(turn)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse) if body else None
    except ValueError:
        raise Rejected("not_json") from None


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(constant)
