"""Columns of a list and how a cell of each is read: forgiving about how people write, strict about what they mean."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, time
from functools import cache
from typing import Any

from msgspec import Struct
from openpyxl.utils.datetime import from_excel

from service.i18n import LANGUAGES, N_, Words, words
from service.import_lines import Finding
from service.importing.files import FORMULA, LONGEST_CELL

MAIL = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']{1,190}\.[^@\s,;<>\"'.]{2,24}")
YES = ("yes", "oui", "ja", "1", "x", "true", "vrai", "waar", "wahr")
NO = ("no", "non", "nee", "nein", "0", "false", "faux", "onwaar", "falsch")


class CellFault(Exception):
    """What is wrong with a cell, by its code in service/importing/findings.py."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.about = about


Say = Callable[[Words, str], str]


def as_it_is(say: Words, text: str) -> str:
    """What reads alike in every language."""
    return text


class Column(Struct, frozen=True):
    """`label` and `says` are English, to translate; `read` makes a value of a cell that is not empty. `say` writes what
    `shown` makes of such a value for people, so that `read` takes it back. `choices`: the codes it takes, if these are few."""

    name: str
    label: str
    says: str
    read: Callable[[str], Any]
    example: str = ""
    required: bool = False
    say: Say = as_it_is
    choices: tuple[str, ...] = ()

    def meaning(self, say: Words) -> str:
        """What it takes, in somebody's language."""
        values = ", ".join(self.say(say, code) for code in self.choices)
        return say.gettext(self.says, values=values, codes=", ".join(self.choices))


class Heading(Struct, frozen=True):
    """Which column stands where; what is there that the list does not know; what must be there and is not; what is there
    twice."""

    places: dict[int, str]
    unknown: list[str]
    missing: list[str]
    twice: list[str]


def named(columns: tuple[Column, ...], heading: list[str]) -> Heading:
    """The columns that a heading names, in whatever language."""
    known = {folded(name): column.name for column in columns for name in _names(column)}
    places: dict[int, str] = {}
    unknown: list[str] = []
    for place, given in enumerate(heading):
        name = known.get(folded(given))
        if name is not None:
            places[place] = name
        elif given:
            unknown.append(given)
    found = list(places.values())
    missing = [column.name for column in columns if column.required and column.name not in found]
    return Heading(places, unknown, missing, [name for name in dict.fromkeys(found) if found.count(name) > 1])


@cache
def _names(column: Column) -> tuple[str, ...]:
    return (column.name, *(words(language).gettext(column.label) for language in LANGUAGES))


def folded(text: str) -> str:
    """Without accents, capitals, and what stands between words."""
    flat = unicodedata.normalize("NFKD", text)
    return "".join(each for each in flat.casefold() if each.isalnum())


def values(columns: tuple[Column, ...], cells: dict[str, str]) -> tuple[dict[str, Any], list[Finding]]:
    """The values of the cells that say something, and what is wrong with the others. An empty cell says nothing."""
    read: dict[str, Any] = {}
    wrong: list[Finding] = []
    for column in columns:
        text = cells.get(column.name, "")
        try:
            if text == FORMULA:
                raise CellFault("formula")
            if len(text) > LONGEST_CELL:
                raise CellFault("too_long")
            if text:
                read[column.name] = column.read(text)
            elif column.required:
                raise CellFault("empty")
        except CellFault as fault:
            shown = "" if text == FORMULA else text[:80]
            wrong.append(Finding(column.name, shown, fault.code, about=fault.about))
    return read, wrong


def words_of(most: int) -> Callable[[str], str]:
    """A text of one line."""

    def read(text: str) -> str:
        text = re.sub(r"\s+", " ", text)
        if len(text) > most:
            raise CellFault("too_long")
        if any(unicodedata.category(each) in ("Cc", "Cf", "Co", "Cs") for each in text):
            raise CellFault("odd_character")
        return text

    return read


def mail(text: str) -> str:
    text = text.removeprefix("mailto:")
    if not MAIL.fullmatch(text) or len(text) > 254:
        raise CellFault("no_mail")
    return text.lower()


def mails(text: str) -> tuple[str, ...]:
    return tuple(mail(each) for each in re.split(r"[\s,;]+", text) if each)


def codes(text: str) -> tuple[str, ...]:
    """Codes of trades, in any order: MACO PEIN."""
    return tuple(sorted({each.upper() for each in re.split(r"[\s,;/]+", text) if each}))


def code(text: str) -> str:
    return text.strip().upper()


def yes_no(text: str) -> bool:
    given = text.strip().casefold()
    if given in YES or given in NO:
        return given in YES
    raise CellFault("not_yes_no")


def yes_no_said(say: Words, text: str) -> str:
    return say.gettext(N_("yes") if text == "yes" else N_("no"))


def number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 7 and least <= int(text) <= most):
            raise CellFault("no_number", f"{least}–{most}")
        return int(text)

    return read


def day(text: str) -> date:
    """2026-09-15, 15/09/2026, 15.9.2026, 15-09-2026; and the number that Excel keeps for a day, from 1927 on: of four
    digits it would be a year that somebody typed instead of a day."""
    text = text.removesuffix(" 00:00")
    european = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", text)
    try:
        if european:
            found = date(int(european[3]), int(european[2]), int(european[1]))
        elif text.isascii() and text.isdigit() and len(text) == 5:
            kept: Any = from_excel(int(text))
            found = kept.date()
        else:
            found = date.fromisoformat(text)
    except (ValueError, OverflowError, AttributeError):
        raise CellFault("no_day") from None
    if not 1900 <= found.year < 2100:
        raise CellFault("no_day")
    return found


def day_said(say: Words, text: str) -> str:
    """15/09/2026, as everybody in Belgium writes it."""
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def hour(text: str) -> time:
    """09:00, 9:00, 9h00, 9h, 9u00, 9u, 9.00."""
    found = re.fullmatch(r"(\d{1,2})(?:\s*[:hHuU.]\s*(\d{2})?(?::00)?)?(?:\s*(?:uur|Uhr|u))?", text.strip())
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else time.fromisoformat(text)
    except ValueError:
        raise CellFault("no_time") from None


def hours(text: str) -> tuple[tuple[int, time, time], ...]:
    """Opening hours, "1-5 08:00-17:00; 6 09:00-13:00": days (1 = Monday), then from and until."""
    found = []
    text = re.sub(r" ?[–—-] ?", "-", " ".join(text.split()))  # word processors make a dash of what was typed
    for part in text.strip().strip(";").split(";"):
        said = re.fullmatch(r"([1-7])(?:-([1-7]))?\s+(\d{1,2}[:hHuU.]\d{2})-(\d{1,2}[:hHuU.]\d{2})", part.strip())
        if said is None:
            raise CellFault("no_hours")
        opens, closes = hour(said[3]), hour(said[4])
        if opens >= closes:
            raise CellFault("no_hours")
        found += [(weekday, opens, closes) for weekday in range(int(said[1]), int(said[2] or said[1]) + 1)]
    if not found or len({(weekday, opens) for weekday, opens, _ in found}) < len(found):
        raise CellFault("no_hours")
    return tuple(sorted(found))


def shown(value: Any) -> str:
    """A value as a cell of ours says it: what `read` takes back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        if value and isinstance(value[0], tuple):
            return "; ".join(f"{weekday} {shown(opens)}-{shown(closes)}" for weekday, opens, closes in value)
        return " ".join(shown(each) for each in value)
    return str(value)
