"""The sandbox: a Novastack on loopback. What it is told, and what happens to a request: key, path, validity, answer."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_novastack.cards import CARDS, ModelCard, find_card
from langchain_novastack.fallbacks import breaker
from langchain_novastack.sandbox.answers.instances import InvalidSchemaError
from langchain_novastack.sandbox.answers.turn import Turn
from langchain_novastack.sandbox.arguments import EVERY, SandboxSettings, ScriptedAnswer
from langchain_novastack.sandbox.faults import Fault, make_fault, reply_with
from langchain_novastack.sandbox.server import Connections, ReceivedRequest, Reply, RequestLog, Server, whole
from langchain_novastack.sandbox.validation.problems import Refused, check_for_model, check_request, refuse

if TYPE_CHECKING:
    from typing_extensions import Self

_PREFIX = "/router/v1"
_METHODS = {f"{_PREFIX}/chat/completions": "POST", f"{_PREFIX}/models": "GET"}
_RULES = {RecursionError: "too_deep", InvalidSchemaError: "invalid_schema"}  # of refusals, by what is raised

logger = logging.getLogger(__name__)


class Sandbox:
    """A Novastack that runs on loopback: real HTTP, simulated models, faults on request.

    For trying out, for notebooks, and for tests of your own chains. Its answers say that they are simulated,
    and the same request always gets the same answer. Methods that change it return it.

    Example:
        ```python
        with Sandbox() as box:
            router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
            box.fail("deepseek", status=503)
            print(router.invoke("Debug this function").content)
        ```
    """

    def __init__(
        self,
        *,
        api_key: str = "sandbox-key",
        models: Mapping[str, ModelCard] = CARDS,
        reasoning: Iterable[str] = ("deepseek",),
        reasoning_field: str = "reasoning_content",
        cost: bool = False,
        delay: float = 0.0,
        chunk_delay: float = 0.0,
        qwen_thinking_trap: bool = False,
        qwen_system_trap: bool = False,
    ) -> None:
        """Set up a sandbox; `start` or a `with` block starts it.

        Args:
            api_key: The only key it accepts.
            models: The models it has, by alias. Requests name them by id or by another published spelling.
            reasoning: The models that reason aloud, in any spelling; `"*"` is all.
            reasoning_field: What reasoning text is called on the wire: `reasoning_content` or `reasoning`.
            cost: Whether usage has a `cost` in dollars, by the cards' prices or by made-up ones.
            delay: Seconds before each answer.
            chunk_delay: Seconds before each event of a stream.
            qwen_thinking_trap: Whether Qwen wants `enable_thinking: false` in requests that are not streamed.
            qwen_system_trap: Whether Qwen refuses system messages that do not stand first.

        Raises:
            ValueError: If an argument is of a wrong type, out of range or not the name of a model; it is named.
        """
        given = {name: value for name, value in locals().items() if name != "self"}
        self._settings = SandboxSettings.of(**given)
        self._log = RequestLog()
        self._numbers = itertools.count(1)
        self._queue: list[tuple[str, Fault | ScriptedAnswer, Iterator[object]]] = []
        self._server: Server | None = None

    def start(self) -> Self:
        """Start to listen on a free port of 127.0.0.1, every model in good health; does nothing if it runs already."""
        if self._server is None:
            self._server = Server(self._handle, self._log)
            self._reset_health()  # the port may have been an earlier sandbox's, with unhealthy models
        return self

    def close(self) -> None:
        """Close every connection at once and end the thread; the log stays readable, and `start` starts again."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def base_url(self) -> str:
        """What to give as `base_url`; a `RuntimeError` if it is not running."""
        if self._server is None:
            msg = "base_url: the sandbox is not running; call start() or use it in a with block"
            raise RuntimeError(msg)
        return f"http://127.0.0.1:{self._server.port}{_PREFIX}"

    @property
    def api_key(self) -> str:
        """What to give as `api_key`."""
        return self._settings.api_key

    @property
    def requests(self) -> list[ReceivedRequest]:
        """What arrived so far, in order; a record's `usage` and `aborted` are known once its answer has ended."""
        return self._log.records[:]

    @property
    def connections(self) -> Connections:
        """How many connections clients hold open now, and how many there were since the start or `clear`."""
        return self._log.connections

    def wait_for(self, condition: Callable[[Sandbox], bool], seconds: float = 5.0) -> bool:
        """Wait, `seconds` at most, and return whether something holds, for example `lambda box: box.requests`.

        The condition is called with the sandbox, whenever a request or a connection comes or ends.
        """
        with self._log.changed:
            return self._log.changed.wait_for(lambda: condition(self), seconds)

    def fail(
        self, model: str, *, status: int | None = None, kind: str | None = None, times: int | None = None, **how: Any
    ) -> Self:
        """Make the next valid requests to a model fail. Several calls queue up, in order.

        Args:
            model: Alias or any other spelling; `"*"` for every model (after what was asked for one model).
            status: HTTP status (503; never 1xx, 204 or 304), or the code inside of an error that comes with a 200.
            kind: One of `KINDS`; default `"status"`. `docs/testing.md` has the table of kinds, and what each takes.
            times: How many requests; None: all until `heal` or `clear`.
            **how: What the kind takes. `retry_after`: seconds, or a date. `headers`: a mapping. `delay`: seconds
                before the first byte, before each piece of `raw`, or between signs of life. `after`: pieces of
                content before the fault, about one word each. `seconds`: how long a stall or a silence lasts.
                `body`: bytes, a string, or an object that is sent as JSON. `pieces`: bytes or strings, each written
                by itself. `content_type`. `cut`: whether the connection breaks after the body. `message`: the words
                of the error or refusal. `envelope`: the shape of the error, one of `openai`, `openrouter`,
                `string_code` and `anthropic`.

        Raises:
            ValueError: If an argument is unknown, of a wrong type, out of range or nothing for the kind; it is named.
        """
        return self._add(model, make_fault(kind=kind, status=status, times=times, **how))

    def heal(self, model: str | None = None) -> Self:
        """Take back what `fail` asked for one model, for `"*"` or (None) at all; scripted answers stay."""
        alias = None if model is None else self._settings.alias(model)
        with self._log.changed:
            self._queue = [one for one in self._queue if alias not in {None, one[0]} or not isinstance(one[1], Fault)]
        return self

    def answer(
        self,
        model: str,
        text: str | None = None,
        *,
        tool_calls: Sequence[Mapping[str, Any]] = (),
        reasoning: str | None = None,
        usage: dict[str, Any] | None = None,
        finish_reason: str | None = None,
        times: int | None = 1,
    ) -> Self:
        """Script the next answers of a model. They queue up with what `fail` asks for, in order.

        Args:
            model: Alias or any other spelling; `"*"` for every model.
            text: Sent as it is; None together with no `tool_calls`: the usual answer.
            tool_calls: Each a mapping with `name`, `args` (an object, or a string that is sent as it is, also where
                it is not JSON) and, if wanted, `id`; a LangChain `ToolCall` will do. They need not be of tools that
                the request has.
            reasoning: Reasoning text; None: the usual one; `""`: no reasoning.
            usage: The usage block, sent as it is; None: counted as usual, a token for four characters.
            finish_reason: None: `tool_calls` or `stop`, or what the usual answer ends with.
            times: How many requests; None: all until `clear`.

        Raises:
            ValueError: If the model is unknown, or an argument is of a wrong type or out of range; it is named.
        """
        given = {name: value for name, value in locals().items() if name not in {"self", "model"}}
        return self._add(model, ScriptedAnswer.of(**given))

    def _add(self, model: str, outcome: Fault | ScriptedAnswer) -> Self:
        turns = itertools.repeat(1) if outcome.times is None else itertools.repeat(1, outcome.times)
        with self._log.changed:
            self._queue.append((self._settings.alias(model), outcome, turns))
        return self

    def clear(self) -> Self:
        """Forget faults, answers, the log, and what this process's routers know of its models' health.

        Tests that share a sandbox call it first. Connections stay open.
        """
        with self._log.changed:
            self._queue = []
        self._log.clear()
        self._reset_health()
        return self

    def _reset_health(self) -> None:
        for card in self._settings.models.values() if self._server else ():
            breaker.reset(self.base_url, card.id)

    def _next_outcome(self, model: str) -> Fault | ScriptedAnswer | None:
        """Return what happens to the next request; what was asked for its model comes before what was for all."""
        with self._log.changed:
            for entry in sorted(self._queue, key=lambda entry: entry[0] == EVERY):
                if entry[0] in {model, EVERY}:
                    if next(entry[2], None):
                        return entry[1]
                    self._queue.remove(entry)
        return None

    def _handle(self, record: ReceivedRequest, body: bytes | None) -> Reply:
        """Return the reply, and complete the record; the body is None if it is too large. Never raises."""
        id = f"chatcmpl-sandbox{next(self._numbers):08d}"
        try:
            refuse(body is None, "too_large")
            record.body = _json_in(body) if body else None
            said = record.body if isinstance(record.body, dict) else {}
            named = find_card(str(said.get("model")), self._settings.models.values())
            card = named if named and named.has_id(str(said["model"])) else None  # an alias need not be an id
            record.model, record.stream = card.alias if card else None, said.get("stream") is True
            reply = self._reply(record, card, id)
        except Exception as error:
            if not isinstance(error, (Refused, *_RULES)):
                logger.exception("The sandbox itself failed")
            refused = error if isinstance(error, Refused) else Refused(_RULES.get(type(error), "own_failure"))
            reply = whole(refused.status, {"x-request-id": id}, refused.in_envelope("openai", id))
        record.status = reply.status
        self._log.note(record)
        return reply

    def _reply(self, record: ReceivedRequest, card: ModelCard | None, id: str) -> Reply:
        settings, method = self._settings, _METHODS.get(record.path)
        refuse(record.headers.get("authorization") != f"Bearer {settings.api_key}", "key")
        refuse(method != record.method, "method" if method else "path", method=method, path=record.path)
        if method == "GET":
            usual = {"object": "model", "created": 0, "owned_by": "sandbox"}
            windows = {card.id: card.profile.get("max_input_tokens") for card in settings.models.values()}
            models = [{"id": name, **usual, "context_length": window} for name, window in windows.items()]
            return whole(200, {"x-request-id": id}, {"object": "list", "data": models})
        refuse(not isinstance(record.body, dict), "not_an_object")
        body = {name: value for name, value in record.body.items() if value is not None}
        refuse(not isinstance(body.get("model"), str), "no_model")
        if card is None:
            known = ", ".join(card.id for card in settings.models.values())
            raise Refused("unknown_model", name=body["model"], known=known)
        check_request(body)
        turn = Turn(body, card, settings, id)
        check_for_model(turn)
        outcome = self._next_outcome(card.alias)
        if isinstance(outcome, Fault):
            record.fault = outcome.kind
            return reply_with(outcome, turn).after(settings.delay)
        turn.script = outcome or turn.script
        return turn.reply().after(settings.delay)


def _json_in(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=int)  # NaN and Infinity, which JSON does not have, are not integers
    except ValueError:
        raise Refused("not_json") from None
