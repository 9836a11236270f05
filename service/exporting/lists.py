"""The index: every list that leaves the house as a file, with its columns."""

from service import desk_words
from service.exporting import codes, doings, premises, registers
from service.exporting.words import About, Export, Rows
from service.i18n import N_
from service.importing import assessors, candidates, choices, rooms, sessions
from service.importing.fields import Say, as_it_is, yes_no_said
from service.importing.lines import List

WHEN, UNIT, ROOM = N_("Test"), N_("Unit"), N_("Room")
NAMES = (N_("Family name"), N_("Given name"))
KIND, SPAN = N_("Kind"), (N_("Begins on"), N_("Ends on"))
MAIL, PHONE = N_("Email address"), N_("Telephone")


CAUSE, RULE, HALF, PRIORITY = N_("Cause"), N_("Rule"), N_("Half-day"), N_("Priority")
WHAT, RENEWED, ADVICE = N_("What"), N_("Renewed"), N_("Advice")
RESULT, STATE = N_("Result"), N_("State")
LANGUAGE, LANGUAGES, ROLE, RELEASE = N_("Language"), N_("Languages"), N_("Role"), N_("How it was released")


def _register(name: str, label: str, about: About, table: str, a_list: List, rows: Rows) -> Export:
    """A list that can come in again: its cells say what the import reads."""
    says: dict[str, Say] = {column.label: column.say for column in a_list.columns if column.say is not as_it_is}
    return Export(name, label, about, table, tuple(column.label for column in a_list.columns), rows, says)


EXPORTS = (
    _register("candidates", N_("Candidates"), "people", "assessments.candidates", candidates.LIST, registers.candidates),
    _register("assessors", N_("Assessors"), "people", "assessments.assessors", assessors.LIST, registers.assessors),
    _register("rooms", N_("Rooms"), "places", "scheduling.rooms", rooms.LIST, registers.rooms),
    _register("sessions", N_("Coming sessions"), "places", "scheduling.sessions", sessions.LIST, registers.sessions),
    Export("equipment", N_("Equipment"), "places", "scheduling.equipment", (
        KIND, N_("Name"), N_("Out of order from"), N_("Out of order until"),
    ), premises.equipment, {KIND: choices.word}),
    Export("outages", N_("Equipment out of order"), "places", "scheduling.outages", (
        KIND, N_("Name"), *SPAN, N_("Why"), N_("Entered on"), N_("Sessions that count on it"),
    ), premises.outages, {KIND: choices.word}),
    Export("closures", N_("Closed days"), "places", "scheduling.closures", (
        ROOM, *SPAN, N_("Why"), CAUSE, N_("Sessions in it"),
    ), premises.closures, {CAUSE: codes.called(codes.CLOSURES)}),
    Export("series", N_("Series of sessions"), "places", "scheduling.series", (
        UNIT, ROOM, LANGUAGE, N_("Places"), RULE, N_("First day"), N_("Hour"), N_("Planned on"), N_("Sessions"),
    ), doings.series, {LANGUAGE: choices.word, RULE: codes.rule}),
    Export("alerts", N_("Alerts, counted"), "places", "scheduling.alerts", (
        UNIT, LANGUAGE, HALF, N_("How many"),
    ), doings.alerts, {LANGUAGE: choices.word, HALF: codes.called(codes.HALVES)}),
    Export("bookings", N_("Coming bookings"), "people", "scheduling.bookings", (
        WHEN, UNIT, ROOM, *NAMES, MAIL, PHONE, LANGUAGE, N_("Booked on"), N_("Confirmed on"), N_("Summoned on"),
        N_("Attended on"), N_("Place freed on"), RELEASE,
    ), doings.bookings, {LANGUAGE: choices.word, RELEASE: codes.called(desk_words.RELEASES)}),
    Export("day", N_("Day list"), "day", "scheduling.bookings", (
        WHEN, UNIT, ROOM, *NAMES, N_("Identity seen"), N_("Contract signed"), N_("Attended on"), RELEASE,
    ), doings.day, {RELEASE: codes.called(desk_words.RELEASES)}),
    Export("waiting", N_("Waiting lists"), "people", "scheduling.waiting", (
        UNIT, N_("Place in the line"), N_("Length of the line"), *NAMES, MAIL, N_("Waiting since"), LANGUAGES,
        N_("From"), N_("Until"), PRIORITY,
    ), doings.waiting, {LANGUAGES: choices.said, PRIORITY: codes.called(codes.PRIORITIES)}),
    Export("invitations", N_("Invitations to juries"), "people", "scheduling.invitations", (
        WHEN, UNIT, ROLE, *NAMES, MAIL, N_("Asked on"), N_("Answer until"), N_("Accepted on"), N_("Declined on"),
        N_("Lapsed on"),
    ), doings.invitations, {ROLE: codes.called(desk_words.ROLES)}),
    Export("lapses", N_("What lapses"), "people", "service.validities", (
        WHAT, N_("Whose"), ROLE, N_("Trade"), N_("First day"), N_("Last day"), RENEWED,
        N_("What its end breaks"),
    ), doings.lapses, {
        WHAT: codes.called(codes.VALIDITIES), ROLE: codes.called(desk_words.ROLES), RENEWED: yes_no_said,
    }),
    Export("enrolments", N_("Enrolments"), "people", "assessments.enrolments", (
        UNIT, *NAMES, MAIL, N_("Enrolled on"), N_("Guided on"), ADVICE, N_("Withdrawn on"),
    ), doings.enrolments, {ADVICE: choices.word}),
    Export("decisions", N_("Decisions and results"), "results", "assessments.decisions", (
        WHEN, UNIT, *NAMES, RESULT, N_("Decided on"), N_("Told on"),
    ), doings.decisions, {RESULT: codes.called(codes.OUTCOMES)}),
    Export("certificates", N_("Register of certificates"), "results", "certificates.register", (
        N_("Serial number"), UNIT, N_("Holder"), N_("Birth date"), N_("Day of the jury"), N_("Issued on"), N_("Valid until"),
        STATE,
    ), doings.certificates, {STATE: codes.called(codes.STANDINGS)}),
)  # fmt: skip
