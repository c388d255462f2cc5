"""Models with call arguments bound to them, whose `with_fallbacks` is ours as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables import Runnable, RunnableBinding, RunnableConfig
from langchain_core.runnables.utils import Input, Output
from typing_extensions import Self, override

from langchain_novastack._lazy import public
from langchain_novastack.chat_models.payload import TOOL_ARGUMENTS
from langchain_novastack.chat_models.structured_output import structured_output
from langchain_novastack.fallbacks.runnable import with_fallbacks

if TYPE_CHECKING:
    from langchain_core.language_models import LanguageModelInput


@public("langchain_novastack.chat_models")
class NovastackBinding(RunnableBinding[Input, Output]):  # type: ignore[no-redef] # pydantic's plugin counts `kwargs` twice
    """A model with call arguments bound to it."""

    with_fallbacks = with_fallbacks  # type: ignore[pydantic-field] # a method

    def _merge_configs(self, *configs: RunnableConfig | None) -> RunnableConfig:
        """Spare core's copies, for every call, where nothing is to be merged."""
        if self.config or self.config_factories or len(configs) != 1:
            return super()._merge_configs(*configs)
        return configs[0] or {}

    @classmethod
    @override
    def lc_id(cls) -> list[str]:
        """Serialize as core's `RunnableBinding`, which core's loader knows."""
        return [*cls.get_lc_namespace(), "RunnableBinding"]

    def bind_tools(self, tools: Any, **kwargs: Any) -> Self:
        """Bind tools beside what is bound already, which core's binding would forget; earlier tools give way."""
        model: Any = self.bound
        others = {name: value for name, value in self.kwargs.items() if name not in TOOL_ARGUMENTS}
        return self.model_copy(update={"kwargs": {**others, **model.bind_tools(tools, **kwargs).kwargs}})

    def with_structured_output(
        self, schema: Any = None, *, method: str = "json_schema", include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Answer in the shape of a schema, with what is bound already, which core's binding would forget."""
        chain = self.bound.with_structured_output(schema, method=method, **kwargs)  # type: ignore[attr-defined] # a model's
        return structured_output(self, chain, schema, method=method, include_raw=include_raw)


def with_config(
    model: Runnable[Input, Output], config: RunnableConfig | None = None, **kwargs: Any
) -> NovastackBinding[Input, Output]:
    """Bind config; it is kept where tools or a schema are bound later. The method `with_config` of our models."""
    return cast("NovastackBinding[Input, Output]", model.bind().with_config(config, **kwargs))


def with_listeners(model: Runnable[Input, Output], **kwargs: Any) -> NovastackBinding[Input, Output]:
    """Bind `on_start`, `on_end` and `on_error`; they are kept where tools or a schema are bound later."""
    return cast("NovastackBinding[Input, Output]", model.bind().with_listeners(**kwargs))
