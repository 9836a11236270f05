"""A candidate's file as a line of steps: what is behind them, the one next step, and what comes after."""

from datetime import datetime

from msgspec import Struct

from scheduling.excuses import EXCUSABLE, ExcusePolicy
from service import recognition_words
from service.i18n import N_, Words
from service.journeys import Attempt, File

ADVICE = {
    "favourable": N_("The advice: you are ready for the test."),
    "reserved": N_("The advice: you can take the test, and some practice would help."),
    "unfavourable": N_("The advice: practise first. You decide: you may take the test all the same."),
}
RELEASED = {
    "cancelled_early": N_("You cancelled this booking"),
    "cancelled_late": N_("You cancelled this booking shortly before the test"),
    "cancelled_by_centre": N_("The centre had to cancel this test"),
    "no_show": N_("You did not come to this test"),
    "excused": N_("You were excused from this test"),
    "turned_away": N_("This test could not take place for you"),
    "expired": N_("This booking was not confirmed in time"),
    "rescheduled": N_("You chose another date"),
    "declined": N_("You gave this place back"),
}

# Where an absence, or a late cancellation, leads to.
EXCUSES: dict[str | None, str] = {
    None: N_("Ask to be excused"),
    "asked": N_("The centre reads your reason"),
    "refused": N_("The centre has not excused this absence"),
}
# These happened some day before a test that they did not come to: the step is dated on that day, and names the test's.
BEFOREHAND = {"cancelled_early", "cancelled_late", "cancelled_by_centre", "expired", "rescheduled", "declined"}


class Step(Struct, frozen=True, kw_only=True):
    """One step as the page draws it. `action` is the button of the next step, `link` leads to details: (label, address)."""

    title: str
    state: str
    detail: str = ""
    moment: datetime | None = None
    action: tuple[str, str] | None = None
    link: tuple[str, str] | None = None


def timeline(file: File, w: Words, *, excusing: ExcusePolicy, now: datetime) -> list[Step]:
    """The steps in order; at most one of them is next. `excusing`: until when an absence can be explained."""
    given_up = file.withdrawn_at is not None and not _is_awaited(file)
    behind = _behind(file, w, excusing, now=now)
    return behind if given_up else [*behind, *_ahead(file, w, now=now)]


def may_withdraw(file: File, *, now: datetime) -> bool:
    """Whether there is something to withdraw from: enrolled, and neither finished nor waiting for an answer. Who has a place
    reads on the page of the withdrawal what comes first."""
    if file.enrolment_id is None or file.withdrawn_at is not None:
        return False
    current, last = _open(file), _last_told(file)
    if current is not None:
        is_coming = current.line.state not in ("attended", "closed") and current.line.ends_at > now
        return is_coming and not current.outcome.revising
    if last is None or last.outcome.annulled_at is not None:
        return True
    has_passed = last.line.result == "pass" and last.outcome.certificate_withdrawn_at is None
    return not (has_passed or last.outcome.profiled_at is not None or _is_awaited(file))


def _is_awaited(file: File) -> bool:
    """Whether something about the unit is still to come: a test, its result, or the answer to an appeal."""
    last = _last_told(file)
    is_appealed = last is not None and last.outcome.appealed_at is not None and last.outcome.answered_at is None
    return _open(file) is not None or is_appealed


def _behind(file: File, w: Words, excusing: ExcusePolicy, *, now: datetime) -> list[Step]:
    steps = []
    if file.enrolled_at is not None:
        advice = w.gettext(
            "A specialist of the trade can advise you at any time. Whatever the advice, you may take the test."
        )
        steps.append(_done(w.gettext("You enrolled"), file.enrolled_at, "" if file.guided_at else advice))
    if file.guided_at is not None and file.advice is not None:
        steps.append(
            _done(
                w.gettext("You talked with a specialist of the trade"), file.guided_at, w.gettext(ADVICE[file.advice])
            )
        )
    if file.withdrawn_at is not None:
        back = w.gettext("You can come back at any time: book a place, or join the waiting list.")
        see = (w.gettext("See dates for this test"), f"/sessions?what={file.unit_code}")
        steps.append(_done(w.gettext("You withdrew from this unit"), file.withdrawn_at, back, see))
    for one in file.attempts:
        steps += [_attempt(one, w, excusing, now=now)] if _is_over(one) else []
        if one.outcome.certificate_withdrawn_at is not None:
            steps.append(_done(w.gettext("Your certificate was withdrawn"), one.outcome.certificate_withdrawn_at))
    return sorted(steps, key=lambda step: step.moment)  # type: ignore[arg-type, return-value]


def _attempt(one: Attempt, w: Words, excusing: ExcusePolicy, *, now: datetime) -> Step:
    line, link = one.line, (w.gettext("See the result"), f"/bookings/{one.line.id}/result")
    absence = _absence(one, w, excusing, now=now)
    if line.release in BEFOREHAND and one.outcome.released_at is not None:
        planned = w.gettext(
            "The test was planned for %(moment)s at %(centre)s.",
            moment=w.moment(line.starts_at),
            centre=line.centre_name,
        )
        return _done(w.gettext(RELEASED[line.release]), one.outcome.released_at, planned, absence)
    if line.release is not None:
        return _done(w.gettext(RELEASED[line.release]), line.starts_at, line.centre_name, absence)
    if one.outcome.annulled_at is not None:
        annulled = w.gettext("This test does not count. You have the right to a new one, free of charge.")
        return _done(w.gettext("You took the test"), line.starts_at, annulled, (w.gettext("Read why"), link[1]))
    if one.outcome.profiled_at is not None:
        report = (w.gettext("See your report"), link[1])
        return _done(w.gettext("You took the test"), line.starts_at, line.centre_name, report)
    if line.recognised is not None:
        recognised = recognition_words.told(line.recognised, anything=line.result == "pass")
        return _done(w.gettext(recognised), line.starts_at, line.centre_name, link)
    said = (
        w.gettext("You passed the test") if line.result == "pass" else w.gettext("You took the test, and did not pass")
    )
    return _done(said, line.starts_at, line.centre_name, link)


def _absence(one: Attempt, w: Words, excusing: ExcusePolicy, *, now: datetime) -> tuple[str, str] | None:
    """The way to explain an absence, and to what the centre says of it."""
    line, asked = one.line, one.outcome.excuse
    if line.release == "turned_away":
        return w.gettext("See my booking"), f"/bookings/{line.id}"
    if line.release not in EXCUSABLE or (asked is None and now > excusing.until(line.starts_at)):
        return None
    return w.gettext(EXCUSES[asked]), f"/bookings/{line.id}#excuse"


def _is_over(one: Attempt) -> bool:
    told = one.outcome.profiled_at is not None or one.outcome.annulled_at is not None
    return one.line.release is not None or one.line.result is not None or told


def _open(file: File) -> Attempt | None:
    """The booking whose outcome is not known yet."""
    return next((one for one in file.attempts if not _is_over(one)), None)


def _ahead(file: File, w: Words, *, now: datetime) -> list[Step]:
    current, last = _open(file), _last_told(file)
    if current is not None:
        return _with_booking(file, current, w, now=now)
    if last is not None and last.outcome.profiled_at is not None:
        return []
    if last is not None and last.outcome.annulled_at is not None:
        return _without_booking(file, None, w)
    if last is not None and last.line.result == "pass" and last.outcome.certificate_withdrawn_at is None:
        return _with_certificate(file, last, w)
    return _without_booking(file, last, w)


def _last_told(file: File) -> Attempt | None:
    told = [one for one in file.attempts if one.line.release is None and _is_over(one)]
    return told[-1] if told else None


def _with_booking(file: File, one: Attempt, w: Words, *, now: datetime) -> list[Step]:
    line, see = one.line, (w.gettext("See my booking"), f"/bookings/{one.line.id}")
    if one.outcome.revising:
        detail = w.gettext("Your appeal was upheld. A new decision is being taken; we write to you when it is there.")
        return [_next(w.gettext("Wait for the new decision"), detail), *_certificate_later(file, w)]
    if line.state in ("attended", "closed"):
        detail = w.gettext("We write to you as soon as it is there. You do not have to do anything.")
        done = _done(w.gettext("You took the test"), line.starts_at, line.centre_name)
        return [done, _next(w.gettext("Wait for the result"), detail), *_certificate_later(file, w)]
    if line.state != "held" and line.ends_at <= now:  # nobody has noted yet who came
        detail = w.gettext("The centre still notes who took the test. Then it stands here how it goes on.")
        over = _done(w.gettext("The day of the test is over"), line.starts_at, line.centre_name)
        return [over, _next(w.gettext("Wait for the centre"), detail, see), *_certificate_later(file, w)]
    if line.state == "held":
        if line.held_until is None or line.held_until <= now:
            return _without_booking(file, None, w)
        detail = w.gettext("It is held for you until %(moment)s.", moment=w.moment(line.held_until))
        answer = (w.gettext("Say yes or no"), f"/bookings/{line.id}")
        confirm = _next(w.gettext("Confirm your place"), detail, answer, line.starts_at)
        after = [_later(w.gettext("You take the test")), _later(w.gettext("You hear the result"))]
        return [confirm, *after, *_certificate_later(file, w)]
    booked = _done(w.gettext("You booked a place"), None)
    detail = w.gettext("At %(centre)s. Bring your identity card.", centre=line.centre_name)
    test = _next(w.gettext("Come to the test"), detail, see, line.starts_at)
    return [booked, test, _later(w.gettext("You hear the result")), *_certificate_later(file, w)]


def _with_certificate(file: File, one: Attempt, w: Words) -> list[Step]:
    if not file.issues_certificate:
        return []
    title = w.gettext("Download your certificate")
    if one.outcome.certificate_id is None or not one.outcome.printed:
        return [
            _next(
                w.gettext("Your certificate is being made"), w.gettext("It takes a few minutes. Then you find it here.")
            )
        ]
    is_whole = one.line.recognised in (None, "full-qualification")
    address = f"/certificates/{one.outcome.certificate_id}/document.pdf"
    return [
        _next(
            title,
            w.gettext("Show it to whom you like: everyone can check that it is real."),
            (w.gettext("Download (PDF)"), address),
        ),
        *([] if is_whole else [_later(w.gettext("You may come again for the rest, when you feel ready"))]),
    ]


def _without_booking(file: File, last: Attempt | None, w: Words) -> list[Step]:
    after = [
        _later(w.gettext("You take the test")),
        _later(w.gettext("You hear the result")),
        *_certificate_later(file, w),
    ]
    if last is not None and last.outcome.appealed_at is not None and last.outcome.answered_at is None:
        detail = w.gettext(
            "You will have it by %(day)s at the latest.", day=w.day(last.outcome.answer_due_on or last.line.starts_at)
        )
        return [
            _next(
                w.gettext("Wait for the answer to your appeal"),
                detail,
                (w.gettext("See my appeal"), f"/bookings/{last.line.id}/result"),
            )
        ]
    if file.guidance_required:
        detail = w.ngettext(
            "%(num)d attempt did not succeed. A specialist of the trade helps you to prepare. Ask any accredited centre "
            "for a meeting; after it you can book again.",
            "%(num)d attempts did not succeed. A specialist of the trade helps you to prepare. Ask any accredited centre "
            "for a meeting; after it you can book again.",
            file.failures_before_guidance,
        )
        contact = (w.gettext("How to reach the centre"), f"/bookings/{last.line.id}/result") if last else None
        return [
            _next(w.gettext("Ask for a guidance meeting"), detail, contact),
            _later(w.gettext("You choose a date and a place")),
            *after,
        ]
    if file.waiting_since is not None:
        detail = w.gettext(
            "You are number %(place)d on the list. We write to you when a place is free.", place=file.waiting_place
        )
        see = (w.gettext("See my waiting list"), "/waiting")
        return [_next(w.gettext("Wait for a place"), detail, see, file.waiting_since), *after]
    detail = w.gettext("You may try again in any centre, as soon as you feel ready.") if last else ""
    choose = (w.gettext("Choose a date"), f"/sessions?what={file.unit_code}")
    return [_next(w.gettext("Choose a date and a place"), detail, choose), *after]


def _certificate_later(file: File, w: Words) -> list[Step]:
    return [_later(w.gettext("If you pass, you receive your certificate"))] if file.issues_certificate else []


def _done(title: str, moment: datetime | None, detail: str = "", link: tuple[str, str] | None = None) -> Step:
    return Step(title=title, state="done", moment=moment, detail=detail, link=link)


def _next(title: str, detail: str, action: tuple[str, str] | None = None, moment: datetime | None = None) -> Step:
    return Step(title=title, state="next", detail=detail, action=action, moment=moment)


def _later(title: str) -> Step:
    return Step(title=title, state="coming")
