"""The ninety days ahead as a picture: a bar for each thing, as long as it is still valid. Pure; the table says the same."""

from datetime import date, timedelta

from msgspec import Struct

from service.i18n import N_, Words
from service.validity import AHEAD_DAYS, Lapse

WIDTH, ROW, TOP = 720, 64, 44
MOST = 30  # bars; the table has all
LONGEST = 52  # letters of a label
KINDS = {
    "accreditation": N_("Accreditation"),
    "qualification": N_("Qualification"),
    "interest": N_("Declaration of interests"),
    "confidentiality": N_("Promise of confidentiality"),
}


class Bar(Struct, frozen=True):
    """`tone`: good where it is renewed, bad where its end breaks a session, else warn."""

    y: int
    width: int
    tone: str
    label: str
    note: str


class Tick(Struct, frozen=True):
    x: int
    label: str


class Chart(Struct, frozen=True):
    """In units of its own; `height` with all its bars."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def chart(lapses: list[Lapse], words: Words, *, today: date) -> Chart:
    """The first thirty ends, in their order."""
    bars = tuple(_bar(one, number, words, today) for number, one in enumerate(lapses[:MOST]))
    ticks = tuple(
        Tick(_x(today + timedelta(days=days), today), words.short_day(today + timedelta(days=days)))
        for days in (0, 30, 60)
    )
    return Chart(WIDTH, TOP + ROW * len(bars), bars, ticks)


def _bar(one: Lapse, number: int, words: Words, today: date) -> Bar:
    count = len(one.breaks)
    tone = "bad" if count else "good" if one.renewed else "warn"
    note = words.ngettext("breaks %(num)d session", "breaks %(num)d sessions", count) if count else ""
    if one.renewed and not count:
        note = words.gettext("renewed")
    return Bar(TOP + number * ROW, max(_x(one.last_day, today), 4), tone, _short(title(one, words)), note)


def title(one: Lapse, words: Words) -> str:
    """« Qualification, Ahmed Lambert, MACO »"""
    parts = [words.gettext(KINDS[one.kind]), one.name or one.centre_name or "", one.trade_code or ""]
    return ", ".join(part for part in parts if part)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _x(day: date, today: date) -> int:
    return round(WIDTH * min(max((day - today).days, 0), AHEAD_DAYS) / AHEAD_DAYS)
