"""Cells that take one of a few values: programs write its code and people its word, in any of our languages."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from service.desk import equipment_kinds, kinds
from service.i18n import LANGUAGES, Words, words
from service.importing.fields import CellFault, folded
from service.personal_codes import VALUES

STATUSES = ("jobseeker", "worker", "self_employed", "learner", "other")
GENDERS = ("f", "m", "x")
ROOMS = ("workshop", "classroom", "validation-lab")  # some of them
# What people write for short: M/V in Dutch, H/F in French, W in German.
GENDERS_FOR_SHORT = {"v": "f", "w": "f", "h": "m"}


def word(say: Words, code: str) -> str:
    """What a code is called. A kind of room of a centre's own has no other name."""
    if code in kinds():
        return say.label(kinds()[code])
    return say.gettext(VALUES[code]) if code in VALUES else code


def said(say: Words, codes: str) -> str:
    """Several, with spaces between, in words."""
    return ", ".join(word(say, code) for code in codes.split())


def one_of(allowed: tuple[str, ...], also: Mapping[str, str] = {}) -> Callable[[str], str]:
    """Reads a cell as one of these codes. `also`: what else means one of them. Refuses CellFault."""

    def read(text: str) -> str:
        code = _codes(allowed).get(folded(text)) or also.get(folded(text))
        if code is None:
            raise CellFault("not_among", ", ".join(allowed))
        return code

    return read


def several_of(allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Reads a cell as some of these codes, whose words are single ones. Refuses CellFault."""
    read_one = one_of(allowed)

    def read(text: str) -> tuple[str, ...]:
        given = [each for each in re.split(r"[\s,;/]+", text) if each]
        if not given:
            raise CellFault("not_among", ", ".join(allowed))
        return tuple(sorted({read_one(each) for each in given}))

    return read


def kind_of_room(read: Callable[[str], str]) -> Callable[[str], str]:
    """Reads a cell as the code of a kind that the catalogue knows; a kind of a centre's own stays as it is written."""

    def read_kind(text: str) -> str:
        return _codes(tuple(kinds().keys() - equipment_kinds().keys())).get(folded(text)) or read(text)

    return read_kind


@cache
def _codes(allowed: tuple[str, ...]) -> dict[str, str]:
    """The code of each word, without accents and capitals."""
    return {
        folded(name): code
        for code in allowed
        for name in (code, *(word(words(language), code) for language in LANGUAGES))
    }
