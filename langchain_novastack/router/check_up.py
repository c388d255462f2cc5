"""Does a gateway do what this package relies on? A few small requests, and remedies, which are in `check_up.json`."""

from __future__ import annotations

import json
import pkgutil
from collections import ChainMap
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from openai import NotFoundError
from pydantic import BaseModel, ConfigDict

from langchain_novastack.cards import find_card
from langchain_novastack.display.tables import Tabled, table_text, wrapped
from langchain_novastack.errors import NovastackAuthenticationError, NovastackQuotaExceededError, describe, status_of
from langchain_novastack.fallbacks.rules import cannot_connect
from langchain_novastack.redaction import without_user
from langchain_novastack.transport.attempt_context import AttemptContext
from langchain_novastack.transport.error_mapping import translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_openai import ChatOpenAI

_DATA = json.loads(pkgutil.get_data("langchain_novastack", "router/check_up.json") or "")
_HEAD = ("model", "what", "holds", "found", "remedy")
_HOLDS = {True: "yes", False: "NO", None: "-"}
_GATEWAY = "(gateway)"
_QUESTIONS: Mapping[str, Any] = _DATA["questions"]
"""What each question adds to a plain request, and which field of the model's card lets it be sent."""


class _Got(NamedTuple):
    """What came of a request: the answer, seconds to its first part (or to the failure), and the failure."""

    answer: Any
    seconds: float
    error: Exception | None = None


class Finding(NamedTuple):
    """One thing that was looked at, for example `tools`, of the model with an alias, or of the `(gateway)`.

    `holds` is None for what was not asked; `found` is what was seen, of errors the words without key and prompt; `near`
    is the nearest id that the gateway has.
    """

    model: str
    what: str
    found: str = ""
    holds: bool | None = True
    near: str = ""

    @property
    def remedy(self) -> str:
        """How to fix what does not hold."""
        return _DATA["remedies"][self.what].format(alias=self.model, near=self.near) if self.holds is False else ""


class CheckUp(Tabled, BaseModel):
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
        return [{name: getattr(each, name) for name in _HEAD} for each in self.findings]

    def __str__(self) -> str:
        """Return the table and the remedies as text, at most 80 columns wide."""
        _, rows, said = self._table()
        below = [f"{model}, {what}: {found.rstrip('.')}. {remedy}" for model, what, _, found, remedy in rows if remedy]
        table = table_text(_HEAD[:-1], [row[:-1] for row in rows])
        return "\n\n".join([wrapped(said), table, *map(wrapped, below)])

    def _table(self) -> tuple[tuple[str, ...], list[list[str]], str]:
        rows = [[*{**record, "holds": _HOLDS[record["holds"]]}.values()] for record in self.to_records()]
        return _HEAD, rows, f"What holds at {self.base_url}"


def check(router: Any, slow_after: float) -> CheckUp:
    """Return what a router's gateway does of what this package relies on: `NovastackRouter.check`."""
    # Neither the SDK's retries nor a cache: what is looked at is the gateway's answer to one request.
    update = {"max_retries": None, "cache": False}
    models = {alias: model.model_copy(update=update) for alias, model in router.models.items()}
    first = next(iter(models.values()))
    ids, listed = _listed(first, 4 * slow_after)
    findings = [listed]
    if listed.what == "/models":
        with ThreadPoolExecutor(len(models)) as executor:
            found = [*executor.map(lambda alias: _of_model(alias, models[alias], ids, slow_after), models)]
        findings += [finding for rows in found for finding in rows]
        if not listed.holds and (what := _explaining([rows[0] for rows in found])):
            findings = [] if what == "key" else [listed]
            findings.append(Finding(_GATEWAY, what, found[0][0].found, holds=False))
    return CheckUp(base_url=without_user(str(first.openai_api_base)), findings=tuple(findings))


def _listed(model: ChatOpenAI, timeout: float) -> tuple[list[str], Finding]:
    """Return the ids that `/models` lists, and what that says of the gateway."""
    try:
        page = model.root_client.with_options(max_retries=0, timeout=timeout).models.list()
        ids = [str(each.id) for each in page.data]
    except Exception as error:  # noqa: BLE001 - all is looked at
        failure = translate(error, model=_GATEWAY, secrets=(str(model.root_client.api_key),), prompt="")
        what = "base" if cannot_connect(failure) else "/models"
        return [], Finding(_GATEWAY, what, _described(failure), holds=False)
    return ids, Finding(_GATEWAY, "/models", f"{len(ids)} models")


def _explaining(first: list[Finding]) -> str:
    """Return what explains that no model answers, by what the first of them was told; "" if nothing does."""
    status = first[0].found.partition("HTTP ")[2][:3]  # "" of an answer in another form
    kinds = {"key"} if status == "401" else {"id", "answer"}
    if any(finding.holds is not False or finding.what not in kinds for finding in first):
        return ""
    return str(_DATA["all"].get(status, "" if status[:1] == "5" else "base"))


def _of_model(alias: str, model: ChatOpenAI, ids: list[str], slow_after: float) -> list[Finding]:
    """Look at one model; where a plain request is not answered, nothing else is told of it."""
    opening, found = _looked_at(model, slow_after)
    if opening.error:
        return [_unanswered(alias, model.model_name, ids, opening.error, late=opening.seconds > slow_after)]
    usage, waited = opening.answer.usage_metadata, opening.seconds
    told = f"{usage['total_tokens']} tokens" if usage else "none in the stream"
    return [
        Finding(alias, "id", model.model_name),
        Finding(alias, "speed", f"first token after {waited:.1f} s", holds=waited <= slow_after),
        Finding(alias, "usage", told, holds=usage is not None),
        *(_tried(alias, what, found.get(what)) for what in _QUESTIONS),
    ]


def _looked_at(model: ChatOpenAI, slow_after: float) -> tuple[_Got, dict[str, _Got]]:
    """Ask all questions in two requests, one of them streamed; those of one that fails each in one of its own."""
    card = model.card_for(model.model_name) if hasattr(model, "card_for") else find_card(model.model_name)
    sent = {what: row for what, row in _QUESTIONS.items() if getattr(card, row.get("card", ""), what != "effort")}
    streamed = [what for what, row in sent.items() if "streamed" in row]
    ask = partial(_ask, model, 4 * slow_after)
    opening = plain = ask("", *streamed)
    if opening.error and opening.seconds <= slow_after:
        plain = ask("")
    if plain.error:
        return plain, {}
    whole = [what for what in sent if what not in streamed]
    together = {**dict.fromkeys(streamed, opening), **dict.fromkeys(whole, ask(*whole))}
    return plain, {what: ask(what) if got.error else got for what, got in together.items()}


def _ask(model: ChatOpenAI, timeout: float, *questions: str) -> _Got:
    """Send one request that asks several questions; one with "", the plain question, is streamed."""
    rows = [_QUESTIONS.get(what, {}) for what in questions]
    given = dict(ChainMap({"timeout": timeout}, *(row.get("with", {}) for row in rows), _DATA["plain"]))
    user = next((row["user"] for row in rows if "user" in row), _DATA["asked"])
    messages = [{"role": "user", "content": user}, *(row["then"] for row in rows if "then" in row)]
    asked: Any = model.with_structured_output(_DATA["schema"]) if "schema" in questions else model
    begun, first, answer = perf_counter(), None, None
    try:
        with AttemptContext(retry=False, spells_effort=True):
            for part in asked.stream(messages, **given) if "" in questions else [asked.invoke(messages, **given)]:
                first = first or perf_counter() - begun
                answer = part if answer is None else answer + part
    except Exception as error:  # noqa: BLE001 - all is looked at
        return _Got(None, perf_counter() - begun, error)
    return _Got(answer, first or 0.0)


def _unanswered(alias: str, name: str, ids: list[str], error: Exception, *, late: bool) -> Finding:
    """Say why a plain request was not answered."""
    listed, words = {each.lower(): each for each in ids}, str(error).lower()
    what = next((what for what, said in _DATA["said"].items() if any(each in words for each in said)), "answer")
    what = "id" if (ids and name.lower() not in listed) or isinstance(error, NotFoundError) else what
    spent = status_of(error) == 402 or isinstance(error, NovastackQuotaExceededError)  # noqa: PLR2004 - a status
    what = "speed" if late and what != "id" else "credit" if spent else what
    what = "key" if isinstance(error, NovastackAuthenticationError) else what
    near = next((listed[each] for each in get_close_matches(name.lower(), listed, 1, 0.55)), name)
    return Finding(alias, what, _described(error), holds=False, near="the id" if near == name else near)


def _tried(alias: str, what: str, got: _Got | None) -> Finding:
    if got is None:
        return Finding(alias, what, "not sent, as the card says", None)
    called = "" if what != "tools" or got.error else "called" if got.answer.tool_calls else "taken, but not called"
    return Finding(alias, what, _described(got.error) if got.error else called, holds=not got.error)


def _described(error: Exception) -> str:
    """Name an error in words, those of Python and LangChain too, which mean that an answer has another form."""
    return str(_DATA["forms"].get(type(error).__name__) or describe(error))
