"""How many requests may be sent again: a tenth of the calls, and a small reserve, for each base URL in the process.

So a gateway that is down gets little more than one request for each call, and a short failure is retried as ever.
"""

from __future__ import annotations

_RESERVE, _PRICE = 50, 10
"""In tenths of a request: what is there at the start, which is also the most; and what one more costs."""

_LEFT: dict[str, int] = {}
"""By base URL; one that is missing has its whole reserve. Changed without a lock: a race loses a tenth."""


def called(base_url: str | None) -> None:
    """Note a call: a tenth of a request is earned."""
    if base_url in _LEFT:
        _LEFT[base_url] = min(_RESERVE, _LEFT[base_url] + 1)


def draw(base_url: str | None) -> bool:
    """Take one request out of the budget; return False if there is none. None: for whom no budget holds."""
    if base_url is None:
        return True
    left = _LEFT.get(base_url, _RESERVE)
    if left >= _PRICE:
        _LEFT[base_url] = left - _PRICE
    return left >= _PRICE


def refill(base_url: str) -> None:
    """Give back the whole reserve."""
    _LEFT.pop(base_url, None)
