"""The tables of the pages, made from the data they show.

    PYTHONPATH=tests python -m helpers.page_tables

rewrites them in place, each between its markers: `<!-- name -->` and `<!-- /name -->`. A test fails while one
differs. A new table is a function here and a line in `TABLES`.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import openai
from langchain_core import exceptions as core_errors
from neighbours.table import NEIGHBOURS, seen

import langchain_novastack
from helpers.consumer_table import CONSUMERS
from helpers.pages import PAGES, ROOT
from helpers.ways import WAYS
from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.fallbacks.rules import CALLER, RULES, Rule
from langchain_novastack.sandbox import KINDS

CLASSES = ("ChatOpenAI", "ChatNovastack", "NovastackRouter")

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


def table(head: list[str], rows: list[list[str]]) -> str:
    """Spell a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


# ---- failures


def sandbox_table() -> str:
    """Show the kinds of faults that a sandbox knows."""
    rows = [
        [f"`{name}`", kind.streamed, kind.plain, ", ".join(f"`{each}`" for each in kind.takes.split())]
        for name, kind in KINDS.items()
    ]
    return table(["kind", "streamed", "not streamed", "takes"], rows)


def rules_table() -> str:
    """Show what caused each failure, and what follows."""
    rows = [
        [rule.name, _statuses(rule), rule.whose, rule.then.value, "yes" if rule.counts else "no"]
        for rule in (*RULES, CALLER)
    ]
    return table(["failure", "HTTP status", "whose", "what happens", "counts against health"], rows)


def _statuses(rule: Rule) -> str:
    return ", ".join(
        str(span.start) if len(span) == 1 else f"{'other ' if span.start == 400 else ''}{span.start // 100}xx"
        for span in rule.statuses
    )


def errors_table() -> str:
    """Show the error classes, and which `except` clauses of LangChain and of the SDK match them."""
    public = [getattr(langchain_novastack, name) for name in langchain_novastack.__all__]
    errors = [each for each in public if isinstance(each, type) and issubclass(each, NovastackError)]
    errors.sort(key=lambda each: (len(each.__mro__), each.__name__))
    rows = [
        [f"`{each.__name__}`", _first_line(each), _bases(each, core_errors), _bases(each, openai)] for each in errors
    ]
    return table(["class", "when", "also matches, of `langchain_core.exceptions`", "and of `openai`"], rows)


def _first_line(kind: type) -> str:
    return inspect.getdoc(kind).partition("\n")[0]  # type: ignore[union-attr] # ours all have one


def _bases(kind: type, module: Any) -> str:
    """Return the nearest class of a module that a class is of; "" where it is only of one that all are of."""
    found = next((base.__name__ for base in kind.__mro__ if getattr(module, base.__name__, None) is base), "")
    return f"`{found}`" if found else ""


# ---- models and settings


def cards_table() -> str:
    """Show what the cards know of the models."""
    rows = []
    for card in CARDS.values():
        window, output = (f"{card.profile[name]:,}" for name in ("max_input_tokens", "max_output_tokens"))
        media = "images, PDFs" if card.profile["image_inputs"] else "text"
        rows.append([f"`{card.alias}`", f"`{card.id}`", window, output, media, "; ".join(_rules(card)) or "none"])
    return table(["alias", "gateway id", "window, tokens", "longest answer", "takes", "rules for its requests"], rows)


def _rules(card: Any) -> list[str]:
    removed = [f"never sent: {', '.join(f'`{name}`' for name in card.removes)}"] if card.removes else []
    prefill = [] if card.accepts_prefill else ["an assistant's message at the end is refused before it is sent"]
    back = ["gets its `reasoning_content` back with tool calls"] if card.wants_reasoning_back else []
    return [*removed, *prefill, *back]


INHERITED = {
    "cache": "LangChain's cache for this model; None: the global one.",
    "rate_limiter": "LangChain's rate limiter, asked once for each request.",
    "disable_streaming": 'True: `stream` asks for a whole answer; "tool_calling": only where tools are given.',
    "output_version": 'LangChain\'s format of `content`: None, or "v1" for content blocks.',
    "custom_get_token_ids": "Function that counts tokens in place of the approximate count.",
    "name": "Name of the runs in a trace.",
    "tags": "Tags for every run.",
    "metadata": "Metadata for every run.",
    "callbacks": "Callbacks for every run.",
    "verbose": "Whether to print what is asked and answered.",
    "http_socket_options": "Socket options of the connections.",
    "service_tier": "Sent as it is.",
    "store": "Sent as it is.",
    "verbosity": "Sent as it is.",
    "disabled_params": "Parameters that are never sent, as `ChatOpenAI` spells them.",
}
"""Meaning of the fields that come from LangChain's classes and have a use here."""

NAMES = {"max_completion_tokens": "max_tokens", "stop_sequences": "stop"}
"""Names shown in place of an alias."""


def router_settings_table() -> str:
    """Show every field of the router."""
    return _settings_table(NovastackRouter, _meanings(NovastackRouter))


def model_settings_table() -> str:
    """Show the fields of the model that are not in the router's table, or not with that meaning."""
    router, fields = NovastackRouter.model_fields, ChatNovastack.model_fields
    shown = {_argument(name, router[name]): said for name, said in _meanings(NovastackRouter).items()}
    meanings = _meanings(ChatNovastack).items()
    own = {name: said for name, said in meanings if shown.get(_argument(name, fields[name])) != said}
    return _settings_table(ChatNovastack, own)


def _settings_table(kind: type[BaseModel], meanings: Mapping[str, str]) -> str:
    fields = kind.model_fields
    rows = [[f"`{_argument(name, fields[name])}`", _default(fields[name]), said] for name, said in meanings.items()]
    return table(["argument", "default", "meaning"], rows)


def _argument(name: str, field: FieldInfo) -> str:
    return NAMES.get(field.alias or name, field.alias or name)


def _default(field: FieldInfo) -> str:
    return f"`{field.default_factory() if field.default_factory else field.default!r}`"  # type: ignore[call-arg] # none of ours takes the data


def _meanings(kind: type[BaseModel]) -> dict[str, str]:
    """Return the meaning of each field by name: its own, then those of fields of LangChain's."""
    found = {name: field.description for name, field in kind.model_fields.items() if field.description}
    return found | {name: said for name, said in INHERITED.items() if name in kind.model_fields and name not in found}


# ---- what is tested, and what was measured


def consumers_table() -> str:
    """Show what takes a chat model, and what of it is tested for both classes."""
    rows = [[consumer.name, consumer.tested, f"`{consumer.module}.py`"] for consumer in CONSUMERS]
    return table(
        ["what takes a chat model", "what is tested, for `ChatNovastack` and for `NovastackRouter`", "in"], rows
    )


def _benchmark(name: str) -> Any:
    folder = str(ROOT / "benchmarks")
    if folder not in sys.path:
        sys.path.append(folder)  # its modules are scripts
    return import_module(name)


def speed_section() -> str:
    """Show the committed results of the benchmark."""
    return str(_benchmark("page").section(_benchmark("report").read_all()))


def steps_section() -> str:
    """Show where each microsecond of a call goes."""
    return str(_benchmark("steps").section())


# ---- neighbours


def _told(ways: Mapping[str, str]) -> str:
    """Say whether all ways or steps were whole; if not, which were not, and what they lack."""
    return "; ".join(f"{way}: {told}" for way, told in ways.items() if told != "all") or "yes"


def _rows_of(folder: str) -> list[tuple[str, str, Mapping[str, Mapping[str, str]]]]:
    found = [(NEIGHBOURS[name], row) for name, row in seen().items() if NEIGHBOURS[name].folder == folder]
    return [(f"`{each.package}` {row['version']}", each.what, row["seen"]) for each, row in found]


def tracers_table() -> str:
    """Show whose records of a call are whole."""
    back = "NovastackRouter, falling back"
    rows = [
        [package, what, _told(told["ChatOpenAI"]), _told(told["ChatNovastack"]),
         *(told["NovastackRouter"][way].replace("all", "yes") for way in WAYS), _told(told[back])]
        for package, what, told in _rows_of("traces")
    ]  # fmt: skip
    ways = [f"router, `{way}`" for way in WAYS]
    return table(["package", "what", "`ChatOpenAI`", "`ChatNovastack`", *ways, "router, falling back"], rows)


def users_table() -> str:
    """Show what works of what others do with a model."""
    rows = [
        [package, f"{what} ({', '.join(told['ChatOpenAI'])})", *(_told(told[name]) for name in CLASSES)]
        for package, what, told in _rows_of("uses")
    ]
    return table(["package", "what", *(f"`{name}`" for name in CLASSES)], rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "cards": cards_table,
    "consumers": consumers_table,
    "errors": errors_table,
    "faults": rules_table,
    "model settings": model_settings_table,
    "router settings": router_settings_table,
    "sandbox": sandbox_table,
    "speed": speed_section,
    "steps": steps_section,
    "tracers": tracers_table,
    "users": users_table,
}
"""Table by the name of its markers."""


def made(texts: Mapping[Path, str]) -> dict[Path, str]:
    """Return the pages with every table as its data says.

    Raises:
        ValueError: If the markers of a table are not on exactly one page, once.
    """
    filled = dict(texts)
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        pages = [page for page, text in filled.items() for _ in range(text.count(begin))]
        if len(pages) != 1 or filled[pages[0]].count(end) != 1:
            msg = f"The pages must have {begin} and {end} once each."
            raise ValueError(msg)
        before, _, rest = filled[pages[0]].partition(begin)
        filled[pages[0]] = f"{before}{begin}\n\n{make()}\n\n{end}{rest.partition(end)[2]}"
    return filled


def read() -> dict[Path, str]:
    """Return the text of every page."""
    return {page: page.read_text(encoding="utf-8") for page in PAGES}


if __name__ == "__main__":
    for changed, text in made(read()).items():
        changed.write_text(text, encoding="utf-8")
