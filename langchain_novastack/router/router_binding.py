"""A router with call arguments bound to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack._lazy import public
from langchain_novastack.chat_models.bindings import NovastackBinding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.router.compare import Comparison


@public("langchain_novastack.router")
class RouterBinding(NovastackBinding[Any, AIMessage]):  # type: ignore[no-redef] # pydantic's plugin counts `kwargs` twice
    """A router with call arguments bound to it. What is bound holds for a decision and a comparison too."""

    def route(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; see `NovastackRouter.route`."""
        return self.bound.route(input, self._merge_configs(config), **{**self.kwargs, **kwargs})  # type: ignore[attr-defined, no-any-return] # a router, which imports this

    async def aroute(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; see `NovastackRouter.route`."""
        return await self.bound.aroute(input, self._merge_configs(config), **{**self.kwargs, **kwargs})  # type: ignore[attr-defined, no-any-return] # a router, which imports this

    def compare(self, input: Any, models: Sequence[str] | None = None, config: Any = None, **kwargs: Any) -> Comparison:
        """Ask several models the same, at once, without fallback; see `NovastackRouter.compare`."""
        return self.bound.compare(input, models, self._merge_configs(config), **self._for_all_models(kwargs))  # type: ignore[attr-defined, no-any-return] # a router, which imports this

    async def acompare(
        self, input: Any, models: Sequence[str] | None = None, config: Any = None, **kwargs: Any
    ) -> Comparison:
        """Ask several models the same, at once, without fallback; see `NovastackRouter.compare`."""
        return await self.bound.acompare(input, models, self._merge_configs(config), **self._for_all_models(kwargs))  # type: ignore[attr-defined, no-any-return] # a router, which imports this

    def _for_all_models(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Add what is bound for all models: which one is named, a comparison says itself."""
        return {name: value for name, value in self.kwargs.items() if name not in {"model", "fallback"}} | kwargs
