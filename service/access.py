"""Who may do what, and how far: role × resource × action → reach, in one table.

A handler names a line of it (`guards=[auth.may("bookings", "cancel")]`): the guard lets in whoever has any reach there,
and service/reach.py then asks whether this very object lies within it. What does not is as absent as what never was.
tests/access plays every cell against the running service.

The roles of accounts are the first seven. A person of the register of assessors has, on top of their account's role,
what a capacity gives: a seat as evaluator or as observer in a jury, an appointment to review an appeal.

    none     nothing
    own      what is about the person, was made by them or given to them
    jury     the sessions in whose jury they sit
    centre   what belongs to their centre; for an auditor without a centre, to any
    any      all there is
    address  the one thing whose secret address they hold
"""

from service import catalogue_access, identity_access, list_access, outcome_access, planning_access
from service.i18n import N_
from service.reaches import (
    ADDRESS,
    ANY,
    CAPACITIES,
    CENTRE,
    COLUMNS,
    JURY,
    NONE,
    OWN,
    Acting,
    Column,
    Reach,
    Rule,
    columns_of,
    weighty,
)
from service.reaches import line as _rule

__all__ = [
    "CAPACITIES",
    "COLUMNS",
    "NONE",
    "RESOURCES",
    "RULES",
    "Acting",
    "Column",
    "Reach",
    "Rule",
    "columns_of",
    "rule",
]


def rule(resource: str, action: str) -> Rule:
    """The line of the table; KeyError for one that it does not have."""
    return RULES[resource, action]


RESOURCES = {
    "pages": N_("What everyone may read"),
    "places": N_("Places to book"),
    "openings": N_("Places that are drawn"),
    "alerts": N_("Alerts about places"),
    "logins": N_("Signing in"),
    "tokens": N_("Access tokens"),
    "passkeys": N_("Passkeys"),
    "passwords": N_("Passwords"),
    "accounts": N_("Accounts of staff"),
    "calendars": N_("Calendar addresses"),
    "journey": N_("A candidate’s journey"),
    "bookings": N_("Bookings"),
    "waiting": N_("Waiting lists"),
    "measures": N_("Measures"),
    "absences": N_("Absences"),
    "guidance": N_("Guidance meetings"),
    "papers": N_("Papers to print"),
    "results": N_("Results and certificates"),
    "privacy": N_("Personal data"),
    "sessions": N_("Sessions"),
    "jury_seats": N_("Jury seats"),
    "invitations": N_("Invitations to juries"),
    "availability": N_("When assessors can come"),
    "closures": N_("Closed days and rooms"),
    "equipment": N_("Equipment"),
    "repairs": N_("Repairs"),
    "attendance": N_("The day of the test"),
    "agenda": N_("Work in a jury"),
    "recordings": N_("Grids"),
    "decisions": N_("Deliberations and decisions"),
    "appeals": N_("Appeals"),
    "complaints": N_("Complaints"),
    "catalogue": N_("Catalogue and centres"),
    "standards": N_("Standards"),
    "schemes": N_("Schemes"),
    "validity": N_("What is valid, and until when"),
    "records": N_("Data about assessors"),
    "lists": N_("Lists as files"),
    "reports": N_("Figures"),
    "audit": N_("Audit under pseudonyms"),
    "quality": N_("Quality of assessment"),
}

RULES: dict[tuple[str, str], Rule] = dict(
    [
        _rule("pages", "read", N_("Read the front page, help, problems and this table"), anyone=ANY),
        _rule("pages", "health", N_("Ask whether the service is up"), anyone=ANY),
        _rule("pages", "mailbox", N_("Read the mails of development, where there is no mail server"), anyone=ANY),
        # Finding a test is for everyone; the catalogue's open part says what there is to be tested.
        _rule("places", "search", N_("Find a test, and look at one"), anyone=ANY),
        _rule("places", "catalogue", N_("Read trades, units and centres"), anyone=ANY),
        _rule("alerts", "create", N_("Ask to be told when a place opens"), candidate=ANY),
        _rule("alerts", "list", N_("See my alerts"), candidate=OWN),
        _rule("alerts", "end", N_("End an alert of mine"), candidate=OWN),
        _rule("alerts", "stop", N_("End the alert of a letter by its secret address"), anyone=ADDRESS),
        _rule("openings", "read", N_("See a draw: its moment, its seed, its order"), anyone=ANY),
        _rule("openings", "ask", N_("Take part in a draw, or no longer"), candidate=ANY),
        _rule("openings", "announce", N_("Announce a draw"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("openings", "call_off", N_("Call a draw off"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        *identity_access.LINES,
        _rule("calendars", "read", N_("Read the calendar behind a secret address"), anyone=ADDRESS),
        _rule(
            "calendars", "list", N_("See my calendar addresses"),
            candidate=OWN, assessor=OWN, manager=OWN, planner=OWN, administrator=OWN,
        ),
        _rule(
            "calendars", "create", N_("Make a calendar address"),
            candidate=OWN, assessor=OWN, manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule(
            "calendars", "revoke", N_("End a calendar address"),
            candidate=OWN, assessor=OWN, manager=OWN, planner=OWN, administrator=OWN,
        ),
        _rule("journey", "read", N_("See the steps taken and the next one"), candidate=OWN),
        _rule("journey", "withdraw", N_("Withdraw from a unit"), candidate=OWN),
        _rule("bookings", "book", N_("Book a place for myself, in any open session"), candidate=ANY),
        _rule("bookings", "list", N_("See my bookings"), candidate=OWN),
        _rule("bookings", "read", N_("See a booking"), candidate=OWN),
        _rule("bookings", "accept", N_("Confirm a place that is held"), candidate=OWN),
        _rule("bookings", "reschedule", N_("Choose another date for a booking"), candidate=OWN),
        _rule("bookings", "cancel", N_("Give a place back"), candidate=OWN),
        _rule("bookings", "excuse", N_("Say why I did not come"), candidate=OWN),
        _rule("waiting", "own", N_("Wait for a place, and see where I stand"), candidate=OWN),
        _rule("waiting", "list", N_("See who waits for a centre"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("measures", "ask", N_("Ask for a measure, and see the answer"), candidate=OWN),
        _rule("measures", "answer", N_("Grant a measure, or say why not"), manager=CENTRE, administrator=ANY),
        _rule(
            "measures", "companion", N_("Engage an interpreter or a reader"),
            manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule(
            "sessions", "ways", N_("Say how long the way between two sites is"),
            manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule("absences", "answer", N_("Excuse an absence, or say why not"), manager=CENTRE, administrator=ANY),
        _rule("bookings", "confirm", N_("Say that I come"), candidate=OWN),
        _rule(
            "papers", "fetch", N_("Fetch a summons or an attestation as PDF"),
            candidate=OWN, manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule("papers", "list", N_("See which papers there are about my booking"), candidate=OWN),
        _rule("papers", "minutes", N_("Fetch the minutes of a session as PDF"), manager=CENTRE),
        # A result goes to the candidate, and to nobody outside without their consent.
        _rule("results", "read", N_("Read a result that was released"), candidate=OWN),
        _rule("results", "certificates", N_("See my certificates"), candidate=OWN),
        _rule("results", "document", N_("Fetch a certificate as PDF"), candidate=OWN, manager=CENTRE),
        weighty(
            "results", "standing", N_("Suspend, reinstate or withdraw a certificate"),
            manager=CENTRE, administrator=ANY,
        ),
        _rule("results", "register", N_("See the certificates that a centre issued"), manager=CENTRE, administrator=ANY),
        _rule("results", "verify", N_("Check a certificate by its code"), anyone=ADDRESS),
        _rule("privacy", "read", N_("See what is held about me"), candidate=OWN),
        _rule("privacy", "correct", N_("Correct my details"), candidate=OWN),
        weighty("privacy", "readdress", N_("Have my email address changed"), candidate=OWN),
        _rule("privacy", "confirm_address", N_("Confirm a new email address by the link sent to it"), anyone=ADDRESS),
        _rule("privacy", "stop_address", N_("Keep an email address, by the link sent to it"), anyone=ADDRESS),
        weighty("privacy", "export", N_("Take a copy of my data"), candidate=OWN),
        _rule("privacy", "number", N_("Give or take back my national number"), candidate=OWN),
        _rule("privacy", "consent", N_("Agree that somebody is told, and take it back"), candidate=OWN),
        _rule("privacy", "share", N_("Make or end an address to show a result"), candidate=OWN),
        _rule("privacy", "shared", N_("Read what was shared under a secret address"), anyone=ADDRESS),
        _rule("privacy", "erase", N_("Ask to be forgotten"), candidate=OWN),
        _rule(
            "sessions", "list", N_("List the sessions I run or sit in"),
            evaluator=JURY, observer=JURY, manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule(
            "sessions", "read", N_("See a session: jury, equipment, names and granted measures"),
            evaluator=JURY, observer=JURY, manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule(
            "sessions", "manage", N_("See a centre’s sessions and the next step of each"),
            manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule("sessions", "plan", N_("Plan a session"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule(
            "sessions", "series", N_("Plan a series of sessions"), manager=CENTRE, planner=CENTRE, administrator=ANY
        ),
        _rule("sessions", "copy", N_("Plan a session once more"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("sessions", "open", N_("Open a session for booking"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("sessions", "lock", N_("Close the list; summonses go out"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("sessions", "move", N_("Move a session"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule(
            "sessions", "resize", N_("Change how many places a session has"),
            manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule("sessions", "split", N_("Split a session in two"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule(
            "sessions", "merge", N_("Merge a session with another one"),
            manager=CENTRE, planner=CENTRE, administrator=ANY,
        ),
        _rule("sessions", "cancel", N_("Cancel a session"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("sessions", "run", N_("Begin and end the test"), manager=CENTRE, administrator=ANY),
        _rule("jury_seats", "list", N_("See who could sit in a jury"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("jury_seats", "give", N_("Give a seat in a jury"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("jury_seats", "release", N_("Free a seat in a jury"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("jury_seats", "replace", N_("Replace somebody in a jury"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        _rule("jury_seats", "invite", N_("Ask somebody into a jury"), manager=CENTRE, planner=CENTRE, administrator=ANY),
        # A manager of the register is asked and answers as every assessor.
        _rule("invitations", "list", N_("See what I am asked for"), assessor=OWN, manager=OWN),
        _rule("invitations", "answer", N_("Say yes or no to an invitation"), assessor=OWN, manager=OWN),
        _rule("availability", "own", N_("Say when I can come"), assessor=OWN, manager=OWN),
        *planning_access.LINES,
        # Reception checks identities, has contracts signed and notes who did not come: no results, no files.
        _rule("attendance", "list", N_("See the sessions of the day"), manager=CENTRE, reception=CENTRE, administrator=ANY),
        _rule("attendance", "read", N_("See who is expected"), manager=CENTRE, reception=CENTRE, administrator=ANY),
        _rule(
            "attendance", "note", N_("Note identity seen, contract signed, or absence; take back a mistake"),
            manager=CENTRE, reception=CENTRE, administrator=ANY,
        ),
        _rule(
            "attendance", "scan", N_("Scan the code of a booking: at the door, or one’s own"),
            candidate=OWN, manager=CENTRE, reception=CENTRE, administrator=ANY,
        ),
        _rule(
            "attendance", "turn_away", N_("Turn a candidate away, with the cause; take back a mistake"),
            manager=CENTRE, reception=CENTRE, administrator=ANY,
        ),
        _rule(
            "attendance", "rectify", N_("Correct a date of birth, the document at hand"),
            manager=CENTRE, reception=CENTRE, administrator=ANY,
        ),
        weighty(
            "attendance", "readdress", N_("Have a candidate’s email address changed, the document at hand"),
            manager=CENTRE, reception=CENTRE, administrator=ANY,
        ),
        weighty(
            "attendance", "approve_address", N_("Approve the new email address that somebody else asked for"),
            manager=CENTRE, administrator=ANY,
        ),
        _rule("agenda", "list", N_("See my juries"), assessor=OWN, manager=OWN),
        _rule(
            "agenda", "read", N_("See the candidates of the day: names and granted measures"),
            evaluator=JURY, observer=JURY, manager=JURY,
        ),
        _rule("recordings", "record", N_("Fill in my grid for a candidate"), evaluator=JURY, observer=JURY),
        _rule("recordings", "rate", N_("Change my own grid"), evaluator=OWN, observer=OWN),
        _rule("recordings", "submit", N_("Submit my own grid"), evaluator=OWN, observer=OWN),
        _rule("recordings", "day", N_("Take my day to a tablet, and bring it back"), evaluator=JURY, observer=JURY),
        _rule(
            "recordings", "photo", N_("See a photo of the work, once all grids are submitted"),
            evaluator=JURY, observer=JURY, manager=CENTRE, administrator=ANY,
        ),
        _rule(
            "recordings", "read", N_("Read the grids of my jury, once all are submitted"),
            evaluator=JURY, observer=JURY, manager=JURY,
        ),
        _rule(
            "recordings", "recommend", N_("Recommend units and trainings after a screening"),
            evaluator=JURY, manager=CENTRE, administrator=ANY,
        ),
        *outcome_access.LINES,
        *catalogue_access.LINES,
        *list_access.LINES,
        _rule("reports", "read", N_("Read the annual report"), manager=ANY, auditor=ANY, administrator=ANY),
        # An auditor meets people under pseudonyms, everywhere the same, and changes nothing.
        _rule("audit", "sessions", N_("Read sessions, with their candidates under pseudonyms"), auditor=CENTRE),
        _rule("audit", "results", N_("Read results, with their candidates under pseudonyms"), auditor=CENTRE),
        _rule("audit", "trail", N_("Read who did what, under pseudonyms"), auditor=CENTRE),
        _rule(
            "quality", "figures", N_("Read how tests are judged, under pseudonyms"),
            manager=CENTRE, auditor=CENTRE, administrator=ANY,
        ),
        weighty("quality", "names", N_("See the names behind these pseudonyms"), manager=CENTRE, administrator=ANY),
        _rule(
            "quality", "bundle", N_("Ask for the complete file of a session or a year"),
            manager=CENTRE, auditor=CENTRE, administrator=ANY,
        ),
        _rule(
            "quality", "fetch", N_("Fetch or cancel such a file that I asked for"),
            manager=OWN, auditor=OWN, administrator=OWN,
        ),
    ]
)  # fmt: skip
