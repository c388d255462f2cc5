"""The sandbox: a Novastack on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_novastack.cards import CARDS
from langchain_novastack.fallbacks import breaker
from langchain_novastack.sandbox.arguments import SandboxSettings, ScriptedAnswer
from langchain_novastack.sandbox.faults import Fault, make_fault
from langchain_novastack.sandbox.gateway import PREFIX, Gateway, Outcome
from langchain_novastack.sandbox.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from typing_extensions import Self

    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.server import Connections, ReceivedRequest


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
        self._gateway = Gateway(SandboxSettings.of(**given))
        self._server: Server | None = None

    def start(self) -> Self:
        """Start to listen on a free port of 127.0.0.1, every model in good health; does nothing if it runs already."""
        if self._server is None:
            self._server = Server(self._gateway.handle, self._gateway.log)
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
        return f"http://127.0.0.1:{self._server.port}{PREFIX}"

    @property
    def api_key(self) -> str:
        """What to give as `api_key`."""
        return self._gateway.settings.api_key

    @property
    def requests(self) -> list[ReceivedRequest]:
        """What arrived so far, in order; a record's `usage` and `aborted` are known once its answer has ended."""
        return self._gateway.log.records[:]

    @property
    def connections(self) -> Connections:
        """How many connections clients hold open now, and how many there were since the start or `clear`."""
        return self._gateway.log.connections

    def wait_for(self, condition: Callable[[Sandbox], bool], seconds: float = 5.0) -> bool:
        """Wait, `seconds` at most, and return whether something holds, for example `lambda box: box.requests`.

        The condition is called with the sandbox, whenever a request or a connection comes or ends.
        """
        with self._gateway.log.changed:
            return self._gateway.log.changed.wait_for(lambda: condition(self), seconds)

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
        self._gateway.add(model, make_fault(kind=kind, status=status, times=times, **how))
        return self

    def heal(self, model: str | None = None) -> Self:
        """Take back what `fail` asked for one model, for `"*"` or (None) at all; scripted answers stay."""
        self._gateway.forget(Fault, model)
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
        self._gateway.add(model, ScriptedAnswer.of(**given))
        return self

    def clear(self) -> Self:
        """Forget faults, answers, the log, and what this process's routers know of its models' health.

        Tests that share a sandbox call it first. Connections stay open.
        """
        self._gateway.forget(Outcome)
        self._gateway.log.clear()
        self._reset_health()
        return self

    def _reset_health(self) -> None:
        for card in self._gateway.settings.models.values() if self._server else ():
            breaker.reset(self.base_url, card.id)
