"""What marks text in a message of the user that is not the user's own."""

from __future__ import annotations

INJECTED = (
    "system-reminder",
    "system",
    "context",
    "documents",
    "document",
    "search_results",
    "tool_result",
    "environment_details",
    "file_contents",
    "attachments",
)
"""Tags of blocks that programs put into a user's message: what stands between them is not the user's."""

QUESTION_MARKS = ("question:", "query:", "request:", "my question is", "user input:", "instruction:")
"""What begins the line with the request, where a program has put context before it."""

LONG_CONTEXT = 400
"""Characters before such a line from which on they are taken for context."""

NEAR_END = 2000
"""Characters at the end in which such a line is looked for."""
