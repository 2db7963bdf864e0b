"""Names as people type them, reduced to what every spelling shares."""

from __future__ import annotations

import unicodedata

# letters that are no base letter plus a mark
LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def fold(name: str) -> str:
    """Reduce a name to what case, diacritics, `-` and `_` leave of it.

    Examples
    --------
    >>> fold("Durrës") == fold("durres")
    True
    >>> fold("Slavonski-Brod") == fold("slavonski_brod")
    True
    """
    # a dotted capital I becomes two characters in lower case: fold marks afterwards
    plain = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(letters.replace("-", " ").replace("_", " ").split())
