"""What a benchmark prints: a measure and the thing it is held against, with their ratio, for people or as JSON."""

from statistics import median

from msgspec import UNSET, Struct, UnsetType

from tests.benchmarks.load import Run
from tests.benchmarks.targets import said


class Line(Struct, frozen=True, omit_defaults=True):
    """One measure: medians over the rounds. `fairness` says what the two sides do not share."""

    what: str
    value: float
    unit: str
    p50_ms: float | UnsetType = UNSET
    p99_ms: float | UnsetType = UNSET
    against: str = ""
    against_value: float | UnsetType = UNSET
    against_p50_ms: float | UnsetType = UNSET
    against_p99_ms: float | UnsetType = UNSET
    ratio: float | UnsetType = UNSET
    fairness: str = ""

    @classmethod
    def compared(cls, what: str, ours: list[Run], against: str, theirs: list[Run], fairness: str) -> "Line":
        """Rates, side by side."""
        rate, other = median(run.rate for run in ours), median(run.rate for run in theirs)
        return cls(
            what,
            rate,
            "/s",
            p50_ms=median(run.p50 for run in ours),
            p99_ms=median(run.p99 for run in ours),
            against=against,
            against_value=other,
            against_p50_ms=median(run.p50 for run in theirs),
            against_p99_ms=median(run.p99 for run in theirs),
            ratio=rate / other,
            fairness=fairness,
        )

    @classmethod
    def held_against(cls, what: str, value: float, unit: str, against: str, other: float, fairness: str = "") -> "Line":
        """Two figures and how many times the second the first is."""
        return cls(what, value, unit, against=against, against_value=other, ratio=value / other, fairness=fairness)

    @classmethod
    def number(cls, what: str, value: float, unit: str, *, fairness: str = "") -> "Line":
        """A figure that is held against nothing."""
        return cls(what, value, unit, fairness=fairness)


def printed(lines: list[Line]) -> str:
    """A plain table, and the notes under it."""
    return "\n".join([head(), *map(row, lines), notes(lines)])


def head() -> str:
    return f"{'':<44}{'':>10} {'':<5}{'p50/p99 ms':>14}   {'against':<26}{'':>10}{'p50/p99 ms':>14}{'ratio':>8}"


def notes(lines: list[Line]) -> str:
    """What the two sides of each line do not share, said once."""
    said = dict.fromkeys(line.fairness for line in lines if line.fairness)
    return "\n".join(["", *(f"* {note}" for note in said), ""])


def row(line: Line) -> str:
    ours = f"{line.what:<44}{line.value:>10,.1f} {line.unit:<5}{_latencies(line.p50_ms, line.p99_ms):>14}"
    if line.against_value is UNSET:
        return f"{ours}   {'':<58}{said(line.what, line.value)}".rstrip()
    theirs = f"{line.against_value:>10,.1f}{_latencies(line.against_p50_ms, line.against_p99_ms):>14}"
    ratio = line.ratio if isinstance(line.ratio, float) else 0.0
    return f"{ours}   {line.against:<26}{theirs}{ratio:>8.2f}  {said(line.what, ratio)}".rstrip()


def _latencies(p50: float | UnsetType, p99: float | UnsetType) -> str:
    return "" if p50 is UNSET or p99 is UNSET else f"{p50:.1f}/{p99:.1f}"
