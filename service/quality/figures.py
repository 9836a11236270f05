"""The figures of quality as they are shown: a chart, the table beside it, and in plain words what they mean.

Every figure is made by one function, from one reading, in the reader's language; `FIGURES` is their order. People appear
under the name that `Asked.who` gives them: a pseudonym, unless somebody asked for names and the audit trail says so.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import asyncpg
from msgspec import Struct

from service.desk_words import ROLES
from service.i18n import N_, Words
from service.quality import charts, readings, statistics
from service.quality.charts import Chart, Line, Scale
from service.quality.readings import Passed, Scope
from service.quality.rules import Rules
from service.quality.statistics import Interval


class Share(Struct, frozen=True):
    """A share, for people as a percentage, for programs as it is."""

    value: float


class Minutes(Struct, frozen=True):
    value: float


class Plain(Struct, frozen=True):
    """A number between -1 and 1 that is no percentage."""

    value: float


Cell = str | int | Share | Minutes | Plain | None


class Figure(Struct, frozen=True, kw_only=True):
    """`explained`: sentences. `numbers`: the columns that hold numbers. `brief`: what a page shows instead of a table that
    nobody could read there; a file has the whole one."""

    title: str
    explained: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    chart: Chart | None
    brief: "Figure | None" = None


class Asked(Struct, frozen=True):
    """What a figure is about, by which rules, in whose words, and what people are called in it."""

    scope: Scope
    rules: Rules
    words: Words
    who: Callable[[UUID], str]


Make = Callable[["asyncpg.Connection[asyncpg.Record]", Asked], Awaitable[Figure]]


async def units(tx: asyncpg.Connection, asked: Asked) -> Figure:
    found = await readings.units(tx, asked.scope)
    return _passes(asked, titled("units", asked.words), asked.words.gettext("Unit"), found)


async def centres(tx: asyncpg.Connection, asked: Asked) -> Figure:
    found = await readings.centres(tx, asked.scope)
    return _passes(asked, titled("centres", asked.words), asked.words.gettext("Centre"), found)


async def standards(tx: asyncpg.Connection, asked: Asked) -> Figure:
    found = await readings.standards(tx, asked.scope)
    return _passes(asked, titled("standards", asked.words), asked.words.gettext("Version"), found)


async def assessors(tx: asyncpg.Connection, asked: Asked) -> Figure:
    w = asked.words
    found = [
        Passed(f"{asked.who(one.assessor_id)}, {w.gettext(ROLES[one.role or ''])}", one.passed, one.tests)
        for one in await readings.assessors(tx, asked.scope)
        if one.assessor_id is not None
    ]
    note = w.gettext(
        "It is the jury that decides, and candidates differ: an assessor who stands out has perhaps only had other candidates."
    )
    return _passes(asked, titled("assessors", w), w.gettext("Assessor"), found, note)


def _passes(asked: Asked, title: str, of: str, found: list[Passed], *notes: str) -> Figure:
    """A share with its interval for each line; against the share of all of them, and what chance alone does to it."""
    w, few = asked.words, asked.rules.smallest
    tests, passed = sum(one.tests for one in found), sum(one.passed for one in found)
    usual = passed / tests if tests >= few else None  # of too few there is no share, of all together neither
    judged = [(one, statistics.wilson(one.passed, one.tests) if one.tests >= few else None) for one in found]
    lines: list[Line] = [(_said(one, share, w), share, _stands_out(one, share, usual)) for one, share in judged]
    rows = tuple(
        (one.key, one.tests, one.passed, *_shares(share), _verdict(share, is_out, w))
        for (one, share), (_, _, is_out) in zip(judged, lines, strict=True)
    )
    return Figure(
        title=title,
        explained=(
            w.gettext("Each line shows where the true share lies, 19 times in 20. The fewer tests, the longer the line."),
            w.gettext("With fewer than %(few)d tests there is no share, only the counts.", few=few),
            *(_of_all(usual, w) if usual is not None else ()),
            *notes,
        ),
        headings=(
            of, w.gettext("Tests"), w.gettext("Passed"), w.gettext("Share"), w.gettext("From"), w.gettext("To"),
            w.gettext("What to think of it"),
        ),
        rows=rows,
        numbers=(1, 2, 3, 4, 5),
        chart=charts.intervals(title, said_aloud(lines, w), lines, percent_scale(w), reference=usual) if found else None,
    )  # fmt: skip


def _of_all(usual: float, w: Words) -> tuple[str]:
    return (
        w.gettext(
            "The dashed line is the share of all these tests, %(share)s. What chance alone would give only 3 times in "
            "1000 is drawn as a diamond. That is a reason to look, not a verdict.",
            share=w.percent(usual),
        ),
    )


def _stands_out(one: Passed, share: Interval | None, usual: float | None) -> bool:
    if share is None or usual is None:
        return False
    low, high = statistics.limits(usual, one.tests)
    return not low <= share.value <= high


def _said(one: Passed, share: Interval | None, w: Words) -> str:
    counts = w.gettext("%(passed)d of %(tests)d", passed=one.passed, tests=one.tests)
    return f"{one.key}: {w.percent(share.value, 0)} ({counts})" if share else f"{one.key}: {counts}"


def _shares(share: Interval | None) -> tuple[Cell, Cell, Cell]:
    return (Share(share.value), Share(share.low), Share(share.high)) if share else (None, None, None)


def _verdict(share: Interval | None, is_out: bool, w: Words) -> str:
    if share is None:
        return w.gettext("Too few to say")
    return w.gettext("Worth a look") if is_out else w.gettext("As chance has it")


def said_aloud(lines: list[Line], w: Words) -> str:
    """The chart, said aloud: how much there is to see and what stands out. The values are in the table."""
    out = [said for said, _, is_out in lines if is_out]
    counted = w.ngettext("One line.", "%(num)d lines.", len(lines))
    told = w.gettext("Worth a look: %(what)s.", what="; ".join(out)) if out else w.gettext("Nothing stands out.")
    in_table = w.gettext("The same values are in the table.")
    return f"{counted} {told} {in_table}"


def percent_scale(w: Words) -> Scale:
    return Scale(0, 1, tuple((value, w.percent(value, 0)) for value in (0, 0.25, 0.5, 0.75, 1)))


async def drift(tx: asyncpg.Connection, asked: Asked) -> Figure:
    """The p-chart: is the share of a quarter within what chance does to a share that never changed?"""
    w, few, title = asked.words, asked.rules.smallest, titled("drift", asked.words)
    found = await readings.quarters(tx, looking_back(asked))
    tests = sum(one.tests for one in found)
    usual = sum(one.passed for one in found) / tests if tests >= few else None
    periods, rows = [], []
    for one in found:
        share = statistics.wilson(one.passed, one.tests) if one.tests >= few else None
        low, high = statistics.limits(usual, one.tests) if usual is not None else (0.0, 1.0)
        said, is_out = quarter(date.fromisoformat(one.key), w), _stands_out(one, share, usual)
        periods.append((said, share.value if share else None, (low, high)))
        shown = Share(share.value) if share else None
        limits = (None, None) if usual is None else (Share(low), Share(high))
        rows.append((said, one.tests, one.passed, shown, *limits, _verdict(share, is_out, w)))
    out = [row[0] for row in rows if row[6] == w.gettext("Worth a look")]
    told = (
        w.gettext("Worth a look: %(what)s.", what="; ".join(map(str, out))) if out else w.gettext("Nothing stands out.")
    )
    return Figure(
        title=title,
        explained=(
            *(
                (w.gettext("The dashed line is the share over all these quarters, %(share)s.", share=w.percent(usual)),)
                if usual is not None
                else ()
            ),
            w.gettext(
                "If nothing changed, chance alone keeps a quarter within the shaded band 997 times in 1000. The band is "
                "wider where there were fewer tests. A diamond is outside: find out what changed."
            ),
            w.gettext("With fewer than %(few)d tests there is no share, only the counts.", few=few),
        ),
        headings=(
            w.gettext("Quarter"), w.gettext("Tests"), w.gettext("Passed"), w.gettext("Share"), w.gettext("Lower limit"),
            w.gettext("Upper limit"), w.gettext("What to think of it"),
        ),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4, 5),
        chart=charts.trend(
            title, told + " " + w.gettext("The same values are in the table."), periods, percent_scale(w), reference=usual
        ) if usual is not None else None,
    )  # fmt: skip


def looking_back(asked: Asked) -> Scope:
    """The quarters up to the end of what was asked for."""
    scope = asked.scope
    months = scope.until.year * 12 + scope.until.month - 1 - 3 * asked.rules.quarters
    return Scope(scope.centre_id, scope.unit, date(months // 12, months % 12 + 1, 1), scope.until)


def quarter(first: date, w: Words) -> str:
    return w.gettext("Q%(quarter)d %(year)s", quarter=(first.month + 2) // 3, year=f"{first:%y}")


TITLES = {
    "units": N_("Pass rate by unit"),
    "centres": N_("Pass rate by centre"),
    "standards": N_("Pass rate by version of the standard"),
    "assessors": N_("Pass rate by assessor"),
    "drift": N_("Pass rate by quarter"),
    "slow": N_("Slow drift of the pass rate"),
    "agreement": N_("Agreement between assessors, by unit"),
    "pairs": N_("Agreement between assessors, by pair"),
    "indicators": N_("Indicators that tell nobody apart"),
    "durations": N_("How long tests took"),
}


def titled(figure: str, w: Words) -> str:
    return w.gettext(TITLES[figure])


OF_PEOPLE = ("assessors", "pairs")
