"""The default policy: tables of words and signals, no model, no network."""

from __future__ import annotations

import re

from langchain_core.messages import BaseMessage, HumanMessage

from langchain_novastack.decision import RouteDecision
from langchain_novastack.policies.base import TaskPolicy


class KeywordPolicy(TaskPolicy):
    """Sorts requests by the words and signals in them."""

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Its fields are plain data, so `dumps` keeps it."""
        return True

    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort the last human message."""
        text = next((str(m.text) for m in reversed(messages) if isinstance(m, HumanMessage)), "").lower()
        for task in self.tasks:
            for word in task.indicators:
                if re.search(rf"\b{re.escape(word)}", text):
                    return self.decision(task, 0.8, f"It says {word}.", (word,))
        return self.decision(self.default, 0.3, "Nothing spoke for a task.")

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort without a thread: it takes microseconds."""
        return self.decide(messages)
