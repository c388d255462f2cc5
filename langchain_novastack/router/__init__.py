"""The chat model that picks, for each request, the model that answers."""

from langchain_novastack._lazy import lazy

__all__ = ["Answer", "Comparison", "NovastackRouter", "RoutedResponse", "RouterBinding", "Usage"]

_MODULES = {"Answer": "compare", "Comparison": "compare", "RoutedResponse": "response", "Usage": "response"}
_MODULES["RouterBinding"] = "router_binding"

__getattr__ = lazy(__name__, dict.fromkeys(__all__, "router") | _MODULES)
