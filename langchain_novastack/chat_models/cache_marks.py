"""Marks that tell Claude's server what to keep in its cache; models that do not know them get none. No I/O.

A message that may once have been the last, and so have carried a mark, is always sent as a list of blocks: apart from
the marks, what is sent of a conversation stays byte for byte the same from turn to turn, or the cache would be missed.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from langchain_novastack.cards import CACHE_MARK as _MARK

_MOST = 4  # marks that the maker's API takes in one request: its guide to prompt caching


def set_marks(body: dict[str, Any], *, wanted: bool) -> list[str]:
    """Mark the system message, the tools and the last turn of a request in place, or take all marks out of it.

    The caller's own marks stay where marks are wanted, the newest first, while there is room for more; one that is set
    before them lasts as long, since the maker's API refuses an hour behind five minutes. What is inside the lists of
    the request is the caller's, and stays as it is. Returns the names of what was changed.
    """
    if not (wanted or _is_marked(body)):
        return []
    messages = [_copied(message, in_blocks=wanted) for message in body["messages"]]
    tools = [dict(tool) for tool in body["tools"]] if isinstance(body.get("tools"), list) else []
    turns = [(message["role"], _blocks(message)) for message in messages]
    items = [*tools, *(block for _, blocks in turns for block in blocks)][::-1]
    theirs = [item for item in items if _MARK in item]
    marks = {id(item): item.pop(_MARK) for item in theirs}
    if wanted:
        last = [blocks[-1] for role, blocks in turns if role != "assistant" and blocks][-1:]
        system = [blocks[-1] for role, blocks in turns[:1] if role in {"system", "developer"} and blocks]
        chosen = {*islice(dict.fromkeys(map(id, (*last, *system, *tools[-1:], *theirs))), _MOST)}
        mark = {"type": "ephemeral"}
        for item in items:
            if id(item) in chosen:
                mark = item[_MARK] = marks.get(id(item), mark)
    else:
        body.pop(_MARK, None)
    body["messages"] = messages
    if tools:
        body["tools"] = tools
    return [_MARK]


def _is_marked(body: dict[str, Any]) -> bool:
    lists = (body.get("tools"), *(message.get("content") for message in body["messages"]))
    items = (item for items in lists if type(items) is list for item in items if isinstance(item, dict))
    return _MARK in body or any(_MARK in item for item in items)


def _copied(message: dict[str, Any], *, in_blocks: bool) -> dict[str, Any]:
    """Return a message with blocks of its own; an assistant's is never the last, so its text may stay one."""
    content = message.get("content")
    if isinstance(content, str) and content.strip() and in_blocks and message["role"] != "assistant":
        return {**message, "content": [{"type": "text", "text": content}]}
    if not isinstance(content, list):
        return message
    return {**message, "content": [dict(block) if isinstance(block, dict) else block for block in content]}


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
