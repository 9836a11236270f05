"""What differs between two versions of a standard, thing by thing and language by language. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from assessments.grids import LANGUAGES, ConformityItem, Criterion, Indicator, Label
from assessments.standards import Content

Said = str | int | bool | None
What = Literal["standard", "criterion", "indicator", "check"]
FRAME = (
    "duration_minutes", "setup_minutes", "teardown_minutes", "candidates_per_evaluator", "room_kind", "equipment_kind",
)  # fmt: skip


class Difference(Struct, frozen=True):
    """One thing that is not the same. `code` names a criterion, an indicator or a line of the check-list; of the standard
    itself it is "". `aspect` is what about it changed: "" where the whole thing came or went. `language`: of a text.
    """

    kind: Literal["added", "removed", "changed"]
    what: What
    code: str
    aspect: str = ""
    language: str = ""
    before: Said = None
    after: Said = None


def differences(old: Content, new: Content) -> tuple[Difference, ...]:
    """What has to be done to `old` for it to be `new`, in the order of the page; empty when they say the same.

    Things are the same by their code, wherever they stand; that criteria stand in another order is a difference too.
    """
    return (*_frame(old, new), *_criteria(old, new), *_checks(old, new))


def _frame(old: Content, new: Content) -> Iterator[Difference]:
    for aspect in FRAME:
        yield from _changed("standard", "", aspect, getattr(old, aspect), getattr(new, aspect))
    yield from _changed("standard", "", "pass_percent", old.grid.pass_percent, new.grid.pass_percent)
    yield from _changed("standard", "", "languages", ", ".join(old.languages), ", ".join(new.languages))
    for aspect in ("task", "conditions"):
        yield from _said("standard", "", aspect, getattr(old, aspect), getattr(new, aspect))


def _criteria(old: Content, new: Content) -> Iterator[Difference]:
    before = {one.code: one for one in old.grid.criteria}
    after = {one.code: one for one in new.grid.criteria}
    yield from _order("standard", "", old.grid.criteria, new.grid.criteria)
    for code in dict.fromkeys([*before, *after]):
        was, now = before.get(code), after.get(code)
        if was is None and now is not None:
            yield Difference("added", "criterion", code, after=_first(now.label))
            yield from (Difference("added", "indicator", i.code, after=_first(i.label)) for i in now.indicators)
        elif was is not None and now is None:
            yield Difference("removed", "criterion", code, before=_first(was.label))
            yield from (Difference("removed", "indicator", i.code, before=_first(i.label)) for i in was.indicators)
        elif was is not None and now is not None:
            yield from _criterion(was, now)


def _criterion(was: Criterion, now: Criterion) -> Iterator[Difference]:
    yield from _described("criterion", was, now)
    yield from _changed("criterion", was.code, "threshold", was.threshold, now.threshold)
    yield from _changed("criterion", was.code, "weight", was.weight, now.weight)
    before, after = {one.code: one for one in was.indicators}, {one.code: one for one in now.indicators}
    yield from _order("criterion", was.code, was.indicators, now.indicators)
    for code in dict.fromkeys([*before, *after]):
        old, new = before.get(code), after.get(code)
        if old is None and new is not None:
            yield Difference("added", "indicator", code, after=_first(new.label))
        elif old is not None and new is None:
            yield Difference("removed", "indicator", code, before=_first(old.label))
        elif old is not None and new is not None:
            yield from _described("indicator", old, new)
            yield from _changed("indicator", code, "eliminatory", old.eliminatory, new.eliminatory)


def _described(what: What, was: Criterion | Indicator, now: Criterion | Indicator) -> Iterator[Difference]:
    yield from _said(what, was.code, "label", was.label, now.label)
    yield from _said(what, was.code, "guidance", was.guidance, now.guidance)
    old, new = was.picture, now.picture
    yield from _changed(what, was.code, "picture", old.sha256 if old else None, new.sha256 if new else None)
    if old is not None and new is not None:
        yield from _said(what, was.code, "picture_alt", old.alt, new.alt)


def _checks(old: Content, new: Content) -> Iterator[Difference]:
    before = {one.code: one for one in old.grid.conformity}
    after = {one.code: one for one in new.grid.conformity}
    yield from _order("check", "", old.grid.conformity, new.grid.conformity)
    for code in dict.fromkeys([*before, *after]):
        was, now = before.get(code), after.get(code)
        if was is None and now is not None:
            yield Difference("added", "check", code, after=_first(now.label))
        elif was is not None and now is None:
            yield Difference("removed", "check", code, before=_first(was.label))
        elif was is not None and now is not None:
            yield from _said("check", code, "label", was.label, now.label)


def _order(
    what: What,
    code: str,
    old: Sequence[Criterion | Indicator | ConformityItem],
    new: Sequence[Criterion | Indicator | ConformityItem],
) -> Iterator[Difference]:
    """Whether what is in both stands in another order."""
    before, after = [one.code for one in old], [one.code for one in new]
    kept = [one for one in before if one in after]
    moved = [one for one in after if one in before]
    if kept != moved:
        yield Difference("changed", what, code, "order", before=", ".join(kept), after=", ".join(moved))


def _said(what: What, code: str, aspect: str, old: Label, new: Label) -> Iterator[Difference]:
    for language in LANGUAGES:
        yield from _changed(what, code, aspect, old.get(language), new.get(language), language)


def _changed(what: What, code: str, aspect: str, old: Said, new: Said, language: str = "") -> Iterator[Difference]:
    if old != new:
        yield Difference("changed", what, code, aspect, language, old, new)


def _first(label: Label) -> str | None:
    return next((label[one] for one in LANGUAGES if label.get(one)), None)
