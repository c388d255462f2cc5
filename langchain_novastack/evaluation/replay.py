"""What another policy would change: recorded calls decided again, and what the difference costs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from langchain_novastack.cards import CARDS, Price, gateway_id
from langchain_novastack.costs.cost import prices_by_id
from langchain_novastack.display.tables import Tabled, cut, dollars, wrapped
from langchain_novastack.evaluation.evaluate import conversation, decider, placed
from langchain_novastack.tasks import PlainData

if TYPE_CHECKING:
    from langchain_novastack.policies.coerce import AnyPolicy


class Move(PlainData):
    """A call that would go to another model."""

    row: int
    """Place among the rows, from 0."""

    text: str
    old: str
    new: str
    """Aliases of the models."""

    dollars: float | None
    """What the move adds to the cost in US dollars, for the same tokens; None: tokens or a price are not known."""


class Replay(Tabled, PlainData):
    """What `replay` found. Prints as a table, and shows as one in a notebook."""

    rows: int
    moves: tuple[Move, ...]

    @property
    def dollars(self) -> float:
        """What all moves whose cost is known add to it, in US dollars; negative: what they save."""
        return sum(move.dollars or 0.0 for move in self.moves)

    @property
    def unknown(self) -> int:
        """How many moves have no known cost."""
        return sum(move.dollars is None for move in self.moves)

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each move."""
        return [move.model_dump() for move in self.moves]

    def __str__(self) -> str:
        """Return the moves as text, at most 80 columns wide."""
        return f"{wrapped(self._table()[2])}\n\n{super().__str__()}"

    def _table(self) -> tuple[tuple[str, ...], list[tuple[Any, ...]], str]:
        costs = ["" if move.dollars is None else f"{move.dollars:+.6f}" for move in self.moves]
        rows = [(m.row, m.old, m.new, cost, cut(m.text, 200)) for m, cost in zip(self.moves, costs, strict=True)]
        cost = f"{'-' if self.dollars < 0 else '+'}{dollars(abs(self.dollars))} dollars"
        said = f"{len(self.moves)} of {self.rows} calls would move: {cost}, {self.unknown} of unknown cost."
        return ("row", "from", "to", "USD", "text"), rows, said


def replay(
    log: Iterable[Mapping[str, Any]], old: AnyPolicy, new: AnyPolicy, prices: Mapping[str, Price] | None = None
) -> Replay:
    """Decide recorded calls by two policies or routers, and say which would move and what that costs; none is repeated.

    Args:
        log: Rows with `text` or `messages`, which a `DecisionLog` leaves out, so that you have to keep them yourself;
            and, where known, `usage`: tokens under LangChain's names or OpenAI's.
        old: The one so far.
        new: The other one.
        prices: By alias or another spelling; None: those of the cards.

    Raises:
        ValueError: If there is no row, or one has no prompt; for a bad policy.
    """
    known = {card.id: card.price for card in CARDS.values()} | prices_by_id(prices)
    before, after = decider(old, argument="old"), decider(new, argument="new")
    rows, moves = placed(log, "log"), []
    for at, (where, row) in enumerate(rows):
        messages = conversation(where, row, ", which a `DecisionLog` leaves out: keep the prompts yourself")
        first, second = before(messages).model, after(messages).model
        if first != second:
            text = str(messages[-1].text) if messages else ""
            cost = _cost(row, known.get(gateway_id(first)), known.get(gateway_id(second)))
            moves.append(Move(row=at, text=text, old=first, new=second, dollars=cost))
    return Replay(rows=len(rows), moves=tuple(moves))


def _cost(row: Any, old: Price | None, new: Price | None) -> float | None:
    usage, names = row.get("usage") or {}, ("input_tokens", "prompt_tokens", "output_tokens", "completion_tokens")
    tokens = [int(usage[name]) for name in names if name in usage]
    return new.of(*tokens) - old.of(*tokens) if old and new and 2 * len(tokens) == len(names) else None


class DecisionLog(logging.FileHandler):
    """Appends a JSON line to the file `path` for each answer: model, task, reason, seconds, tokens, dollars; no prompt.

    For `logging.getLogger("langchain_novastack")`, at level INFO.
    """

    def __init__(self, path: str) -> None:
        """Log to a file, which is created when there is something to log."""
        super().__init__(path, encoding="utf-8", delay=True)
        self.addFilter(lambda record: hasattr(record, "novastack_finish_reason"))  # an answer, not a switch

    def format(self, record: logging.LogRecord) -> str:
        """Return the figures of an answer, and when it was given (seconds since the epoch), as JSON."""
        told = ((name.partition("novastack_")[2], value) for name, value in vars(record).items())
        return json.dumps({"time": record.created, **{name: value for name, value in told if name}}, ensure_ascii=False)
