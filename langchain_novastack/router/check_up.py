"""Does a gateway do what this package relies on? A few small requests, and for what does not hold its remedy.

The remedies are in `check_up.json`.
"""

from __future__ import annotations

import asyncio
import json
import pkgutil
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, ConfigDict

from langchain_novastack.cards import find_card
from langchain_novastack.display.tables import repr_pretty, table_html, table_text, wrapped
from langchain_novastack.errors import NovastackAuthenticationError, NovastackConnectionError, describe, status_of
from langchain_novastack.redaction import without_user
from langchain_novastack.transport.attempt_context import AttemptContext
from langchain_novastack.transport.error_mapping import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from langchain_openai import ChatOpenAI

_DATA = json.loads(pkgutil.get_data("langchain_novastack", "router/check_up.json") or "")
_REMEDIES: Mapping[str, str] = _DATA["remedies"]
_HEAD = ("model", "what", "holds", "found")
_HOLDS = {True: "yes", False: "NO", None: "-"}
_GATEWAY = "(gateway)"
_NOT_FOUND = 404
_PLAIN: Mapping[str, Any] = _DATA["plain"]
"""Arguments that leave everything to the model."""

_ASKED: str = _DATA["asked"]


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        model: Alias of the model, or `(gateway)`.
        what: What was looked at, for example `tools`.
        holds: Whether it is as this package expects; None: not asked.
        found: What was seen; of errors the words without key and prompt.
        remedy: How to fix it, where it does not hold.
    """

    model: str
    what: str
    holds: bool | None
    found: str = ""
    remedy: str = ""


class CheckUp(BaseModel):
    """What a check-up found. Prints as a table with the remedies below it, and shows as a table in a notebook."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    """The address that was asked, without a password in it."""

    findings: tuple[Finding, ...]
    """One after the other: the gateway, then each model."""

    @property
    def ok(self) -> bool:
        """Whether all that was asked holds."""
        return all(finding.holds is not False for finding in self.findings)

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each finding: model, what, holds, found, remedy."""
        return [finding._asdict() for finding in self.findings]

    def __str__(self) -> str:
        """Return the table and the remedies as text, at most 80 columns wide."""
        bad = [each for each in self.findings if each.remedy]
        remedies = [f"{each.model}, {each.what}: {each.found.rstrip('.')}. {each.remedy}" for each in bad]
        table = table_text(_HEAD, [row[:-1] for row in self._rows()])
        return "\n\n".join([wrapped(f"What holds at {self.base_url}"), table, *map(wrapped, remedies)])

    _repr_pretty_ = repr_pretty

    def _repr_html_(self) -> str:
        return table_html((*_HEAD, "remedy"), self._rows(), f"What holds at {self.base_url}")

    def _rows(self) -> list[tuple[str, ...]]:
        return [(each.model, each.what, _HOLDS[each.holds], each.found, each.remedy) for each in self.findings]


def check(router: Any, slow_after: float = 10.0) -> CheckUp:
    """Ask the gateway what this package relies on, with a few small requests, and say how to fix what does not hold.

    Asks `/models`, then each model: a plain streamed answer (id, first token, usage), sampling, tools, a schema,
    reasoning effort, cache marks, prefill. Models are asked at once, nothing is repeated, health
    is left alone. For three models that is at most 25 requests.

    Args:
        router: The router whose models are asked.
        slow_after: Seconds to a first token from which a model is slow; a request has four times as long.

    Returns:
        What was found. Failures of the gateway and its models are in it; they are not raised.
    """
    # Neither the SDK's retries nor a cache: what is looked at is the gateway's answer to one request.
    update = {"max_retries": None, "cache": False}
    models = {alias: model.model_copy(update=update) for alias, model in router.models.items()}
    first = next(iter(models.values()))
    ids, listed = _listed(first, 4 * slow_after)
    findings = [listed]
    if listed.what == "/models":
        with ThreadPoolExecutor(len(models)) as executor:
            found = [*executor.map(lambda alias: _of_model(alias, models[alias], ids, slow_after), models)]
        findings += _wrong_base(listed, found) or [finding for rows in found for finding in rows]
    return CheckUp(base_url=without_user(str(first.openai_api_base)), findings=tuple(findings))


async def acheck(router: Any, slow_after: float = 10.0) -> CheckUp:
    """Ask the gateway what this package relies on, in a thread; see `check`."""
    return await asyncio.to_thread(check, router, slow_after)


def _listed(model: ChatOpenAI, timeout: float) -> tuple[list[str], Finding]:
    """Return the ids that `/models` lists, and what that says of the gateway."""
    try:
        page = model.root_client.with_options(max_retries=0, timeout=timeout).models.list()
        ids = [str(each.id) for each in page.data]
    except Exception as error:  # noqa: BLE001 - all is looked at
        key = str(model.root_client.api_key)
        failure = translate(error, model=_GATEWAY, secrets=(key,), prompt="")
        kinds = {"key": NovastackAuthenticationError, "base": NovastackConnectionError, "/models": Exception}
        return [], _broken(_GATEWAY, next(what for what, kind in kinds.items() if isinstance(failure, kind)), failure)
    return ids, Finding(_GATEWAY, "/models", True, f"{len(ids)} models")  # noqa: FBT003 - a row


def _wrong_base(listed: Finding, found: list[list[Finding]]) -> list[Finding]:
    """Return the one finding that explains all: nothing is where the base URL points to."""
    first = [rows[0] for rows in found]
    if listed.holds or not all(row.what in {"id", "answer"} and row.holds is False for row in first):
        return []
    return [Finding(_GATEWAY, "base", False, first[0].found, _REMEDIES["base"])]  # noqa: FBT003 - a row


def _of_model(alias: str, model: ChatOpenAI, ids: list[str], slow_after: float) -> list[Finding]:
    """Look at one model; the rest is not asked where a plain request is not answered."""
    opening = list(_opening(alias, model, ids, slow_after))
    if opening[0].holds is False:
        return opening
    return [*opening, *(_tried(alias, what, ask) for what, ask in _probes(model, 4 * slow_after).items())]


def _opening(alias: str, model: ChatOpenAI, ids: list[str], slow_after: float) -> Iterator[Finding]:
    """Look at a plain streamed answer: the id, the first token, the usage."""
    begun, first, usage = perf_counter(), None, None
    try:
        with AttemptContext(retry=False):
            for chunk in model.stream(_ASKED, timeout=4 * slow_after, **_PLAIN):
                first = first or perf_counter() - begun
                usage = chunk.usage_metadata or usage
    except Exception as error:  # noqa: BLE001 - all is looked at
        unknown = status_of(error) == _NOT_FOUND or getattr(error, "status", None) == _NOT_FOUND
        listed = any(each.lower() == model.model_name.lower() for each in ids)
        late = perf_counter() - begun > slow_after
        what = "id" if unknown or (ids and not listed) else "speed" if late else "answer"
        what = "key" if isinstance(error, NovastackAuthenticationError) else what
        near = next(iter(get_close_matches(model.model_name, ids, 1, 0.3)), "the id")
        yield _broken(alias, what, error, near=near)
        return
    seconds = first or 0.0
    yield Finding(alias, "id", True, model.model_name)  # noqa: FBT003 - a row
    quick = seconds <= slow_after
    yield Finding(alias, "speed", quick, f"first token after {seconds:.1f} s", "" if quick else _REMEDIES["speed"])
    told = f"{usage['total_tokens']} tokens" if usage else "none in the stream"
    yield Finding(alias, "usage", usage is not None, told, "" if usage else _REMEDIES["usage"])


def _probes(model: ChatOpenAI, timeout: float) -> dict[str, Callable[[], Any] | None]:
    """Return what else is asked of a model, by what it looks at; None where its card says that it is never sent."""
    plain = {**_PLAIN, "timeout": timeout}
    card = model.card_for(model.model_name) if hasattr(model, "card_for") else find_card(model.model_name)
    ask = partial(model.invoke, _ASKED)
    marked = {"type": "text", "text": _ASKED, "cache_control": {"type": "ephemeral"}}
    opened, marks = [HumanMessage(_ASKED), AIMessage("The word is")], card is None or card.takes_cache_marks
    return {
        "sampling": partial(ask, **{**plain, "temperature": 0.5, "top_p": 0.9}),
        "tools": partial(model.invoke, _DATA["asked for a tool"], tools=[_DATA["tool"]], **plain),
        "schema": partial(model.with_structured_output(_DATA["schema"]).invoke, _ASKED, **plain),
        "effort": partial(ask, reasoning_effort="low", **plain) if card and card.efforts else None,
        "cache marks": partial(model.invoke, [HumanMessage([marked])], **plain) if marks else None,
        "prefill": partial(model.invoke, opened, **plain) if card is None or card.accepts_prefill else None,
    }


def _tried(alias: str, what: str, ask: Callable[[], Any] | None) -> Finding:
    if ask is None:
        return Finding(alias, what, None, "not sent, as the card says")
    try:
        with AttemptContext(retry=False, spells_effort=True):
            answer = ask()
    except Exception as error:  # noqa: BLE001 - all is looked at
        return _broken(alias, what, error)
    called = "" if what != "tools" else "called" if answer.tool_calls else "taken, but not called"
    return Finding(alias, what, True, called)  # noqa: FBT003 - a row


def _broken(model: str, what: str, error: Exception, near: str = "") -> Finding:
    return Finding(model, what, False, describe(error), _REMEDIES[what].format(alias=model, near=near))  # noqa: FBT003 - a row
