"""A listener of the caller's that fails, at whatever it hears."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler


class Raises(BaseCallbackHandler):
    """Ends the run with an error of its own."""

    raise_error = True

    def __init__(self, error: BaseException, at: str = "on_chat_model_start") -> None:
        """Raise `error` at the event of that name."""
        self.error = error
        setattr(self, at, self._raise)

    def _raise(self, *_: Any, **__: Any) -> None:
        raise self.error
