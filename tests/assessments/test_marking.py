"""The grid only proposes: thresholds, eliminatory indicators, and what nobody observed (invariant 11)."""

from collections.abc import Iterator
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from assessments.grids import Criterion, Grid, Indicator
from assessments.marking import Mark, Rating, Score, Weighed, agreed, profile, propose
from tests.builders.assessments import GRID, INDICATORS, LABEL, all_met

MARKS = get_args(Mark)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "pass"),
        ({"i1_3": "not_met"}, "pass"),  # two of three are enough
        ({"i1_2": "not_met", "i1_3": "not_met"}, "fail"),
        ({"i2_1": "not_met"}, "pass"),
        ({"i2_1": "not_met", "i2_2": "not_met"}, "fail"),
        ({"i1_1": "not_met"}, "fail"),  # eliminatory, though two others are met
        ({"i1_3": "not_observed"}, "pass"),  # passes even if it was not met
        ({"i1_1": "not_observed"}, "undecided"),  # nobody saw the safety: not a fail, and not a pass
        ({"i1_2": "not_met", "i1_3": "not_observed"}, "undecided"),
        ({"i1_2": "not_observed", "i1_3": "not_observed"}, "undecided"),
        ({"i1_1": "not_met", "i2_1": "not_observed", "i2_2": "not_observed"}, "fail"),  # fails even if both were met
        ({"i2_1": "not_met", "i2_2": "not_met", "i1_1": "not_observed"}, "fail"),
    ],
)
def test_the_proposal_follows_from_the_evaluators_ratings(changes: dict[str, Mark], outcome: str) -> None:
    assert propose(GRID, all_met(**changes)).outcome == outcome


def test_a_proposal_says_which_indicators_made_it() -> None:
    proposal = propose(GRID, all_met(i1_1="not_met", i2_1="not_met", i2_2="not_observed"))
    assert [(reason.kind, reason.criterion, reason.indicators) for reason in proposal.reasons] == [
        ("eliminatory_not_met", "1", ("1.1",)),
        ("not_observed", "2", ("2.2",)),
    ]
    assert [(state.state, state.met) for state in proposal.criteria] == [("not_met", 2), ("undecided", 0)]


def test_below_the_threshold_the_unmet_indicators_are_named() -> None:
    (reason,) = propose(GRID, all_met(i1_2="not_met", i1_3="not_met")).reasons
    assert (reason.kind, reason.indicators) == ("below_threshold", ("1.2", "1.3"))


def test_the_observer_changes_nothing_and_is_shown_beside() -> None:
    observer = all_met(observer=True, i1_1="not_met", iK2="not_met")
    proposal = propose(GRID, all_met(), observer)
    assert proposal.outcome == "pass"
    assert [(one.indicator, one.evaluator, one.observer) for one in proposal.disagreements] == [
        ("1.1", "met", "not_met")
    ]
    assert [one.indicator for one in proposal.irregularities] == ["K2"]


def test_what_is_not_rated_yet_is_undecided() -> None:
    assert propose(GRID, []).outcome == "undecided"


def test_two_evaluators_who_differ_leave_it_to_the_jury() -> None:
    assert propose(GRID, agreed([all_met(), all_met()])).outcome == "pass"
    assert propose(GRID, agreed([all_met(), all_met(i1_1="not_met")])).outcome == "undecided"
    assert propose(GRID, agreed([all_met(i1_1="not_met"), all_met(i1_1="not_met")])).outcome == "fail"


def test_a_screening_scores_what_was_observed() -> None:
    scores = profile(GRID, all_met(i1_2="not_met", i1_3="not_observed", i2_1="not_observed", i2_2="not_observed"))
    assert scores == (Score("1", 1, 2, 3, 50), Score("2", 0, 0, 2, None))


def test_percentages_are_rounded_halves_up() -> None:
    eight = Grid(1, ("fr",), (Criterion("1", LABEL, 0, tuple(Indicator(f"1.{n}", LABEL) for n in range(8))),) * 2)
    ratings = [Rating(f"1.{n}", "met" if n < 5 else "not_met") for n in range(8)]
    assert profile(eight, ratings)[0].percent == 63  # 62.5


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    return Grid(1, ("fr",), tuple(draw(criteria(number)) for number in range(1, draw(st.integers(2, 4)) + 1)))


@st.composite
def criteria(draw: st.DrawFn, number: int) -> Criterion:
    eliminatory = draw(st.lists(st.booleans(), min_size=2, max_size=5))
    indicators = tuple(Indicator(f"{number}.{n}", LABEL, barred) for n, barred in enumerate(eliminatory))
    return Criterion(str(number), LABEL, draw(st.integers(max(1, sum(eliminatory)), len(indicators))), indicators)


@st.composite
def marked(draw: st.DrawFn) -> tuple[Grid, dict[str, Mark]]:
    grid = draw(grids())
    return grid, {one.code: draw(st.sampled_from(MARKS)) for part in grid.criteria for one in part.indicators}


def outcome(grid: Grid, marks: dict[str, Mark]) -> str:
    return propose(grid, [Rating(code, mark, "why") for code, mark in marks.items()]).outcome


ORDER = {"fail": 0, "undecided": 1, "pass": 2}


@given(marked(), st.data())
def test_seeing_more_met_never_makes_it_worse(case: tuple[Grid, dict[str, Mark]], data: st.DataObject) -> None:
    grid, marks = case
    better = marks | {data.draw(st.sampled_from(sorted(marks))): "met"}
    assert ORDER[outcome(grid, better)] >= ORDER[outcome(grid, marks)]


@given(marked())
def test_a_verdict_is_one_whatever_the_unobserved_were(case: tuple[Grid, dict[str, Mark]]) -> None:
    grid, marks = case
    best = outcome(grid, {code: "met" if mark == "not_observed" else mark for code, mark in marks.items()})
    worst = outcome(grid, {code: "not_met" if mark == "not_observed" else mark for code, mark in marks.items()})
    assert best != "undecided" != worst
    assert outcome(grid, marks) == (best if best == worst else "undecided")


@given(marked())
def test_an_eliminatory_indicator_not_met_is_always_a_fail(case: tuple[Grid, dict[str, Mark]]) -> None:
    grid, marks = case
    eliminatory = [one.code for part in grid.criteria for one in part.indicators if one.eliminatory]
    if any(marks[code] == "not_met" for code in eliminatory):
        assert outcome(grid, marks) == "fail"


@given(marked())
def test_the_order_of_ratings_and_the_observer_do_not_matter(case: tuple[Grid, dict[str, Mark]]) -> None:
    grid, marks = case
    ratings = [Rating(code, mark) for code, mark in marks.items()]
    turned = [Rating(code, "not_met") for code in marks]
    proposal = propose(grid, ratings)
    assert propose(grid, reversed(ratings), turned).criteria == proposal.criteria
    assert (proposal.outcome == "pass") == (not proposal.reasons)


def test_the_grid_of_the_stories_is_complete() -> None:
    assert INDICATORS == ["1.1", "1.2", "1.3", "2.1", "2.2"]


def small_criteria() -> Iterator[Criterion]:
    """Every criterion of two or three indicators, whichever of them are eliminatory, with every threshold it may have."""
    for size in (2, 3):
        for barred in product((False, True), repeat=size):
            indicators = tuple(Indicator(f"1.{n}", LABEL, one) for n, one in enumerate(barred))
            for threshold in range(max(1, sum(barred)), size + 1):
                yield Criterion("1", LABEL, threshold, indicators)


def specified(criterion: Criterion, marks: tuple[Mark | None, ...]) -> str:
    """The rule in the words of domain.md, by trying out whatever nobody saw: independent of how marking.py counts.

    A criterion is met when enough are met and nothing eliminatory is not; what comes out both ways is undecided.
    """
    ways = product(*[(mark == "met",) if mark in ("met", "not_met") else (False, True) for mark in marks])
    verdicts = {
        sum(way) >= criterion.threshold
        and all(met for met, one in zip(way, criterion.indicators, strict=True) if one.eliminatory)
        for way in ways
    }
    return "undecided" if len(verdicts) == 2 else "met" if verdicts == {True} else "not_met"


def test_every_small_criterion_comes_to_the_state_that_the_rule_says() -> None:
    tried = 0
    for criterion in small_criteria():
        for marks in product((*MARKS, None), repeat=len(criterion.indicators)):
            rated = zip(criterion.indicators, marks, strict=True)
            ratings = [Rating(one.code, mark, "hors de vue") for one, mark in rated if mark is not None]
            (state,) = propose(Grid(1, ("fr",), (criterion,)), ratings).criteria
            assert state.state == specified(criterion, marks), (criterion, marks)
            assert state.met == marks.count("met")
            assert len(state.unobserved) == marks.count("not_observed") + marks.count(None)
            tried += 1
    assert tried == 1328


def test_every_small_grid_is_proposed_as_its_criteria_say() -> None:
    """A fail as soon as one criterion is not met; a pass when all are; undecided in between."""
    two = [one for one in small_criteria() if len(one.indicators) == 2]
    tried = 0
    for first, second in product(two, two):
        second = Criterion(
            "2",
            LABEL,
            second.threshold,
            tuple(Indicator(f"2.{n}", LABEL, one.eliminatory) for n, one in enumerate(second.indicators)),
        )
        grid = Grid(1, ("fr",), (first, second))
        for marks in product(MARKS, repeat=4):
            codes = [one.code for part in grid.criteria for one in part.indicators]
            states = {specified(first, marks[:2]), specified(second, marks[2:])}
            expected = "fail" if "not_met" in states else "undecided" if "undecided" in states else "pass"
            assert outcome(grid, dict(zip(codes, marks, strict=True))) == expected, (grid, marks)
            tried += 1
    assert tried == len(two) ** 2 * 81


def weighted(first: Criterion, second: Criterion, weights: tuple[int, int], percent: int) -> Grid:
    """Two criteria that weigh differently, and what a pass needs of both."""
    renamed = tuple(Indicator(f"2.{n}", LABEL, one.eliminatory) for n, one in enumerate(second.indicators))
    criteria = (
        replace(first, weight=weights[0]),
        Criterion("2", LABEL, second.threshold, renamed, weight=weights[1]),
    )
    return Grid(1, ("fr",), criteria, pass_percent=percent)


def specified_by_weight(grid: Grid, marks: dict[str, Mark]) -> str:
    """By trying out whatever nobody saw: met criteria weigh enough, and nothing eliminatory is not met."""
    unseen = [code for code, mark in marks.items() if mark == "not_observed"]
    verdicts = set()
    for way in product((False, True), repeat=len(unseen)):
        seen = {code: mark == "met" for code, mark in marks.items()} | dict(zip(unseen, way, strict=True))
        barred = any(one.eliminatory and not seen[one.code] for part in grid.criteria for one in part.indicators)
        weight = sum(
            part.weight
            for part in grid.criteria
            if sum(seen[one.code] for one in part.indicators) >= part.threshold
            and all(seen[one.code] for one in part.indicators if one.eliminatory)
        )
        total = sum(part.weight for part in grid.criteria)
        verdicts.add(not barred and weight * 100 >= grid.pass_percent * total)
    return "undecided" if len(verdicts) == 2 else "pass" if verdicts == {True} else "fail"


def test_every_small_weighted_grid_is_proposed_as_the_weights_say() -> None:
    two = [one for one in small_criteria() if len(one.indicators) == 2]
    tried = 0
    for first, second in product(two, two):
        for weights, percent in (((1, 2), 50), ((1, 2), 67), ((3, 7), 70), ((50, 50), 50), ((1, 1), 100)):
            grid = weighted(first, second, weights, percent)
            codes = [one.code for part in grid.criteria for one in part.indicators]
            for marks in product(MARKS, repeat=4):
                given = dict(zip(codes, marks, strict=True))
                assert outcome(grid, given) == specified_by_weight(grid, given), (grid, marks)
                tried += 1
    assert tried == len(two) ** 2 * 5 * 81


def test_a_share_that_is_exactly_what_is_needed_is_enough_and_says_what_it_weighs() -> None:
    criteria = tuple(
        Criterion(str(n), LABEL, 1, (Indicator(f"{n}.1", LABEL),), weight=weight) for n, weight in enumerate((7, 3), 1)
    )
    seven = propose(Grid(1, ("fr",), criteria, pass_percent=70), [Rating("1.1", "met"), Rating("2.1", "not_met")])
    assert (seven.outcome, seven.reasons, seven.weighed) == ("pass", (), Weighed(7, 7, 10, 70))
    more = propose(Grid(1, ("fr",), criteria, pass_percent=71), [Rating("1.1", "met"), Rating("2.1", "not_met")])
    assert (more.outcome, [reason.criterion for reason in more.reasons]) == ("fail", ["2"])
    unseen = propose(Grid(1, ("fr",), criteria, pass_percent=71), [Rating("1.1", "met")])
    assert (unseen.outcome, unseen.weighed) == ("undecided", Weighed(7, 10, 10, 71))


def test_weights_without_a_share_only_say_what_was_reached() -> None:
    criteria = tuple(Criterion(str(n), LABEL, 1, (Indicator(f"{n}.1", LABEL),), weight=n) for n in (1, 9))
    proposal = propose(Grid(1, ("fr",), criteria), [Rating("1.1", "not_met"), Rating("9.1", "met")])
    assert (proposal.outcome, proposal.weighed) == ("fail", Weighed(9, 9, 10, 0))
    assert propose(GRID, all_met()).weighed is None
