"""Ratings as an assessor of that grid might give them, so that the proposal comes out as the story wants it."""

from random import Random
from typing import Literal

from assessments.grids import Criterion, Grid
from assessments.marking import Mark, Rating

UNSEEN = "L'évaluateur assistait un autre candidat à ce moment."


def evaluator(grid: Grid, wanted: Literal["pass", "fail", "scores"], chance: Random) -> list[Rating]:
    """A whole grid whose proposal is `wanted`; for a screening, any scores."""
    marks: dict[str, Mark] = {one.code: "met" for criterion in grid.criteria for one in criterion.indicators}
    if wanted == "scores":
        ability = chance.uniform(0.35, 0.95)
        marks = {code: "met" if chance.random() < ability else "not_met" for code in marks}
    else:
        for criterion in grid.criteria:
            _slip(criterion, marks, chance)
        if wanted == "fail":
            _fail(chance.choice(grid.criteria), marks, chance)
    return [Rating(code, mark) for code, mark in marks.items()]


def _slip(criterion: Criterion, marks: dict[str, Mark], chance: Random) -> None:
    """Even who passes misses one here and there, as far as the threshold allows."""
    slack = len(criterion.indicators) - criterion.threshold
    lighter = [one.code for one in criterion.indicators if not one.eliminatory]
    if slack and lighter and chance.random() < 0.35:
        marks[chance.choice(lighter)] = "not_met"


def _fail(criterion: Criterion, marks: dict[str, Mark], chance: Random) -> None:
    eliminatory = [one.code for one in criterion.indicators if one.eliminatory]
    if eliminatory and chance.random() < 0.4:
        marks[chance.choice(eliminatory)] = "not_met"
        return
    lighter_first = sorted(criterion.indicators, key=lambda one: one.eliminatory)
    for one in lighter_first[: len(criterion.indicators) - criterion.threshold + 1]:
        marks[one.code] = "not_met"


def observer(grid: Grid, seen: list[Rating], chance: Random) -> list[Rating]:
    """The same test seen from aside, with a difference now and then, and the check-list of conformity."""
    ratings = {one.indicator: one for one in seen}
    if chance.random() < 0.2:
        code = chance.choice(list(ratings))
        ratings[code] = Rating(code, "met" if ratings[code].rating == "not_met" else "not_met")
    for item in grid.conformity:
        ratings[item.code] = Rating(item.code, "met")
    if chance.random() < 0.04:
        code = chance.choice([item.code for item in grid.conformity])
        ratings[code] = Rating(code, "not_met", "Signalé au centre ; sans effet sur l'épreuve.")
    return list(ratings.values())


def with_one_unseen(grid: Grid, ratings: list[Rating]) -> list[Rating]:
    """One indicator that nobody could watch, in a criterion that is decided all the same, so that it costs nothing."""
    by_code = {one.indicator: one for one in ratings}
    criterion = next(one for one in grid.criteria if len(one.indicators) > one.threshold)
    met = [one for one in criterion.indicators if not one.eliminatory]
    for one in criterion.indicators:
        by_code[one.code] = Rating(one.code, "met")
    by_code[met[-1].code] = Rating(met[-1].code, "not_observed", UNSEEN)
    return list(by_code.values())
