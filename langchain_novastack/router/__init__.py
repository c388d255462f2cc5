"""The chat model that picks, for each request, the model that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.router.compare import Answer, Comparison
    from langchain_novastack.router.response import RoutedResponse, Usage
    from langchain_novastack.router.router import NovastackRouter, RouterBinding

__all__ = ["Answer", "Comparison", "NovastackRouter", "RoutedResponse", "RouterBinding", "Usage"]

_MODULES = {"NovastackRouter": "router", "RouterBinding": "router", "RoutedResponse": "response", "Usage": "response"}

__getattr__ = lazy(__name__, {"Answer": "compare", "Comparison": "compare", **_MODULES})
