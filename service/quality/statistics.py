"""How sure a share is, when it moves, and how far two people agree. Pure: no clock, no database, no words.

Sources: Wilson (1927) for the interval of a share; Shewhart for the limits of a p-chart, Spiegelhalter (2005) for the same
limits over unequal numbers (the funnel); Page (1954) for sums that drift, Steiner et al. (2000) for their weights and alarm;
Cohen (1960) for kappa.
"""

from collections.abc import Iterable
from math import log, sqrt

from msgspec import Struct

SURE = 1.96  # standard errors: true 19 times in 20
ALARM = 3.0  # chance alone goes beyond it about 3 times in 1000
ODDS = 2.0  # the drift that is looked for: the odds of passing doubled, or halved
DRIFTED = 4.5  # from here on a sum says that it drifted


class Interval(Struct, frozen=True):
    """A share or an agreement, and from where to where it may truly lie."""

    value: float
    low: float
    high: float


class Pairs(Struct, frozen=True):
    """What two people said of the same things: both met, both not met, only the first met, only the second met."""

    both_met: int
    both_not_met: int
    only_first: int
    only_second: int

    @property
    def compared(self) -> int:
        return self.both_met + self.both_not_met + self.only_first + self.only_second


def wilson(hits: int, of: int) -> Interval:
    """The share and its 95 % interval: honest for small numbers, never below 0 or above 1. Refuses (ValueError) no trial."""
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of}")
    share, square = hits / of, SURE * SURE
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = SURE / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def limits(share: float, of: int) -> tuple[float, float]:
    """Between which shares chance alone keeps `of` trials, where the usual share is `share`."""
    if of < 1:
        raise ValueError("no trial")
    half = ALARM * sqrt(share * (1 - share) / of)
    return max(0.0, share - half), min(1.0, share + half)


class Sums(Struct, frozen=True):
    """How much speaks for a drift so far, in log-likelihood: that passing became easier, or harder. 0: nothing does."""

    easier: float
    harder: float

    @property
    def is_out(self) -> bool:
        return max(self.easier, self.harder) >= DRIFTED


def cusum(periods: Iterable[tuple[int, int]], share: float) -> list[Sums]:
    """The sums after each period of (hits, trials), where the usual share is `share`: small shifts that go on add up.

    Refuses (ValueError) a usual share of 0 or 1: then nothing can drift by its odds.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of {share}")
    sums, easier, harder = [], 0.0, 0.0
    for hits, trials in periods:
        easier = max(0.0, easier + _evidence(hits, trials, share, ODDS))
        harder = max(0.0, harder + _evidence(hits, trials, share, 1 / ODDS))
        sums.append(Sums(easier, harder))
    return sums


def _evidence(hits: int, trials: int, share: float, ratio: float) -> float:
    odds = ratio * share / (1 - share)
    shifted = odds / (1 + odds)
    return hits * log(shifted / share) + (trials - hits) * log((1 - shifted) / (1 - share))


def agreement(pairs: Pairs) -> Interval:
    """The share of things of which both said the same. Refuses (ValueError) nothing compared."""
    return wilson(pairs.both_met + pairs.both_not_met, pairs.compared)


def kappa(pairs: Pairs) -> Interval | None:
    """Cohen's kappa: 1 is always the same, 0 is what chance gives. None where it has no meaning: nothing was compared, or
    both said one and the same of everything, so that chance would agree just as well.

    Its interval is that of the share on which they agreed, with chance taken away: it stays honest where all agreed.
    """
    n = pairs.compared
    if n == 0:
        return None
    first = (pairs.both_met + pairs.only_first) / n
    second = (pairs.both_met + pairs.only_second) / n
    by_chance = first * second + (1 - first) * (1 - second)
    if by_chance >= 1:
        return None
    same = wilson(pairs.both_met + pairs.both_not_met, n)
    value, low, high = ((share - by_chance) / (1 - by_chance) for share in (same.value, same.low, same.high))
    return Interval(value, max(-1.0, low), high)
