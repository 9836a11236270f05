"""What is wrong with one field of what was sent, in the reader's language.

msgspec says it in English, for whoever wrote the type: each of its sentences that can reach a reader has one of ours here.
"""

import re
from collections.abc import Callable
from re import Match

from service.i18n import Words

LONGEST = 60  # characters of a name that nobody asked for, shown again
Say = Callable[[Words, Match[str]], str]


def said(message: str, words: Words) -> str:
    """The sentence for a message of msgspec's. A sentence of our own that was marked is translated; what our rules say
    about a file, with values in it, stays as it is."""
    for pattern, say in SENTENCES:
        if found := pattern.match(message):
            return say(words, found)
    return str(words.catalogue.gettext(message))


def _unknown(words: Words, found: Match[str]) -> str:
    return words.gettext("There is no field named %(name)s here.", name=found[1][:LONGEST])


def _missing(words: Words, found: Match[str]) -> str:
    return words.gettext("The field %(name)s is missing.", name=found[1])


def _least(words: Words, found: Match[str]) -> str:
    return words.gettext("A number of at least %(least)s is expected.", least=found[1])


def _most(words: Words, found: Match[str]) -> str:
    return words.gettext("A number of at most %(most)s is expected.", most=found[1])


def _shortest(words: Words, found: Match[str]) -> str:
    return words.ngettext(
        "At least %(num)d character is expected.", "At least %(num)d characters are expected.", int(found[1])
    )


def _longest(words: Words, found: Match[str]) -> str:
    return words.ngettext(
        "At most %(num)d character is possible.", "At most %(num)d characters are possible.", int(found[1])
    )


def _fewest(words: Words, found: Match[str]) -> str:
    return words.ngettext(
        "At least %(num)d entry is expected.", "At least %(num)d entries are expected.", int(found[1])
    )


def _fullest(words: Words, found: Match[str]) -> str:
    return words.ngettext("At most %(num)d entry is possible.", "At most %(num)d entries are possible.", int(found[1]))


def _whole(words: Words, _: Match[str]) -> str:
    return words.gettext("A whole number is expected.")


def _number(words: Words, _: Match[str]) -> str:
    return words.gettext("A number is expected.")


def _too_large(words: Words, _: Match[str]) -> str:
    return words.gettext("This number is too large.")


def _yes_or_no(words: Words, _: Match[str]) -> str:
    return words.gettext("Yes or no is expected.")


def _text(words: Words, _: Match[str]) -> str:
    return words.gettext("A text is expected.")


def _list(words: Words, _: Match[str]) -> str:
    return words.gettext("A list is expected.")


def _none_of_them(words: Words, _: Match[str]) -> str:
    return words.gettext("This is none of the possible answers.")


def _identifier(words: Words, _: Match[str]) -> str:
    return words.gettext("An identifier (UUID) is expected.")


def _date(words: Words, _: Match[str]) -> str:
    return words.gettext("A date is expected, as in 2026-12-04.")


def _moment(words: Words, _: Match[str]) -> str:
    return words.gettext("A moment with its offset from UTC is expected, as in 2026-12-04T09:00:00+01:00.")


def _other(words: Words, _: Match[str]) -> str:
    return words.gettext("This is not written in the form that is expected.")


# The first that fits. Litestar cuts a message at " - ", in the middle of a name if need be: the last backtick may be missing.
SENTENCES: list[tuple[re.Pattern[str], Say]] = [
    (re.compile(pattern, re.DOTALL), say)
    for pattern, say in (
        (r"Object contains unknown field `(.*?)`?\Z", _unknown),
        (r"Object missing required field `(.+?)`", _missing),
        (r"Expected `(?:int|float)` >= (\S+)", _least),
        (r"Expected `(?:int|float)` <= (\S+)", _most),
        (r"Expected `str` of length >= (\d+)", _shortest),
        (r"Expected `str` of length <= (\d+)", _longest),
        (r"Expected `array` of length >= (\d+)", _fewest),
        (r"Expected `array` of length <= (\d+)", _fullest),
        (r"Expected `int(?: \| null)?`", _whole),
        (r"Expected `(?:int \| )?float(?: \| null)?`", _number),
        (r"(?:Integer value|Number) out of range", _too_large),
        (r"Expected `bool(?: \| null)?`", _yes_or_no),
        (r"Expected `str(?: \| null)?`, got", _text),
        (r"Expected `array(?: \| null)?`, got", _list),
        (r"Invalid (?:enum )?value", _none_of_them),
        (r"Expected `uuid|Invalid UUID", _identifier),
        (r"Expected `date(?: \| null)?`|Invalid RFC3339 encoded date\b", _date),
        (r"Expected `datetime|Invalid RFC3339 encoded datetime", _moment),
        (r"(?:Expected `|Invalid |Object |Unsupported )", _other),
    )
]
