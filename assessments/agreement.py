"""How far evaluator and observer agree, beyond what chance alone would give: Cohen's kappa. Pure, like marking.

κ = (p_o − p_e) / (1 − p_e), over the indicators that both observed, in the two categories met and not met: what nobody
observed is no judgement. It is said only where it means something (J. Cohen, A coefficient of agreement for nominal
scales, 1960): of too few indicators it is an accident, and where one of the two gave everything the same mark it is 0
whatever the other saw. Where it is not said, why not is.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from assessments.grids import Grid
from assessments.marking import Rating

Reason = Literal["not_both", "too_few", "no_variance"]
Strength = Literal["slight", "fair", "moderate", "substantial", "almost_perfect"]

FEWEST = 5  # indicators that both observed; fewer say nothing, by a convention of ours
# J. R. Landis, G. G. Koch, The measurement of observer agreement for categorical data, 1977: up to and including.
STRENGTHS: tuple[tuple[float, Strength], ...] = (
    (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"), (1.0, "almost_perfect"),
)  # fmt: skip


class Agreement(Struct, frozen=True):
    """`compared`: indicators that both observed, `same` those of them rated alike; `kappa` is None for a `reason`."""

    compared: int
    same: int
    kappa: float | None
    reason: Reason | None
    strength: Strength | None


def of_grid(grid: Grid, evaluator: Iterable[Rating], observer: Iterable[Rating]) -> Agreement:
    """Compare what two people saw of one candidate, over the indicators of the grid; the check-list is the observer's."""
    seen, checked = ({one.indicator: one.rating for one in ratings} for ratings in (evaluator, observer))
    codes = [one.code for criterion in grid.criteria for one in criterion.indicators]
    pairs = [(seen.get(code), checked.get(code)) for code in codes]
    judged = [(first == "met", second == "met") for first, second in pairs if _judged(first) and _judged(second)]
    return of_pairs(judged, both=bool(seen) and bool(checked))


def _judged(mark: str | None) -> bool:
    return mark in ("met", "not_met")


def of_pairs(pairs: list[tuple[bool, bool]], *, both: bool = True) -> Agreement:
    """Compare pairs of met (True) or not met; `both`: whether two people rated at all."""
    same = sum(first == second for first, second in pairs)
    if not both:
        return Agreement(len(pairs), same, None, "not_both", None)
    if len(pairs) < FEWEST:
        return Agreement(len(pairs), same, None, "too_few", None)
    first, second = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    if first in (0, 1) or second in (0, 1):
        return Agreement(len(pairs), same, None, "no_variance", None)
    by_chance = first * second + (1 - first) * (1 - second)
    kappa = (same / len(pairs) - by_chance) / (1 - by_chance)
    return Agreement(len(pairs), same, kappa, None, _strength(kappa))


def _strength(kappa: float) -> Strength:
    return next(name for most, name in STRENGTHS if kappa <= most + 1e-9)
