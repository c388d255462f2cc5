"""The same prompt to several models, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables.config import ensure_config, get_executor_for_config
from langchain_core.runnables.utils import gather_with_concurrency
from pydantic import BaseModel, ConfigDict, field_serializer

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_in
from langchain_novastack.costs.cost import cost_of
from langchain_novastack.display.tables import Tabled, dollars, table_text, wrapped
from langchain_novastack.policies.conversation import messages_of
from langchain_novastack.router.response import Usage
from langchain_novastack.tracing import Run
from langchain_novastack.transport import both_ways
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_core.runnables import RunnableConfig


@public("langchain_novastack.router")
class Answer(BaseModel):
    """One model's answer in a comparison, or its error.

    `model` is its alias; of `message` and `error` one is None; `seconds` are wall time from asking to the end; `cost`
    is what the gateway charged in US dollars, or an estimate from the card's price, or None if unknown.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    model: str
    message: AIMessage | None = None
    error: Exception | None = None
    seconds: float
    cost: float | None = None
    cost_is_estimate: bool = False

    @field_serializer("error", when_used="json")
    def _described(self, error: Exception | None) -> str | None:
        from langchain_novastack.errors import describe  # noqa: PLC0415 - it needs the SDK

        return None if error is None else describe(error)

    @property
    def usage(self) -> Usage | None:
        """Tokens of the answer; None if the model failed or the gateway sent no usage."""
        return Usage.from_message(self.message) if self.message and self.message.usage_metadata else None

    def to_record(self) -> dict[str, Any]:
        """Return plain data: model, answer, error, seconds, usage, cost and cost_is_estimate."""
        return {
            "model": self.model,
            "answer": self.message and (self.message.text or str(self.message.additional_kwargs.get("refusal") or "")),
            "error": self._described(self.error),
            "seconds": self.seconds,
            "usage": self.usage and self.usage.model_dump(),
            "cost": self.cost,
            "cost_is_estimate": self.cost_is_estimate,
        }


@public("langchain_novastack.router")
class Comparison(Tabled, BaseModel):
    """Several models' answers to one prompt, in the order in which they were asked for."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    answers: tuple[Answer, ...]

    def __getitem__(self, model: object) -> Answer:
        """Return the answer of one model, by alias or any other spelling; a `KeyError` if it was not asked."""
        by_alias = {answer.model: answer for answer in self.answers}
        return by_alias[alias_in(by_alias, model) or str(model)]

    def __contains__(self, model: object) -> bool:
        """Tell whether a model was asked, by alias or any other spelling; or whether an answer is one of these."""
        return model in self.answers or alias_in({answer.model: answer for answer in self.answers}, model) is not None

    def __iter__(self) -> Iterator[Answer]:  # type: ignore[override] # a comparison is its answers
        """Iterate over the answers."""
        return iter(self.answers)

    def __len__(self) -> int:
        """Return how many models were asked."""
        return len(self.answers)

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each model, ready for `pandas.json_normalize`."""
        return [answer.to_record() for answer in self.answers]

    def __str__(self) -> str:
        """Return the answers as text, at most 80 columns wide: a table of the figures, then each answer in full."""
        head, rows, _ = self._table()
        full = [f"{model}:\n{wrapped(said)}" for model, *_, said in rows]
        return "\n\n".join([table_text(head[:-1], [row[:-1] for row in rows]), *full])

    def _table(self) -> tuple[tuple[str, ...], list[list[Any]], str]:
        rows = []
        for each in self.to_records():
            cost = dollars(each["cost"]) + (" (estimate)" if each["cost_is_estimate"] else "")
            tokens = each["usage"] and each["usage"]["total_tokens"]
            rows.append([each["model"], each["seconds"], tokens, cost, each["error"] or each["answer"]])
        return ("model", "seconds", "tokens", "USD", "answer or error"), rows, "The same prompt to several models"


def compare(
    router: Any, input: Any, models: Sequence[str] | None = None, config: RunnableConfig | None = None, **kwargs: Any
) -> Comparison:
    """Ask several models the same, at once, without fallback.

    `models` are aliases or other spellings, None for all: a `ValueError` if no list, or if one is unknown.
    `max_concurrency` of the config is respected; `kwargs` go to the models.
    """
    aliases, messages, config = _arguments_of(router, input, models, config, kwargs)
    with Run(config, "compare", messages) as run, get_executor_for_config(config) as executor:
        ask = partial(router.invoke, messages, run.config, fallback=False, **kwargs)
        answers = executor.map(lambda alias: both_ways.run(_answer_of(ask, alias)), aliases)
        compared = run.output = Comparison(answers=tuple(answers))
        return compared


async def acompare(
    router: Any, input: Any, models: Sequence[str] | None = None, config: RunnableConfig | None = None, **kwargs: Any
) -> Comparison:
    """Ask several models the same, at once, without fallback; see `compare`."""
    aliases, messages, config = _arguments_of(router, input, models, config, kwargs)
    async with Run(config, "compare", messages) as run:
        ask = partial(router.ainvoke, messages, run.config, fallback=False, **kwargs)
        most = config.get("max_concurrency") or None
        answers = await gather_with_concurrency(most, *(_answer_of(ask, alias) for alias in aliases))
        compared = run.output = Comparison(answers=tuple(answers))
        return compared


def _arguments_of(
    router: Any, input: Any, models: Any, config: Any, kwargs: Any
) -> tuple[list[str], list[BaseMessage], Any]:
    if models is not None and (isinstance(models, str) or not isinstance(models, Iterable)):
        raise bad_argument("models", "be a list of models", repr(models))
    aliases = list(dict.fromkeys(map(router.resolve, router.models if models is None else models)))
    for name in {"model", "fallback"} & kwargs.keys():
        raise bad_argument(name, "be left out: `models` names what is compared, and no model falls back to another")
    return aliases, messages_of(input), ensure_config(config)


async def _answer_of(ask: Callable[..., Any], alias: str) -> Answer:
    begun = perf_counter()
    try:
        message = await both_ways.step(ask(model=alias))
    except Exception as error:  # noqa: BLE001 - one failing model must not lose the others' answers
        return Answer(model=alias, error=error, seconds=round(perf_counter() - begun, 4))
    seconds, cost = round(perf_counter() - begun, 4), cost_of(message)
    return Answer(model=alias, message=message, seconds=seconds, cost=cost.dollars, cost_is_estimate=cost.estimated)
