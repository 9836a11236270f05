"""Where a chart's marks stand, in the units of its drawing; templates/components/charts.html draws them.

A drawing is 360 wide, which a telephone shows at about its own size: its letters stay readable. Whatever it shows stands
in the table beside it, too.
"""

from collections.abc import Sequence

from msgspec import Struct

from service.quality.statistics import Interval

WIDTH, LEFT, RIGHT = 360, 10, 350
ROW, BARE = 46, 26  # a line of letters with the mark under it, and one without
TOP, PLOT = 16, 200  # of a trend: above the plot, and its height


class Scale(Struct, frozen=True):
    """From which value to which one the drawing reaches, and the values named on it."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def across(self, value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * self._part(value), 1)

    def up(self, value: float) -> float:
        return round(TOP + PLOT * (1 - self._part(value)), 1)

    def _part(self, value: float) -> float:
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


class Mark(Struct, frozen=True):
    """One line of a chart of intervals: `says` is its label and its value. `is_out`: chance hardly explains it."""

    says: str
    y: float
    x: float | None = None
    x_low: float = 0
    x_high: float = 0
    is_out: bool = False


class Intervals(Struct, frozen=True, tag="intervals"):
    """A share for each of several things, with how sure it is; `reference`: where the share of all of them stands."""

    title: str
    says: str
    height: float
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    reference: float | None


class Point(Struct, frozen=True):
    """One period of a trend: without `y` it has too few tests."""

    x: float
    under: str
    y: float | None
    y_low: float
    y_high: float
    is_out: bool


class Trend(Struct, frozen=True, tag="trend"):
    """A share over periods between the limits of chance; `half`: half the width of one period."""

    title: str
    says: str
    points: tuple[Point, ...]
    ticks: tuple[tuple[float, str], ...]
    reference: float
    half: float


Chart = Intervals | Trend
Line = tuple[str, Interval | None, bool]  # what it is called, its share, and whether it stands out


def intervals(
    title: str, says: str, lines: Sequence[Line], scale: Scale, *, reference: float | None = None
) -> Intervals:
    """A mark for each line, in their order; a line without a share keeps its place, so that nothing is hidden."""
    marks, y = [], 0.0
    for line in lines:
        marks.append(_mark(y, line, scale))
        y += BARE if line[1] is None else ROW
    return Intervals(
        title=title,
        says=says,
        height=y + 26,
        marks=tuple(marks),
        ticks=tuple((scale.across(value), said) for value, said in scale.ticks),
        reference=None if reference is None else scale.across(reference),
    )


def _mark(y: float, line: Line, scale: Scale) -> Mark:
    said, share, is_out = line
    if share is None:
        return Mark(said, y)
    return Mark(said, y, scale.across(share.value), scale.across(share.low), scale.across(share.high), is_out)


Period = tuple[str, float | None, tuple[float, float]]  # what it is called, its share, and the limits of chance


def trend(title: str, says: str, periods: Sequence[Period], scale: Scale, *, reference: float) -> Trend:
    """The periods side by side. One is out where its share lies beyond its own limits."""
    half = (RIGHT - LEFT - 30) / max(len(periods), 1) / 2
    return Trend(
        title=title,
        says=says,
        points=tuple(_point(number, period, half, scale) for number, period in enumerate(periods)),
        ticks=tuple((scale.up(value), said) for value, said in scale.ticks),
        reference=scale.up(reference),
        half=round(half, 1),
    )


def _point(number: int, period: Period, half: float, scale: Scale) -> Point:
    said, share, (low, high) = period
    return Point(
        x=round(LEFT + 30 + half * (2 * number + 1), 1),
        under=said,
        y=None if share is None else scale.up(share),
        y_low=scale.up(low),
        y_high=scale.up(high),
        is_out=share is not None and not low <= share <= high,
    )
