"""What comparing and drawing need of a router, so that neither has to import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableConfig
    from langchain_openai import ChatOpenAI

    from langchain_novastack.fallbacks.runnable import NovastackFallbacks


class Router(Protocol):
    """A router, seen from outside; `NovastackRouter` says what each of these is."""

    @property
    def models(self) -> dict[str, ChatOpenAI]: ...  # noqa: D102 - see above

    @property
    def branches(self) -> dict[str, NovastackFallbacks[Any, AIMessage]]: ...  # noqa: D102 - see above

    @property
    def tasks(self) -> dict[str, str]: ...  # noqa: D102 - see above

    @property
    def policy_name(self) -> str: ...  # noqa: D102 - see above

    def resolve(self, name: str) -> str: ...  # noqa: D102 - see above

    def health(self) -> dict[str, dict[str, Any]]: ...  # noqa: D102 - see above

    def invoke(  # noqa: D102 - see above
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessage: ...

    async def ainvoke(  # noqa: D102 - see above
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessage: ...
