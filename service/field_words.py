"""What is wrong with one field of what was sent, in the reader's language.

msgspec says it in English, for whoever wrote the type: each of its sentences that can reach a reader has one of ours here.
"""

import re
from collections.abc import Callable

from service.i18n import N_, Words

LONGEST = 60  # characters of a name that nobody asked for, shown again
Say = Callable[[Words, int], str]


def said(message: str, words: Words) -> str:
    """The sentence for a message of msgspec's. A sentence of our own that was marked is translated; what our rules say
    about a file, with values in it, stays as it is."""
    for pattern, sentence in SENTENCES:
        if found := pattern.match(message):
            if callable(sentence):
                return sentence(words, int(found[1]))
            return words.gettext(sentence, **{name: value[:LONGEST] for name, value in found.groupdict().items()})
    return str(words.catalogue.gettext(message))


def _shortest(words: Words, num: int) -> str:
    return words.ngettext("At least %(num)d character is expected.", "At least %(num)d characters are expected.", num)


def _longest(words: Words, num: int) -> str:
    return words.ngettext("At most %(num)d character is possible.", "At most %(num)d characters are possible.", num)


def _fewest(words: Words, num: int) -> str:
    return words.ngettext("At least %(num)d entry is expected.", "At least %(num)d entries are expected.", num)


def _fullest(words: Words, num: int) -> str:
    return words.ngettext("At most %(num)d entry is possible.", "At most %(num)d entries are possible.", num)


# The first that fits: its sentence, with what the pattern names, or how to say a number of things.
# Litestar cuts a message at " - ", in the middle of a name if need be: the last backtick may be missing.
SENTENCES: list[tuple[re.Pattern[str], str | Say]] = [
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (r"Object contains unknown field `(?P<name>.*?)`?\Z", N_("There is no field named %(name)s here.")),
        (r"Object missing required field `(?P<name>.+?)`", N_("The field %(name)s is missing.")),
        (r"Expected `(?:int|float)` >= (?P<least>\S+)", N_("A number of at least %(least)s is expected.")),
        (r"Expected `(?:int|float)` <= (?P<most>\S+)", N_("A number of at most %(most)s is expected.")),
        (r"Expected `str` of length >= (\d+)", _shortest),
        (r"Expected `str` of length <= (\d+)", _longest),
        (r"Expected `array` of length >= (\d+)", _fewest),
        (r"Expected `array` of length <= (\d+)", _fullest),
        (r"Expected `int(?: \| null)?`", N_("A whole number is expected.")),
        (r"Expected `(?:int \| )?float(?: \| null)?`", N_("A number is expected.")),
        (r"(?:Integer value|Number) out of range", N_("This number is too large.")),
        (r"Expected `bool(?: \| null)?`", N_("Yes or no is expected.")),
        (r"Expected `str(?: \| null)?`, got", N_("A text is expected.")),
        (r"Expected `array(?: \| null)?`, got", N_("A list is expected.")),
        (r"Invalid (?:enum )?value", N_("This is none of the possible answers.")),
        (r"Expected `uuid|Invalid UUID", N_("An identifier (UUID) is expected.")),
        (r"Expected `date(?: \| null)?`|Invalid RFC3339 encoded date\b", N_("A date is expected, as in 2026-12-04.")),
        (
            r"Expected `datetime|Invalid RFC3339 encoded datetime",
            N_("A moment with its offset from UTC is expected, as in 2026-12-04T09:00:00+01:00."),
        ),
        (r"(?:Expected `|Invalid |Object |Unsupported )", N_("This is not written in the form that is expected.")),
    )
]
