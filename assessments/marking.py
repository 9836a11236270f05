"""From ratings to a proposal, or to the profile of a screening. Pure: no clock, no database.

A criterion is met when at least `threshold` of its indicators are met, its eliminatory ones included. What was not
observed (or is not rated yet, or is disputed between two evaluators) counts neither as met nor as not met and never
lowers the threshold. A criterion is decided only if it comes out the same whatever the unobserved indicators would
have been; otherwise it is undecided, and so is the proposal if the rest does not settle it:

    fail       the test fails even if all that nobody observed were met
    pass       the test passes even if nothing of it were met
    undecided  everything else: to guess "fail" would charge the candidate with what the jury did not look at, to guess
               "pass" would certify what nobody saw; so the jury decides, and motivates whichever way it goes

A test passes when every criterion is met. Where the scheme weighs its criteria and the grid says how much of all weights
a pass needs, it passes when the criteria that are met weigh as much, and no eliminatory indicator is not met.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from assessments.grids import Criterion, Grid

Mark = Literal["met", "not_met", "not_observed"]
Outcome = Literal["pass", "fail"]
Proposed = Literal["pass", "fail", "undecided"]
State = Literal["met", "not_met", "undecided"]


class Rating(Struct, frozen=True, forbid_unknown_fields=True):
    """What one assessor saw of one indicator, or of one line of the check-list."""

    indicator: str
    rating: Mark
    reason: str = ""


class CriterionState(Struct, frozen=True):
    criterion: str
    state: State
    met: int
    threshold: int
    not_met: tuple[str, ...]
    unobserved: tuple[str, ...]
    eliminated_by: tuple[str, ...]
    weight: int = 0


class Reason(Struct, frozen=True):
    """Why the proposal is not a pass: the criterion, and the indicators that made it so."""

    kind: Literal["eliminatory_not_met", "below_threshold", "not_observed"]
    criterion: str
    indicators: tuple[str, ...]


class Weighed(Struct, frozen=True):
    """What the criteria that are met weigh, `low`, out of `total`; `high`: if those that are undecided were met too.
    `needed`: the percentage that a pass needs; 0 where each criterion has to be met whatever it weighs."""

    low: int
    high: int
    total: int
    needed: int


class Disagreement(Struct, frozen=True):
    """Evaluator and observer saw different things; None: not rated."""

    indicator: str
    evaluator: Mark | None
    observer: Mark | None


class Proposal(Struct, frozen=True):
    """What the grid says and why. Disagreements and irregularities are shown to the jury and change nothing in it."""

    outcome: Proposed
    criteria: tuple[CriterionState, ...]
    reasons: tuple[Reason, ...]
    disagreements: tuple[Disagreement, ...]
    irregularities: tuple[Rating, ...]
    weighed: Weighed | None = None


class Score(Struct, frozen=True):
    """One domain of a screening. `percent` is of what was observed; None when nothing was."""

    domain: str
    met: int
    observed: int
    indicators: int
    percent: int | None


def propose(grid: Grid, evaluator: Iterable[Rating], observer: Iterable[Rating] = ()) -> Proposal:
    """Mark a grid by the evaluator's ratings, and lay the observer's beside them."""
    seen, checked = _by_indicator(evaluator), _by_indicator(observer)
    criteria = tuple(_criterion_state(criterion, seen) for criterion in grid.criteria)
    weighed = _weighed(grid, criteria)
    outcome = _by_weight(grid, criteria, weighed) if weighed and weighed.needed else _outcome(criteria)
    return Proposal(
        outcome=outcome,
        criteria=criteria,
        reasons=tuple(_reason(state) for state in criteria if state.state != "met" and outcome != "pass"),
        disagreements=_disagreements(grid, seen, checked) if checked else (),
        irregularities=tuple(
            checked[item.code]
            for item in grid.conformity
            if item.code in checked and checked[item.code].rating != "met"
        ),
        weighed=weighed,
    )


def _by_indicator(ratings: Iterable[Rating]) -> dict[str, Rating]:
    return {rating.indicator: rating for rating in ratings}


def _criterion_state(criterion: Criterion, seen: dict[str, Rating]) -> CriterionState:
    marks = {one.code: _mark(seen, one.code) for one in criterion.indicators}
    met = sum(mark == "met" for mark in marks.values())
    not_met = tuple(code for code, mark in marks.items() if mark == "not_met")
    unobserved = tuple(code for code, mark in marks.items() if mark in (None, "not_observed"))
    eliminatory = {one.code for one in criterion.indicators if one.eliminatory}
    eliminated_by = tuple(code for code in not_met if code in eliminatory)
    state: State = "undecided"
    if eliminated_by or met + len(unobserved) < criterion.threshold:
        state = "not_met"
    elif met >= criterion.threshold and eliminatory.isdisjoint(unobserved):
        state = "met"
    return CriterionState(
        criterion.code, state, met, criterion.threshold, not_met, unobserved, eliminated_by, criterion.weight
    )


def _mark(seen: dict[str, Rating], code: str) -> Mark | None:
    return seen[code].rating if code in seen else None


def _outcome(criteria: tuple[CriterionState, ...]) -> Proposed:
    states = {criterion.state for criterion in criteria}
    if "not_met" in states:
        return "fail"
    return "undecided" if "undecided" in states else "pass"


def _weighed(grid: Grid, criteria: tuple[CriterionState, ...]) -> Weighed | None:
    """None where the criteria bear no weights."""
    total = sum(criterion.weight for criterion in criteria)
    if not total:
        return None
    low = sum(criterion.weight for criterion in criteria if criterion.state == "met")
    high = low + sum(criterion.weight for criterion in criteria if criterion.state == "undecided")
    return Weighed(low, high, total, grid.pass_percent)


def _by_weight(grid: Grid, criteria: tuple[CriterionState, ...], weighed: Weighed) -> Proposed:
    """Whole numbers on both sides: a share of the weights that is exactly what is needed is enough."""
    enough = weighed.needed * weighed.total
    if any(criterion.eliminated_by for criterion in criteria) or 100 * weighed.high < enough:
        return "fail"
    unobserved = {code for criterion in criteria for code in criterion.unobserved}
    unsafe = any(
        one.code in unobserved for criterion in grid.criteria for one in criterion.indicators if one.eliminatory
    )
    return "undecided" if unsafe or 100 * weighed.low < enough else "pass"


def _reason(state: CriterionState) -> Reason:
    if state.eliminated_by:
        return Reason("eliminatory_not_met", state.criterion, state.eliminated_by)
    if state.state == "undecided":
        return Reason("not_observed", state.criterion, state.unobserved)
    return Reason("below_threshold", state.criterion, state.not_met)


def _disagreements(grid: Grid, seen: dict[str, Rating], checked: dict[str, Rating]) -> tuple[Disagreement, ...]:
    codes = [one.code for criterion in grid.criteria for one in criterion.indicators]
    pairs = [Disagreement(code, _mark(seen, code), _mark(checked, code)) for code in codes]
    return tuple(pair for pair in pairs if pair.evaluator != pair.observer)


def agreed(evaluators: Iterable[Iterable[Rating]]) -> list[Rating]:
    """One set of ratings out of those of one or more evaluators of the same candidate.

    Where they differ, or one did not observe, none of them carries the proposal: the indicator is not observed.
    """
    sets = [_by_indicator(ratings) for ratings in evaluators]
    codes = list(dict.fromkeys(code for ratings in sets for code in ratings))
    return [_agreed_on(code, [ratings.get(code) for ratings in sets]) for code in codes]


def _agreed_on(code: str, ratings: list[Rating | None]) -> Rating:
    first = ratings[0]
    if first is not None and all(other is not None and other.rating == first.rating for other in ratings):
        return first
    return Rating(code, "not_observed", "disputed")


def profile(grid: Grid, ratings: Iterable[Rating]) -> tuple[Score, ...]:
    """The scores of a screening, domain by domain: what was not observed is left out, not held against anyone."""
    seen = _by_indicator(ratings)
    return tuple(_score(criterion, seen) for criterion in grid.criteria)


def _score(domain: Criterion, seen: dict[str, Rating]) -> Score:
    marks = [_mark(seen, one.code) for one in domain.indicators]
    met, observed = marks.count("met"), marks.count("met") + marks.count("not_met")
    percent = (200 * met + observed) // (2 * observed) if observed else None  # rounded, halves up
    return Score(domain.code, met, observed, len(marks), percent)
