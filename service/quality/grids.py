"""The figures of quality about grids and time: agreement between assessors, indicators, durations."""

from collections.abc import Sequence

import asyncpg

from service.i18n import Words
from service.quality import charts, readings, statistics
from service.quality.charts import Line, Scale
from service.quality.figures import (
    Asked,
    Cell,
    Figure,
    Minutes,
    Plain,
    Share,
    percent_scale,
    said_aloud,
    titled,
)
from service.quality.readings import Agreed, Indicator
from service.quality.statistics import Interval


async def agreement(tx: asyncpg.Connection, asked: Asked) -> Figure:
    w = asked.words
    found = await readings.agreement(tx, asked.scope, by_people=False)
    return _agreement(asked, titled("agreement", w), [w.gettext("Unit")], [((one.key,), one) for one in found])


async def pairs(tx: asyncpg.Connection, asked: Asked) -> Figure:
    """Two evaluators of one session, or an evaluator and an observer."""
    w = asked.words
    found = [
        ((asked.who(one.assessor_id), asked.who(one.other_id)), one)
        for one in await readings.agreement(tx, asked.scope, by_people=True)
        if one.assessor_id is not None and one.other_id is not None
    ]
    return _agreement(asked, titled("pairs", w), [w.gettext("Assessor"), w.gettext("With")], found)


def _agreement(asked: Asked, title: str, of: list[str], found: Sequence[tuple[tuple[str, ...], Agreed]]) -> Figure:
    w, few = asked.words, asked.rules.smallest_pairs
    lines: list[Line] = []
    rows: list[tuple[Cell, ...]] = []
    for names, one in found:
        kappa = statistics.kappa(one.pairs) if one.pairs.compared >= few else None
        same = statistics.agreement(one.pairs) if one.pairs.compared >= few else None
        is_out = kappa is not None and kappa.high < SUBSTANTIAL
        value = _rounded(kappa.value, w) if kappa else w.gettext("no kappa")
        lines.append((f"{' – '.join(names)}: {value}", kappa, is_out))
        rows.append((
            *names, one.pairs.compared, one.unobserved, Share(same.value) if same else None, *_kappa(kappa),
            _thought(same, kappa, is_out, w),
        ))  # fmt: skip
    return Figure(
        title=title,
        explained=(
            w.gettext("Two assessors rate the same indicators of the same test without seeing each other’s grid."),
            w.gettext(
                "Kappa takes away what chance alone would agree on: 1 is always the same, 0 is no better than chance. There "
                "is none where both said the same of everything."
            ),
            w.gettext("Above 0.6 agreement is called substantial. A line that ends below it is drawn as a diamond."),
            w.gettext("With fewer than %(few)d indicators compared there is no share, only the counts.", few=few),
        ),
        headings=(
            *of, w.gettext("Indicators compared"), w.gettext("Not seen by one"), w.gettext("Said the same"),
            w.gettext("Kappa"), w.gettext("From"), w.gettext("To"), w.gettext("What to think of it"),
        ),
        rows=tuple(rows),
        numbers=tuple(range(len(of), len(of) + 6)),
        chart=charts.intervals(title, said_aloud(lines, w), lines, _kappas(w), reference=SUBSTANTIAL) if found else None,
    )  # fmt: skip


SUBSTANTIAL = 0.6  # Landis and Koch, 1977


def _kappas(w: Words) -> Scale:
    return Scale(-0.25, 1, tuple((value, _rounded(value, w)) for value in (0, 0.25, 0.5, 0.75, 1)))


def _rounded(value: float, w: Words) -> str:
    return w.number(round(value, 2))


def _kappa(kappa: Interval | None) -> tuple[Cell, Cell, Cell]:
    return (Plain(kappa.value), Plain(kappa.low), Plain(kappa.high)) if kappa else (None, None, None)


def _thought(same: Interval | None, kappa: Interval | None, is_out: bool, w: Words) -> str:
    if same is None:
        return w.gettext("Too few to say")
    if kappa is None:
        return w.gettext("Kappa has no meaning here")
    return w.gettext("Worth a look") if is_out else w.gettext("They agree")


async def indicators(tx: asyncpg.Connection, asked: Asked) -> Figure:
    """Met by everybody, or by nobody: whatever such an indicator asks, it does not help the jury."""
    w, few, title = asked.words, asked.rules.smallest, titled("indicators", asked.words)
    found = await readings.indicators(tx, asked.scope)
    silent = [one for one in found if one.rated >= few and one.met in (0, one.rated)]
    explained = (
        w.gettext(
            "An indicator that everybody meets, or nobody, tells nobody apart: it may be too easy, badly worded, or a "
            "matter of safety that has to be so."
        ),
        w.gettext("Each line is the part of a grid’s indicators that did tell candidates apart."),
        w.gettext("Only indicators that were rated in at least %(few)d tests are counted.", few=few),
    )
    chart = _telling(title, found, silent, asked)
    return Figure(
        title=title,
        explained=explained,
        headings=(
            w.gettext("Indicator"), w.gettext("What it says"), w.gettext("Rated"), w.gettext("Met"),
            w.gettext("Not observed"), w.gettext("Met by those who passed"), w.gettext("Met by those who failed"),
            w.gettext("What to think of it"),
        ),
        rows=tuple(_indicator(one, one in silent, few, w) for one in sorted(found, key=lambda one: one not in silent)),
        numbers=(2, 3, 4, 5, 6),
        chart=chart,
        brief=None if asked.scope.unit else _by_grid(title, explained, chart, found, silent, asked),
    )  # fmt: skip


def _by_grid(
    title: str,
    explained: tuple[str, ...],
    chart: charts.Chart | None,
    found: list[Indicator],
    silent: list[Indicator],
    asked: Asked,
) -> Figure:
    """A line for each grid: all indicators of all units would be a hundred screens of a telephone."""
    w, few = asked.words, asked.rules.smallest
    rows: list[tuple[Cell, ...]] = []
    for standard in dict.fromkeys(one.standard for one in found):
        of_it = [one for one in found if one.standard == standard]
        rated = [one for one in of_it if one.rated >= few]
        mute = sum(one in silent for one in rated)
        rows.append((standard, len(of_it), len(rated), len(rated) - mute, mute))
    return Figure(
        title=title,
        explained=(*explained, w.gettext("Choose a unit to see its indicators one by one.")),
        headings=(
            w.gettext("Grid"), w.gettext("Indicators"), w.gettext("Rated often enough"), w.gettext("Tell candidates apart"),
            w.gettext("Tell nobody apart"),
        ),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4),
        chart=chart,
    )  # fmt: skip


def _indicator(one: Indicator, is_silent: bool, few: int, w: Words) -> tuple[Cell, ...]:
    if one.rated < few:
        thought = w.gettext("Too few to say")
    elif is_silent:
        thought = w.gettext("Met by everybody") if one.met else w.gettext("Met by nobody")
    else:
        thought = w.gettext("Tells candidates apart")
    return (
        f"{one.standard}, {one.code}", w.label(one.label), one.rated, one.met, one.unobserved,
        _part(one.passed_met, one.passed_rated), _part(one.failed_met, one.failed_rated), thought,
    )  # fmt: skip


def _part(hits: int, of: int) -> Cell:
    return Share(hits / of) if of else None


def _telling(title: str, found: list[Indicator], silent: list[Indicator], asked: Asked) -> charts.Chart | None:
    w, few = asked.words, asked.rules.smallest
    lines: list[Line] = []
    for standard in dict.fromkeys(one.standard for one in found):
        rated = [one for one in found if one.standard == standard and one.rated >= few]
        telling = sum(one not in silent for one in rated)
        share = Interval(telling / len(rated), telling / len(rated), telling / len(rated)) if rated else None
        counts = w.gettext("%(passed)d of %(tests)d", passed=telling, tests=len(rated))
        lines.append((f"{standard}: {counts}" if rated else f"{standard}: {w.gettext('Too few to say')}", share, False))
    return charts.intervals(title, said_aloud(lines, w), lines, percent_scale(w)) if lines else None


async def durations(tx: asyncpg.Connection, asked: Asked) -> Figure:
    """From the first minute of a session to its last, against the plan and the longest extra time that was granted."""
    w, title, tolerance = asked.words, titled("durations", asked.words), asked.rules.tolerance_minutes
    found = await readings.durations(tx, asked.scope, tolerance=tolerance)
    lines: list[Line] = [
        (
            f"{one.key}: {w.percent(one.share_median, 0)}",
            Interval(one.share_median, one.share_low, one.share_high),
            one.overran * 4 >= one.sessions > 1,
        )
        for one in found
    ]
    scale = Scale(0.5, 1.5, tuple((value, w.percent(value, 0)) for value in (0.5, 0.75, 1, 1.25, 1.5)))
    return Figure(
        title=title,
        explained=(
            w.gettext("What was planned is 100 %%. The longest extra time that was granted in the session is part of the plan."),
            w.gettext("The mark is the middle session. Eight sessions in ten lie on the line."),
            w.gettext(
                "A session overran if it took more than %(minutes)d minutes longer than planned. A diamond: one session in "
                "four, or more, did.",
                minutes=tolerance,
            ),
        ),
        headings=(
            w.gettext("Unit"), w.gettext("Sessions"), w.gettext("Planned"), w.gettext("Took"),
            w.gettext("Of the plan"), w.gettext("From"), w.gettext("To"), w.gettext("Overran"),
        ),
        rows=tuple(
            (
                one.key, one.sessions, Minutes(one.planned), Minutes(one.median), Share(one.share_median),
                Share(one.share_low), Share(one.share_high), one.overran,
            )
            for one in found
        ),
        numbers=(1, 2, 3, 4, 5, 6, 7),
        chart=charts.intervals(title, said_aloud(lines, w), lines, scale, reference=1.0) if found else None,
    )  # fmt: skip
