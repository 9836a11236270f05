"""The words people read: four languages, read from .po files at start; dates and numbers as CLDR writes them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = {"fr": "Français", "nl": "Nederlands", "en": "English", "de": "Deutsch"}
DEFAULT = "fr"
BRUSSELS = ZoneInfo("Europe/Brussels")
LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB", "de": "de_BE"}
# With no-break spaces: "9 h 00" stays on one line.
CLOCK = {"fr": "H\u00a0'h'\u00a0mm", "nl": "H.mm\u00a0'uur'", "en": "HH:mm", "de": "H:mm\u00a0'Uhr'"}
CATALOGUES = Path(__file__).parent / "locales"


def N_(sentence: str) -> str:
    """Mark a sentence for translation where it is written; whoever shows it translates it."""
    return sentence


class Words:
    """One language: its sentences, and how it writes moments, numbers and lists.

    Moments are shown in Europe/Brussels; a datetime without a zone is refused with ValueError, because it would be
    shown an hour or two wrong.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self.catalogue = _sentences(language)

    def gettext(self, sentence: str, **values: object) -> str:
        """The sentence with its %(named)s values; a percent sign of its own is written %%, as in templates."""
        return str(self.catalogue.gettext(sentence)) % values

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """The sentence for one or for many; the count is %(num)d."""
        return str(self.catalogue.ngettext(one, many, count)) % {"num": count, **values}

    def label(self, label: Mapping[str, str]) -> str:
        """The label in this language; else in French, in which the catalogue is always complete."""
        return label.get(self.language) or label[DEFAULT]

    def day(self, moment: datetime | date) -> str:
        """« vendredi 4 décembre 2026 »"""
        return self._first(dates.format_date(_day(moment), "full", self.locale))

    def short_day(self, moment: datetime | date) -> str:
        """« ven. 4 déc. 2026 »"""
        return self._first(dates.format_skeleton("yMMMEd", _day(moment), locale=self.locale))

    def birth_date(self, day: date) -> str:
        """« 17 mai 1990 »: a date of birth, of which nobody wants the day of the week."""
        return self._first(dates.format_date(day, "long", self.locale))

    def month(self, moment: datetime | date) -> str:
        """« décembre 2026 »"""
        return dates.format_skeleton("yMMMM", _day(moment), locale=self.locale)

    def _first(self, day: str) -> str:
        """In French the first of a month is said as such, which CLDR does not know: « mardi 1er décembre 2026 »."""
        return re.sub(r"\b1 (?=\D)", "1er ", day, count=1) if self.language == "fr" else day

    def weekdays(self) -> list[str]:
        """« lundi », « mardi » …"""
        names = dates.get_day_names("wide", "stand-alone", self.locale)
        return [names[number] for number in range(7)]

    def clock(self, moment: datetime) -> str:
        """« 9 h 00 »"""
        return dates.format_time(_in_brussels(moment).time(), CLOCK[self.language], locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """« vendredi 4 décembre 2026, 9 h 00 »"""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def deadline(self, moment: datetime, now: datetime) -> str:
        """« 9 h 00 » of today; any other day is named."""
        return self.clock(moment) if _day(moment) == _day(now) else self.moment(moment)

    def span(self, starts: datetime, ends: datetime) -> str:
        """« vendredi 4 décembre 2026, de 9 h 00 à 12 h 30 »; over midnight both days are named."""
        if _day(starts) == _day(ends):
            return f"{self.day(starts)}, {self.hours(starts, ends)}"
        return f"{self.moment(starts)} – {self.moment(ends)}"

    def days(self, starts: datetime, ends: datetime) -> str:
        """« vendredi 4 décembre 2026 », « … – … » for whole days; with the hours where it begins or ends within a day."""
        begin, end = _in_brussels(starts), _in_brussels(ends)
        if begin.time() != time() or end.time() != time():
            return self.span(starts, ends)
        last = end.date() - timedelta(days=1)
        return self.day(starts) if begin.date() == last else f"{self.day(starts)} – {self.day(last)}"

    def hours(self, starts: datetime, ends: datetime) -> str:
        """« de 9 h 00 à 12 h 30 »"""
        return self.gettext("from %(start)s to %(end)s", start=self.clock(starts), end=self.clock(ends))

    def duration(self, minutes: int) -> str:
        """« 3 h 30 min »"""
        hours, rest = divmod(minutes, 60)
        parts = [self.gettext("%(hours)d h", hours=hours)] if hours else []
        return " ".join([*parts, f"{rest} min"] if rest or not hours else parts)

    def number(self, value: int | float) -> str:
        return numbers.format_decimal(value, locale=self.locale)

    def percent(self, ratio: float, digits: int = 1) -> str:
        """0.674 → « 67,4 % »; digits: at most so many after the comma."""
        return numbers.format_percent(round(ratio, digits + 2), "#,##0." + "#" * digits + self._percent, self.locale)

    def series(self, items: Iterable[str]) -> str:
        """« Anderlecht, Forest et Auderghem »"""
        return lists.format_list([*items], locale=self.locale)

    @property
    def colon(self) -> str:
        """« : », which French keeps apart from the word before it."""
        return "\u00a0:" if self.language == "fr" else ":"

    @property
    def _percent(self) -> str:
        return str(self.locale.percent_formats[None].pattern).lstrip("#,.0")


@cache
def words(language: str) -> Words:
    """The words of a language; read from its files once."""
    return Words(language)


def negotiate(
    asked: str | None, remembered: str | None, of_account: str | None, accepted: str = "", default: str = DEFAULT
) -> str:
    """Choose the language: `?lang=`, then the cookie, the account's, Accept-Language, the default."""
    for language in (asked, remembered, of_account, *_by_preference(accepted)):
        if language in LANGUAGES:
            return str(language)
    return default


def _by_preference(accepted: str) -> list[str]:
    ranked = []
    for part in accepted[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((float(quality or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return [tag for quality, tag in sorted(ranked, key=lambda pair: -pair[0]) if quality > 0]


def _sentences(language: str) -> Translations:
    """Every .po file in the language's folder, so that each area of the product keeps its own sentences."""
    together = Catalog(locale=language)
    for file in sorted((CATALOGUES / language).glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes()), locale=language):
            if message.id:
                said = _spaced(message.string) if language == "fr" else message.string
                together.add(message.id, said, flags=message.flags, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return Translations(compiled)


def _spaced(said: Any) -> Any:
    """French puts a space before these signs, and a line must not begin with one of them."""
    if isinstance(said, str):
        return re.sub(r" (?=[?!:;»])|(?<=«) ", "\N{NO-BREAK SPACE}", said)
    return tuple(_spaced(each) for each in said)


def _in_brussels(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be shown")
    return moment.astimezone(BRUSSELS)


def _day(moment: datetime | date) -> date:
    return _in_brussels(moment).date() if isinstance(moment, datetime) else moment
