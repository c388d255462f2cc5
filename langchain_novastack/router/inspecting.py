"""Looking at a router: its models side by side, their health, and pictures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from langchain_novastack.display.tables import Shown
from langchain_novastack.fallbacks import breaker
from langchain_novastack.router.compare import Comparison, acompare, compare
from langchain_novastack.router.diagram import draw, router_html, router_text
from langchain_novastack.router.fields import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableConfig
    from langchain_core.runnables.graph import Graph
    from langchain_openai import ChatOpenAI

    from langchain_novastack.fallbacks.runnable import NovastackFallbacks


class Inspecting(Shown, Settings):
    """Mixin for the router, which says what there is to look at."""

    @property
    def models(self) -> dict[str, ChatOpenAI]:
        """The models by alias."""
        raise NotImplementedError

    @property
    def branches(self) -> dict[str, NovastackFallbacks[Any, AIMessage]]:
        """The branches by alias."""
        raise NotImplementedError

    @property
    def tasks(self) -> dict[str, str]:
        """Alias of the model for each task."""
        raise NotImplementedError

    @property
    def policy_name(self) -> str:
        """Name of what decides."""
        raise NotImplementedError

    def resolve(self, name: str) -> str:
        """Return the alias that a name stands for."""
        raise NotImplementedError

    def compare(
        self,
        input: LanguageModelInput,
        models: Sequence[str] | None = None,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Comparison:
        """Ask several models the same, at once, without fallback.

        Args:
            input: The prompt for all.
            models: Aliases; None: all models.
            config: LangChain's config; `max_concurrency` is respected.
            **kwargs: Arguments for the models.
        """
        self._check_input(input)
        return compare(self, input, models, config, kwargs)

    async def acompare(
        self,
        input: LanguageModelInput,
        models: Sequence[str] | None = None,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Comparison:
        """Ask several models the same, at once, without fallback; see `compare`."""
        self._check_input(input)
        return await acompare(self, input, models, config, kwargs)

    def _check_input(self, input: LanguageModelInput) -> None:
        """Raise for a bad input, which is no failure of the models."""
        if not self._convert_input(input).to_messages():
            msg = "`input` must hold at least one message."
            raise ValueError(msg)

    def health(self) -> dict[str, dict[str, Any]]:
        """Return each model's health by alias: `failures` in a row, `skipped`, and `retry_in` seconds."""
        keys = {alias: branch.line()[0].key for alias, branch in self.branches.items()}
        return {alias: breaker.report(key, self.skip_after, self.skip_for) for alias, key in keys.items() if key}

    def reset_health(self) -> None:
        """Forget all failures of this router's models, for every router that shares them."""
        for branch in self.branches.values():
            if key := branch.line()[0].key:
                breaker.reset(key)

    @override
    def get_graph(self, config: RunnableConfig | None = None) -> Graph:
        """Return the picture of the branches, for `draw_mermaid()` and `draw_ascii()`."""
        return draw(self)

    @override
    def __str__(self) -> str:
        return router_text(self)

    def _repr_html_(self) -> str:
        return router_html(self)
