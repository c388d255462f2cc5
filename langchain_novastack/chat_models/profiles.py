"""What a model can do by its card, and several models together, as one `ModelProfile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.language_models.model_profile import ModelProfile


class DerivedProfile(dict[str, Any]):
    """A profile that was not given: it is derived again for a copy with other models, or another card."""


def shared_profile(models: Sequence[BaseChatModel]) -> ModelProfile | None:
    """Return what all models with a profile can do: the smallest limits, the abilities they share. None without any."""
    profiles: list[dict[str, Any]] = [dict(model.profile) for model in models if model.profile]
    if not profiles:
        return None
    names = set(profiles[0]).intersection(*profiles[1:])
    # For limits the smallest, for abilities "all of them": `min` is both.
    return DerivedProfile({name: min(profile[name] for profile in profiles) for name in sorted(names)})  # type: ignore[return-value] # a TypedDict
