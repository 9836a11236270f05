"""What the figures of quality rest on, against values worked out elsewhere."""

import random
from math import log

import pytest

from service.quality import statistics
from service.quality.charts import Scale, intervals, trend
from service.quality.statistics import Interval, Pairs


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (67, 100, 0.5731, 0.7544),
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilson_s(hits: int, of: int, low: float, high: float) -> None:
    share = statistics.wilson(hits, of)
    assert share.value == hits / of
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (2, 1), (-1, 3)])
def test_there_is_no_share_of_nothing(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="of"):
        statistics.wilson(hits, of)


def test_the_limits_of_chance_are_wider_for_fewer_and_stay_shares() -> None:
    assert statistics.limits(0.5, 100) == (0.35, 0.65)
    assert statistics.limits(0.9, 4) == (pytest.approx(0.45), 1.0)
    assert statistics.limits(1.0, 7) == (1.0, 1.0)


def test_kappa_takes_away_what_chance_agrees_on() -> None:
    told = statistics.kappa(Pairs(20, 15, 5, 10))  # Cohen's own kind of table: 0.7 seen, 0.5 by chance
    assert told is not None
    assert round(told.value, 4) == 0.4
    assert told.low < told.value < told.high <= 1
    assert statistics.agreement(Pairs(20, 15, 5, 10)).value == 0.7


def test_all_agreed_is_one_and_still_not_certain() -> None:
    told = statistics.kappa(Pairs(5, 5, 0, 0))
    assert told is not None
    assert (told.value, told.high) == (1.0, 1.0)
    assert told.low < 0.6


@pytest.mark.parametrize("pairs", [Pairs(0, 0, 0, 0), Pairs(9, 0, 0, 0), Pairs(0, 9, 0, 0)])
def test_kappa_has_no_meaning_where_chance_would_agree_as_well(pairs: Pairs) -> None:
    assert statistics.kappa(pairs) is None


def test_a_line_without_a_share_keeps_its_place_and_a_mark_lies_within_the_drawing() -> None:
    scale = Scale(0, 1, ((0, "0 %"), (1, "100 %")))
    lines = [("few", None, False), ("many", Interval(0.5, 0.4, 1.7), True)]
    drawn = intervals("t", "s", lines, scale, reference=0.5)
    first, second = drawn.marks
    assert (first.x, second.x, second.x_high, second.is_out) == (None, 180.0, 350.0, True)
    assert second.y > first.y
    assert drawn.reference == 180.0


def test_a_period_beyond_its_limits_is_out_and_one_without_a_share_is_not() -> None:
    scale = Scale(0, 1, ())
    periods = [("1/23", 0.9, (0.4, 0.8)), ("2/23", 0.6, (0.4, 0.8)), ("3/23", None, (0.0, 1.0))]
    drawn = trend("t", "s", periods, scale, reference=0.6)
    assert [(point.is_out, point.y is None) for point in drawn.points] == [(True, False), (False, False), (False, True)]


def test_a_sum_grows_by_the_evidence_of_each_test_and_never_falls_below_nothing() -> None:
    """At a usual half, twice the odds is two thirds: a pass adds ln 4/3, a failure takes ln 3/2 away."""
    first, second, third = statistics.cusum([(4, 4), (0, 1), (0, 9)], 0.5)
    assert first.easier == pytest.approx(4 * log(4 / 3))
    assert first.harder == 0
    assert second.easier == pytest.approx(4 * log(4 / 3) - log(3 / 2))
    assert second.harder == pytest.approx(log(4 / 3))
    assert (third.easier, third.harder) == (0, pytest.approx(10 * log(4 / 3)))
    assert [one.is_out for one in (first, second, third)] == [False, False, False]


def test_a_shift_that_no_quarter_shows_is_found_by_its_sum() -> None:
    """Seven in ten pass; from the fourth quarter on, six in ten. Each alone is within the limits of chance."""
    quarters = [(28, 40)] * 3 + [(24, 40)] * 9
    assert all(low <= hits / of <= high for hits, of in quarters for low, high in [statistics.limits(0.7, of)])
    found = [one.is_out for one in statistics.cusum(quarters, 0.7)]
    assert not any(found[:3])
    assert found[-1]


def test_chance_alone_seldom_raises_the_alarm() -> None:
    """Twelve quarters of thirty tests that never changed: fewer than one history in ten."""
    chance = random.Random(1954)
    false = 0
    for _ in range(400):
        quarters = [(sum(chance.random() < 0.7 for _ in range(30)), 30) for _ in range(12)]
        false += any(one.is_out for one in statistics.cusum(quarters, 0.7))
    assert false < 40


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_everybody_or_nobody_passes_nothing_drifts(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        statistics.cusum([(1, 1)], share)
