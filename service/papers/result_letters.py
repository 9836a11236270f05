"""The result on paper, for the candidate alone: the outcome, the objective facts behind it, and what comes next.

It says what the page says, as of the day of the decision: an appeal that was lodged since has its own page.
"""

from datetime import date

import asyncpg

from assessments.marking import Weighed
from service import recognition_words, results
from service.i18n import BRUSSELS, N_, Words, words
from service.papers import seats
from service.papers.seats import Seat
from service.papers.sheets import Bars, Block, Bullets, Code, Heading, Notice, Paragraph, Sheet, Table
from service.results import Annulled, Criterion, Recognised, Report, Result
from service.settings import Settings

STATES = {"met": N_("Met"), "not_met": N_("Not met"), "undecided": N_("Not seen enough")}


async def of(tx: asyncpg.Connection, seat: Seat, *, settings: Settings) -> Sheet:
    """The result of a test, or the report of a screening. Refuses NotFound before the release."""
    w = words(seat.speaks)
    found = await results.of_booking(tx, seat.id, today=date.min)
    if isinstance(found, Recognised):
        title, told, said = w.gettext("Result of your test"), found.released_on, _recognised(found, w)
    elif isinstance(found, Report):
        title, told, said = w.gettext("Report of your screening"), found.released_on, _report(found, w)
    elif isinstance(found, Annulled):
        title, told = w.gettext("Your test does not count"), found.granted_at.astimezone(BRUSSELS).date()
        said = _annulled(found, w)
    else:
        title, told, said = w.gettext("Result of your test"), found.decided_on, _result(found, w)
    address = f"{settings.base_url}/bookings/{seat.id}/result"
    return Sheet(
        language=w.language,
        title=title,
        centre=seat.centre_name,
        to=(seat.name,),
        day=told,
        blocks=(
            *said,
            Code(
                address,
                w.gettext("The same on its page, for you alone"),
                w.gettext("QR code to the page of your result: %(address)s", address=address),
            ),
        ),
        foot=seats.foot(seat, w, told),
        page=seats.page(w),
    )


def _result(found: Result, w: Words) -> list[Block]:
    line, passed = found.line, found.line.result == "pass"
    met = sum(criterion.state == "met" for criterion in found.criteria)
    return [
        Paragraph(w.label(line.unit_label), strong=True),
        Notice(
            w.gettext("You passed. Congratulations!") if passed else w.gettext("You did not pass this time"),
            w.gettext(
                "Test on %(day)s at %(centre)s. You were told on %(told)s.",
                day=w.day(line.starts_at),
                centre=line.centre_name,
                told=w.day(found.decided_on),
            ),
        ),
        *([Paragraph(w.gettext("The decision was revised after an appeal."))] if found.revised else []),
        *([Notice(w.gettext("You have the right to a new test"), _new_test(w))] if found.annulled else []),
        *(_headed(w.gettext("What the jury says"), Paragraph(found.motivation)) if found.motivation else []),
        Heading(w.gettext("What was looked at")),
        Paragraph(
            w.ngettext(
                "%(num)d of %(all)d points is met.", "%(num)d of %(all)d points are met.", met, all=len(found.criteria)
            )
            + " "
            + w.gettext("The jury starts from these points, and then decides.")
        ),
        *_weighed(found, w),
        Table(
            (w.gettext("Point"), w.gettext("How it came out"), w.gettext("What was seen")),
            tuple(_row(criterion, w, found.weighed) for criterion in found.criteria),
            (4, 2, 6),
        ),
        *([] if found.annulled else _after_pass(found, w) if passed else _after_fail(found, w)),
    ]


def _new_test(w: Words) -> str:
    return w.gettext(
        "This test does not count: it is no attempt. The new one is free of charge, in any centre, and on the waiting "
        "list you go first."
    )


def _annulled(found: Annulled, w: Words) -> list[Block]:
    return [
        Paragraph(w.label(found.line.unit_label), strong=True),
        Paragraph(
            w.gettext(
                "You took this test on %(day)s at %(centre)s. Before the jury could judge it, we learned that somebody of "
                "the jury may not judge you. This is not your fault, and nobody has judged your work.",
                day=w.day(found.line.starts_at),
                centre=found.line.centre_name,
            )
        ),
        Notice(w.gettext("You have the right to a new test"), _new_test(w)),
    ]


def _weighed(found: Result, w: Words) -> list[Block]:
    weighed = found.weighed
    if weighed is None:
        return []
    said = w.gettext("Your points count for %(low)d of %(total)d.", low=weighed.low, total=weighed.total)
    if weighed.needed:
        said += " " + w.gettext("%(percent)d of 100 are needed.", percent=weighed.needed)
    return [Paragraph(said)]


def _row(criterion: Criterion, w: Words, weighed: Weighed | None) -> tuple[str, str, str]:
    """The objective facts: how much was needed and how much was seen, then what was missing, by name."""
    seen = [
        w.ngettext(
            "%(num)d of %(all)d details was right; %(needed)d needed.",
            "%(num)d of %(all)d details were right; %(needed)d needed.",
            criterion.met,
            all=criterion.indicators,
            needed=criterion.threshold,
        )
    ]
    if weighed is not None:
        counts = w.gettext(
            "This point counts for %(weight)d of %(total)d.", weight=criterion.weight, total=weighed.total
        )
        seen.append(counts)
    if criterion.eliminating:
        seen.append(w.gettext("This must always be right, and it was not:"))
        seen += [f"– {w.label(one)}" for one in criterion.eliminating]
    if criterion.not_met:
        missing = criterion.state == "not_met"
        seen.append(w.gettext("This was missing:") if missing else w.gettext("This can still be better:"))
        seen += [f"– {w.label(one)}" for one in criterion.not_met]
    if criterion.unobserved:
        seen.append(w.gettext("This could not be seen. It does not count against you:"))
        seen += [f"– {w.label(one)}" for one in criterion.unobserved]
    return w.label(criterion.label), w.gettext(STATES[criterion.state]), "\n".join(seen)


def _after_pass(found: Result | Recognised, w: Words) -> list[Block]:
    said: list[Block] = [
        Heading(w.gettext("What comes next")),
        Paragraph(
            w.gettext(
                "Your certificate has the number %(serial)s. You find it under My journey; everyone to whom you show it "
                "can check that it is real.",
                serial=found.next.serial,
            )
            if found.next.serial
            else w.gettext("Your certificate is made now. You will find it under My journey and we write to you.")
        ),
    ]
    if found.next.others:
        said += [
            Paragraph(w.gettext("You can also be tested on the other units of this trade:")),
            Bullets(tuple(f"{w.label(label)} ({code})" for code, label in found.next.others)),
        ]
    return said


def _after_fail(found: Result, w: Words) -> list[Block]:
    """A meeting, then guidance where it is due, another attempt, and the appeal while it is open."""
    steps = [
        w.gettext(
            "Talk about it: the centre explains these facts to you and helps you to prepare. Ask for a meeting: %(email)s",
            email=found.next.centre_email,
        ),
        w.ngettext(
            "%(num)d attempt at this test did not succeed. Before the next one you meet a specialist of the trade, in any "
            "accredited centre.",
            "%(num)d attempts at this test did not succeed. Before the next one you meet a specialist of the trade, in any "
            "accredited centre.",
            found.next.failures_before_guidance,
        )
        if found.next.guidance
        else w.gettext("Try again, in any centre, as soon as you feel ready."),
    ]
    if found.next.others:
        others = w.series(f"{w.label(label)} ({code})" for code, label in found.next.others)
        steps.append(w.gettext("Take the test of another unit of this trade: %(units)s.", units=others))
    return [Heading(w.gettext("What you can do now")), Bullets(tuple(steps)), *_appeal(found, w)]


def _appeal(found: Result | Recognised, w: Words) -> list[Block]:
    if found.next.appeal_until is None:
        return []
    return _headed(
        w.gettext("You do not agree?"),
        Paragraph(
            w.gettext(
                "You may appeal until %(day)s. Somebody who was not on the jury and did not take the decision "
                "examines it. It is free of charge.",
                day=w.day(found.next.appeal_until),
            )
        ),
    )


def _report(found: Report, w: Words) -> list[Block]:
    return [
        Paragraph(w.label(found.line.unit_label), strong=True),
        Paragraph(
            w.gettext(
                "Test on %(day)s at %(centre)s. You were told on %(told)s.",
                day=w.day(found.line.starts_at),
                centre=found.line.centre_name,
                told=w.day(found.released_on),
            )
        ),
        Paragraph(
            w.gettext(
                "A screening shows what you can already do and what you can still learn. There is no pass or fail. "
                "What could not be seen is left out."
            )
        ),
        Heading(w.gettext("What you showed")),
        _scores(found, w),
        *_recommended(found, w),
        Paragraph(
            w.gettext(
                "Talk about it with the centre: it helps you to choose what comes next, a training or a test for a "
                "certificate."
            )
        ),
    ]


def _recognised(found: Recognised, w: Words) -> list[Block]:
    told = w.gettext(
        "Test on %(day)s at %(centre)s. You were told on %(told)s.",
        day=w.day(found.line.starts_at),
        centre=found.line.centre_name,
        told=w.day(found.released_on),
    )
    shown, missing = (tuple(w.label(one) for one in found) for found in (found.competences, found.missing))
    return [
        Paragraph(w.label(found.line.unit_label), strong=True),
        Notice(w.gettext(recognition_words.told(found.result, anything=bool(shown))), told),
        *([Paragraph(w.gettext("The decision was revised after an appeal."))] if found.revised else []),
        *([Notice(w.gettext("You have the right to a new test"), _new_test(w))] if found.annulled else []),
        *_headed(w.gettext("What you showed"), Bullets(shown) if shown else Paragraph(w.gettext("None this time."))),
        *(_headed(w.gettext("What you did not show yet"), Bullets(missing)) if missing else []),
        *(_headed(w.gettext("What the jury says"), Paragraph(found.motivation)) if found.motivation else []),
        *([] if found.annulled or not shown else _after_pass(found, w)),
        *_appeal(found, w),
    ]


def _scores(found: Report, w: Words) -> Bars:
    shares = [None if one.score.percent is None else one.score.percent / 100 for one in found.domains]
    said = [w.gettext("Not observed") if share is None else w.percent(share) for share in shares]
    points = [w.gettext("%(met)d of %(observed)d", met=d.score.met, observed=d.score.observed) for d in found.domains]
    labels = [w.label(one.label) for one in found.domains]
    head = (w.gettext("Domain"), w.gettext("Share shown"), w.gettext("Points shown"))
    return Bars(head, tuple(zip(labels, said, points, strict=True)), tuple(shares))


def _recommended(found: Report, w: Words) -> list[Block]:
    units = tuple(f"{w.label(one.label)} ({one.code})" for one in found.recommended.units)
    said: list[Block] = []
    if units:
        said += _headed(w.gettext("Tests that suit you"), Bullets(units))
    if found.recommended.trainings:
        said += _headed(w.gettext("Trainings"), Bullets(found.recommended.trainings))
    return said


def _headed(title: str, *blocks: Block) -> list[Block]:
    return [Heading(title), *blocks]
