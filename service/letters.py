"""What the mails say. None names a result, only that it is there; the paper that does travels along where it may."""

from datetime import datetime

from scheduling import calendars
from service.appointments import Appointment, Person
from service.i18n import LANGUAGES, N_, Words, words
from service.mail_attachments import Attachment
from service.mails import Draft


def booking_confirmed(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Your place is booked: %(unit)s", unit=w.label(to.unit_label)),
        w.gettext("Your place for this test is booked."),
        when_and_where(to, w),
        w.gettext("Before the test you will receive a summons with everything you need to know."),
        w.gettext(
            "If you cannot come, please cancel in good time, so that somebody else can take the place: %(link)s",
            link=to.page(base_url),
        ),
    )


def booking_convoked(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Summons: your test on %(day)s", day=w.day(to.starts_at)),
        w.gettext("We expect you for this test."),
        when_and_where(to, w),
        w.gettext("Please come 15 minutes early and bring your identity card."),
        w.gettext(
            "Show the code on this page at the door, on your telephone or on paper: %(link)s",
            link=to.page(base_url),
        ),
        w.gettext(
            "Before the test you sign the test contract. It insures you against accidents: "
            "without it you cannot take the test."
        ),
        w.gettext("All of it is on the attached paper, to print or to keep."),
        w.gettext("If you cannot come, tell us as soon as possible: %(email)s", email=to.centre_email),
    )


def booking_cancelled(to: Appointment, base_url: str, *, release: str, first: bool = False) -> Draft:
    """`release`: how the booking ended, as scheduling.bookings says it; `first`: they go first in line."""
    w = words(to.person.language)
    by_us = release == "cancelled_by_centre"
    otherwise = N_("Your booking is cancelled.")
    said = {
        "cancelled_by_centre": N_("We are sorry: we had to cancel this test."),
        "rescheduled": N_("You chose another date. This place is free for somebody else now."),
    }
    return appointment(
        to,
        base_url,
        w.gettext("Cancelled: your test on %(day)s", day=w.day(to.starts_at)),
        w.gettext(said.get(release, otherwise)),
        when_and_where(to, w),
        w.gettext("The reason: %(reason)s", reason=to.reason) if by_us and to.reason else "",
        first_in_line(to, base_url, w) if first else "",
        w.gettext("You can choose another date here: %(link)s", link=to.other_dates(base_url))
        if release != "rescheduled"
        else "",
    )


def session_moved(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("New time or place: %(unit)s", unit=w.label(to.unit_label)),
        w.gettext("The time or the place of this test has changed. This is the new one:"),
        when_and_where(to, w),
        w.gettext("You can choose another date here: %(link)s", link=f"{to.page(base_url)}/rescheduling")
        if to.role == "candidate"
        else "",
        w.gettext("If you cannot come, tell us as soon as possible: %(email)s", email=to.centre_email),
    )


def jury_seat_given(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Invitation to a jury on %(day)s", day=w.day(to.starts_at)),
        w.gettext("You have a seat in this jury. The time includes setting up and clearing away."),
        when_and_where(to, w),
        w.gettext("If you know one of the candidates, or cannot come, tell us: %(email)s", email=to.centre_email),
    )


def jury_seat_released(to: Appointment, base_url: str) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Cancelled: your jury on %(day)s", day=w.day(to.starts_at)),
        w.gettext("You are no longer expected in this jury."),
        when_and_where(to, w),
        w.gettext("The reason: %(reason)s", reason=to.reason) if to.reason else "",
    )


def place_offered(to: Appointment, base_url: str, *, until: datetime) -> Draft:
    """No invitation yet: the place is not theirs before they say so."""
    w = words(to.person.language)
    return plain(
        to.person,
        w.gettext("A place is free for you: %(unit)s", unit=w.label(to.unit_label)),
        w.gettext(
            "You are next on the waiting list. We hold this place for you until %(moment)s:", moment=w.moment(until)
        ),
        when_and_where(to, w),
        w.gettext("Language of the test: %(language)s", language=LANGUAGES[to.language]),
        w.gettext("Say yes or no here: %(link)s", link=to.page(base_url)),
        w.gettext(
            "If you do not answer in time, the place goes to the next person. You stay on the list for other dates."
        ),
    )


def measure_answered(to: Person, base_url: str) -> Draft:
    """Which measure it is does not travel by mail."""
    w = words(to.language)
    return plain(
        to,
        w.gettext("The centre has answered what you asked for"),
        w.gettext("You can read the answer here: %(link)s", link=f"{base_url}/measures"),
    )


def result_released(to: Person, page: str, letter: tuple[Attachment, ...] = ()) -> Draft:
    """`page`: of the result, behind sign-in. `letter`: the paper that says the same, if it may travel along."""
    w = words(to.language)
    return plain(
        to,
        w.gettext("Your result is available"),
        w.gettext("The jury has decided on your test. Your result waits for you here: %(link)s", link=page),
        w.gettext("There you will also read what you can do next, and how to appeal if you do not agree."),
        *_enclosed(letter, w),
        attachments=letter,
    )


def profile_released(to: Person, page: str, letter: tuple[Attachment, ...] = ()) -> Draft:
    """As result_released, of the report of a screening."""
    w = words(to.language)
    return plain(
        to,
        w.gettext("Your screening report is available"),
        w.gettext("The report of your screening waits for you here: %(link)s", link=page),
        *_enclosed(letter, w),
        attachments=letter,
    )


def _enclosed(letter: tuple[Attachment, ...], w: Words) -> list[str]:
    return [w.gettext("The same is in the letter attached to this mail. Keep it: it is yours.")] if letter else []


def certificate_issued(to: Person, base_url: str, *, verify_url: str) -> Draft:
    w = words(to.language)
    return plain(
        to,
        w.gettext("Your certificate is ready"),
        w.gettext("You can download your certificate here: %(link)s", link=f"{base_url}/journey"),
        w.gettext("Whoever you show it to can check it at this address: %(link)s", link=verify_url),
    )


def certificate_changed(to: Person, base_url: str, *, verify_url: str) -> Draft:
    """Suspended, reinstated or withdrawn: which of them, and why, is read behind sign-in."""
    w = words(to.language)
    return plain(
        to,
        w.gettext("The status of your certificate has changed"),
        w.gettext("You can read what has changed, and why, here: %(link)s", link=f"{base_url}/journey"),
        w.gettext("This is what others see now: %(link)s", link=verify_url),
    )


def sign_in_link(email: str, language: str, *, link: str, expires_at: datetime) -> Draft:
    w = words(language)
    return Draft(
        email,
        w.gettext("Your link to sign in"),
        paragraphs(
            w.gettext("Hello,"),
            w.gettext("Open this link to sign in. It works once, until %(time)s:", time=w.clock(expires_at)),
            link,
            w.gettext("If you did not ask for it, you need not do anything."),
        ),
    )


def appointment(to: Appointment, base_url: str, subject: str, *said: str) -> Draft:
    """A letter with the invitation, its change or its cancellation, whichever the appointment has become."""
    w = words(to.person.language)
    calendar = calendars.request(
        to.entry(w, base_url),
        calendars.Party(to.centre_name, to.centre_email),
        calendars.Party(to.person.name, to.person.email),
        language=w.language,
        cancelled_prefix=w.gettext("Cancelled"),
    )
    return Draft(to.person.email, subject, paragraphs(_hello(to.person), *said, to.centre_name), calendar)


def plain(to: Person, subject: str, *said: str, attachments: tuple[Attachment, ...] = ()) -> Draft:
    return Draft(to.email, subject, paragraphs(_hello(to), *said), attachments=attachments)


def _hello(to: Person) -> str:
    return words(to.language).gettext("Hello %(name)s,", name=to.given_name)


def when_and_where(to: Appointment, w: Words) -> str:
    """The appointment in four lines."""
    lines = (to.title(w), w.label(to.trade_label), w.span(to.starts_at, to.ends_at), f"{to.centre_name}, {to.place}")
    return "\n".join(lines)


def first_in_line(to: Appointment, base_url: str, w: Words) -> str:
    """What is theirs after a test that the centre answers for, and where."""
    said = w.gettext("Join the waiting list for this test: you go first in line for the next place.")
    return f"{said}\n{to.line(base_url)}"


def paragraphs(*said: str) -> str:
    return "\n\n".join(paragraph for paragraph in said if paragraph) + "\n"
