"""Slow drift: shifts too small for one quarter, which add up (CUSUM)."""

from datetime import date

import asyncpg

from service.quality import charts, readings, statistics
from service.quality.charts import Scale
from service.quality.figures import Asked, Figure, Plain, looking_back, quarter, titled
from service.quality.statistics import DRIFTED, Sums

HIGHEST = 6  # of the drawing; whatever is beyond stands at its edge


async def slow_drift(tx: asyncpg.Connection, asked: Asked) -> Figure:
    """What speaks for it that passing became easier or harder, summed up quarter after quarter."""
    w, title = asked.words, titled("slow", asked.words)
    found = await readings.quarters(tx, looking_back(asked))
    tests, passed = sum(one.tests for one in found), sum(one.passed for one in found)
    can_drift = tests >= asked.rules.smallest and 0 < passed < tests
    usual = passed / tests if can_drift else 0.5
    sums = statistics.cusum([(one.passed, one.tests) for one in found], usual) if can_drift else []
    rows, periods = [], []
    for one, each in zip(found, sums, strict=False):
        said = quarter(date.fromisoformat(one.key), w)
        verdict = w.gettext("Worth a look") if each.is_out else w.gettext("As chance has it")
        rows.append((said, one.tests, one.passed, Plain(each.easier), Plain(each.harder), verdict))
        periods.append((said, _signed(each), (-DRIFTED, DRIFTED)))
    out = [str(row[0]) for row in rows if row[5] == w.gettext("Worth a look")]
    told = w.gettext("Worth a look: %(what)s.", what="; ".join(out)) if out else w.gettext("Nothing stands out.")
    scale = Scale(-HIGHEST, HIGHEST, tuple((value, w.number(value)) for value in (-HIGHEST, -3, 0, 3, HIGHEST)))
    drawn = told + " " + w.gettext("The same values are in the table.")
    return Figure(
        title=title,
        explained=(
            w.gettext(
                "Each test that ends otherwise than usual adds a little, each usual one takes a little away, and nothing "
                "goes below zero. So a small change that goes on shows, which one quarter would hide."
            ),
            w.gettext(
                "Above the line passing became easier, below it harder. Beyond %(limit)s it is more than chance would "
                "do: find out since when.",
                limit=w.number(DRIFTED),
            ),
        ),
        headings=(
            w.gettext("Quarter"), w.gettext("Tests"), w.gettext("Passed"), w.gettext("Easier, summed up"),
            w.gettext("Harder, summed up"), w.gettext("What to think of it"),
        ),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4),
        chart=charts.trend(title, drawn, periods, scale, reference=0.0) if rows else None,
    )  # fmt: skip


def _signed(sums: Sums) -> float:
    """The larger of the two, downwards for what became harder."""
    value = sums.easier if sums.easier >= sums.harder else -sums.harder
    return max(-float(HIGHEST), min(float(HIGHEST), value))
