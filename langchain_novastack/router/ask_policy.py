"""How a router asks its policy: within the deadline, and with errors that name it."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from langchain_novastack.cards import CARDS, alias_in
from langchain_novastack.errors import DeadlineExceededError, NovastackError
from langchain_novastack.policies.coerce import NoDecisionError, steers
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import aask, ask, start
from langchain_novastack.redaction import mask, raise_instead
from langchain_novastack.transport.time_limits import at_most

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.policies.coerce import AnyPolicy
    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.router.call import Call

_EARLY = 0.01  # seconds by which an event loop's timer may be early
_KEY = re.compile(r"\b(?:sk|pk|key)[-_][\w-]{6,}|\bbearer\s+\S+", re.IGNORECASE)  # a foreign policy has its own


class PolicyCaller:
    """Asks one policy for the models of one router."""

    def __init__(self, policy: AnyPolicy, tasks: Mapping[str, str], models: Mapping[str, Any]) -> None:
        """Prepare to ask; `tasks` are aliases of models by task name."""
        self.name = str(getattr(policy, "name", None) or getattr(policy, "__name__", type(policy).__name__))
        self._policy, self._models = policy, models
        names = {name: alias for name in (*CARDS, *models) if (alias := alias_in(models, name))}
        self._known: dict[str, Any] = {"tasks": tasks, "models": names}
        # Its tasks were checked, and it answers with nothing else.
        self._decide = policy.decide if type(policy) is KeywordPolicy else None

    def ask(self, call: Call, config: RunnableConfig) -> RouteDecision:
        """Ask about a call, within its deadline; `config` is handed to a policy that calls a model."""
        if self._decide:
            return self._decide(call.messages)
        asked = partial(ask, self._policy, call.messages, **self._known, config=config)
        try:
            if call.until is None:
                return asked()
            # In a thread, so that a policy that hangs does not hold the call.
            return start(asked, "novastack-policy").result(max(0.0, call.until - monotonic()))
        except Exception as error:  # noqa: BLE001 - whatever a foreign policy raises
            raise_instead(self._failure(error, call))

    async def aask(self, call: Call, config: RunnableConfig) -> RouteDecision:
        """Ask about a call, within its deadline; see `ask`."""
        if self._decide:
            return self._decide(call.messages)
        asking = aask(self._policy, call.messages, **self._known, config=config)
        try:
            return await at_most(call.until and max(0.0, call.until - monotonic()), asking)
        except Exception as error:  # noqa: BLE001 - whatever a foreign policy raises
            raise_instead(self._failure(error, call))

    def _failure(self, error: Exception, call: Call) -> Exception:
        """Return a `ValueError` that says what the policy raised; errors that mean something to the caller stay."""
        timed_out = isinstance(error, asyncio.TimeoutError | FutureTimeoutError)
        if timed_out and call.until is not None and monotonic() > call.until - _EARLY:
            return DeadlineExceededError("The `policy` did not decide within the deadline of the call.")
        if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
            error = error.__cause__  # which cannot leave a thread or a coroutine as it is
        if isinstance(error, NovastackError | NoDecisionError) or steers(error):
            return error
        keys = (getattr(model, "openai_api_key", None) for model in self._models.values())
        secrets = tuple({key.get_secret_value() for key in keys if isinstance(key, SecretStr)})
        words = mask(_KEY.sub("[key]", str(error)), secrets, "\n".join(message.text for message in call.messages))
        failure = ValueError(f"`policy` raised {type(error).__name__}{words and f': {words}'}")
        failure.__cause__ = error
        return failure
