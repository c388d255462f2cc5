"""Names that are imported when they are first used, since what needs `openai` takes long to import.

And that are pickled and dumped by the public package that exports them: modules may move.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # not `typing`'s, which takes longer to import than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")
    Class = TypeVar("Class", bound=type)


def lazy(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package, given the module in it that defines each name; asked once for each."""

    def find(name: str) -> Any:
        if name not in modules:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value = vars(sys.modules[package])[name] = getattr(import_module(f"{package}.{modules[name]}"), name)
        return value

    return find


class Later(ModuleType):
    """A module, named in full, that is imported when one of its names is first asked for; asked once for each."""

    def __getattr__(self, name: str) -> Any:
        """Return what the module has by that name."""
        value = vars(self)[name] = getattr(import_module(self.__name__), name)
        return value


def public(package: str) -> Callable[[T], T]:
    """Let a class or function say that it is from the public package that exports it: pickles write that down."""

    def named(thing: T) -> T:
        thing.__module__ = package
        return thing

    return named


def pickled_from(package: str) -> Callable[[Class], Class]:
    """Pickle a class, but not its subclasses, by its public package; `inspect` finds its source by `__module__`."""

    def named(kind: Class) -> Class:
        def reduce(self: Any, protocol: Any) -> Any:
            reduced = super(kind, self).__reduce_ex__(max(2, protocol))  # type: ignore[arg-type] # it is a class
            if type(self) is not kind:
                return reduced
            _, (_, *given), *state = reduced
            return unpickled, (package, kind.__name__, *given), *state

        kind.__reduce_ex__ = reduce  # type: ignore[assignment] # a method like any other
        return kind

    return named


@public("langchain_novastack")
def unpickled(package: str, name: str, *given: Any) -> Any:
    """Return an object of a public class, still without its state: what pickles of this package call."""
    kind = getattr(import_module(package), name)
    return kind.__new__(kind, *given)
