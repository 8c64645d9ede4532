"""How many tokens a text may be, until the service has counted it."""

from __future__ import annotations

import re

BYTES_PER_TOKEN = 3
"""How much text is let in for each token that there is room for: prose and code have three to four
and a half bytes a token. Of what is left of a window only half is filled, so that text of the
densest kind, with half as many, fits as well.
"""
_PIECES = re.compile(
    rb"""
      \ ?[A-Z]?[a-z]{1,5}       # a short word, or part of a long one
    | \ ?[A-Z]{1,3}             # an abbreviation
    | [0-9]{1,2}
    | (?:\\[ntr])+ | [ \t]{1,8} # JSON's line breaks; indentation
    | \\.
    | [!-/:-@\[-`{-~]{1,3}      # punctuation stands together often, as in `("` and `",`
    | [\x80-\xff]{1,2}          # a character of another script is two to four bytes
    | [\x00-\x1f\x7f]
    """,
    re.VERBOSE,
)
"""Pieces that are hardly ever more than one token. The tokenizers of today's models are not public,
so that pieces are short: prose has more of them than it has tokens, and only what is as dense as
random letters and digits has as many.
"""


def tokens_at_most(content: bytes) -> int:
    """A careful guess of how many tokens ``content`` (UTF-8, as it is sent) is.

    A cap and a context's limit hold by it, so that it is rather too high than too low.
    """
    return _PIECES.subn(b"", content)[1]
