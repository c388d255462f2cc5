"""Letters and words: how a text is written down for looking up."""

from __future__ import annotations

import re
import unicodedata

ENDS = ".!?:;\n\u3002\uff01\uff1f\uff1b\uff1a\uff0c\u061f"  # what ends a sentence, or a part of one
WORDS = re.compile(rf"[a-z0-9]+(?:[.&_][a-z0-9]+)*[+#]*|[{ENDS}]+")
"""Words in plain Latin letters, and ends of sentences."""

_VARIANTS = (
    "ßæœøłđı\u2019أإآ寫詩說劇創題廣編碼個關請為幫給譯總結釋數據庫腳變錯調試優對話講續構風腦標號稱擬設計產點詞劃學議檔網頁開發報",
    "saooldi'ااا写诗说剧创题广编码个关请为帮给译总结释数据库脚变错调试优对话讲续构风脑标号称拟设计产点词划学议档网页开发报",
)
_SIGNS = dict(zip("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u00a0", "''\"\"--.* ", strict=True))
# Latin letters lose their accents, written after them or not; some Arabic and traditional Chinese letters become the
# variant in the tables.
_FOLDED = (
    {
        chr(code): base
        for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
        if (base := unicodedata.normalize("NFD", chr(code))[0]) != chr(code) and base.isascii()
    }
    | _SIGNS
    | dict(zip(*_VARIANTS, strict=True))
    | dict.fromkeys(map(chr, range(0x300, 0x370)), "")
)
_TO_FOLD = re.compile(f"[{''.join(_FOLDED)}]")


def fold(text: str) -> str:
    """Return the text in lower case, without accents and typographic signs."""
    low = text.lower()
    return low if low.isascii() else _TO_FOLD.sub(lambda match: _FOLDED[match.group()], low)


def token_pattern(pieces: list[str]) -> re.Pattern[str]:
    """Words, ends of sentences, and letters of other scripts with which a piece may begin."""
    pieces = [piece for piece in pieces if not "\u0400" <= piece[0] <= "\u04ff"]  # Cyrillic words are cut whole
    alone = "".join(sorted({piece for piece in pieces if len(piece) == 1}))
    first, second = ("".join(sorted({piece[at] for piece in pieces if len(piece) > 1})) for at in (0, 1))
    begins = [f"[{alone}]"] if alone else []
    begins += [f"[{first}](?=[{re.escape(second)}])"] if first else []
    return re.compile("|".join([WORDS.pattern, "[\u0400-\u04ff]+", *begins]))
