"""Agreement beyond chance: Cohen's kappa where it means something, and why not where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.agreement import FEWEST, of_grid, of_pairs
from assessments.marking import Rating
from tests.builders.assessments import GRID, all_met

YES, NO = True, False


def test_the_example_of_the_books() -> None:
    """20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: p_o = 0.7, p_e = 0.5, κ = 0.4."""
    pairs = 20 * [(YES, YES)] + 5 * [(YES, NO)] + 10 * [(NO, YES)] + 15 * [(NO, NO)]
    found = of_pairs(pairs)
    assert (found.compared, found.same, found.strength) == (50, 35, "fair")
    assert found.kappa == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(YES, YES)] * 4, "too_few"),
        ([(YES, YES)] * 12, "no_variance"),
        ([(YES, YES), (YES, NO)] * 6, "no_variance"),
        ([(NO, YES), (YES, YES)] * 6, "no_variance"),
    ],
)
def test_where_it_says_nothing_the_reason_is_given(pairs: list[tuple[bool, bool]], reason: str) -> None:
    found = of_pairs(pairs)
    assert (found.kappa, found.strength, found.reason) == (None, None, reason)


def test_what_one_of_them_did_not_observe_is_no_judgement() -> None:
    seen = all_met(i1_2="not_met", i2_1="not_observed")
    found = of_grid(GRID, seen, all_met(observer=True, i1_2="not_met"))
    assert (found.compared, found.same, found.reason) == (4, 4, "too_few")
    assert of_grid(GRID, seen, ()).reason == "not_both"
    both = of_grid(GRID, all_met(i1_2="not_met"), [*all_met(i1_2="not_met"), Rating("K1", "not_met")])
    assert (both.compared, both.kappa, both.strength) == (5, 1.0, "almost_perfect")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_it_is_between_minus_one_and_one_the_same_both_ways_and_said_or_explained(
    pairs: list[tuple[bool, bool]],
) -> None:
    found, turned = of_pairs(pairs), of_pairs([(second, first) for first, second in pairs])
    assert (found.kappa is None) == (found.reason is not None) == (found.strength is None)
    assert (found.kappa is None) == (turned.kappa is None)
    if found.kappa is not None:
        assert len(pairs) >= FEWEST
        assert found.kappa == pytest.approx(turned.kappa)
        assert -1 <= found.kappa <= 1 + 1e-9
        assert (found.same == found.compared) == (found.kappa == pytest.approx(1))
