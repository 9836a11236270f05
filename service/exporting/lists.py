"""The index: every list that leaves the house as a file, with its columns."""

from service.exporting import doings, premises, registers
from service.exporting.words import Export
from service.i18n import N_
from service.importing import assessors, candidates, rooms, sessions
from service.importing.lines import List

WHEN, UNIT, ROOM = N_("Test"), N_("Unit"), N_("Room")
NAMES = (N_("Family name"), N_("Given name"))
KIND, SPAN = N_("Kind"), (N_("Begins on"), N_("Ends on"))
MAIL, PHONE = N_("Email address"), N_("Telephone")


def _labels(a_list: List) -> tuple[str, ...]:
    return tuple(column.label for column in a_list.columns)


EXPORTS = (
    Export("candidates", N_("Candidates"), "people", "assessments.candidates", _labels(candidates.LIST), registers.candidates),
    Export("assessors", N_("Assessors"), "people", "assessments.assessors", _labels(assessors.LIST), registers.assessors),
    Export("rooms", N_("Rooms"), "places", "scheduling.rooms", _labels(rooms.LIST), registers.rooms),
    Export("sessions", N_("Coming sessions"), "places", "scheduling.sessions", _labels(sessions.LIST), registers.sessions),
    Export("equipment", N_("Equipment"), "places", "scheduling.equipment", (
        KIND, N_("Name"), N_("Out of order from"), N_("Out of order until"),
    ), premises.equipment),
    Export("outages", N_("Equipment out of order"), "places", "scheduling.outages", (
        KIND, N_("Name"), *SPAN, N_("Why"), N_("Entered on"), N_("Sessions that count on it"),
    ), premises.outages),
    Export("closures", N_("Closed days"), "places", "scheduling.closures", (
        ROOM, *SPAN, N_("Why"), N_("Cause"), N_("Sessions in it"),
    ), premises.closures),
    Export("series", N_("Series of sessions"), "places", "scheduling.series", (
        UNIT, ROOM, N_("Language"), N_("Places"), N_("Rule"), N_("First day"), N_("Hour"), N_("Planned on"), N_("Sessions"),
    ), doings.series),
    Export("alerts", N_("Alerts, counted"), "places", "scheduling.alerts", (
        UNIT, N_("Language"), N_("Half-day"), N_("How many"),
    ), doings.alerts),
    Export("bookings", N_("Coming bookings"), "people", "scheduling.bookings", (
        WHEN, UNIT, ROOM, *NAMES, MAIL, PHONE, N_("Language"), N_("Booked on"), N_("Confirmed on"), N_("Summoned on"),
        N_("Attended on"), N_("Place freed on"), N_("How it was released"),
    ), doings.bookings),
    Export("day", N_("Day list"), "day", "scheduling.bookings", (
        WHEN, UNIT, ROOM, *NAMES, N_("Identity seen"), N_("Contract signed"), N_("Attended on"), N_("How it was released"),
    ), doings.day),
    Export("waiting", N_("Waiting lists"), "people", "scheduling.waiting", (
        UNIT, N_("Place in the line"), N_("Length of the line"), *NAMES, MAIL, N_("Waiting since"), N_("Languages"),
        N_("From"), N_("Until"), N_("Priority"),
    ), doings.waiting),
    Export("invitations", N_("Invitations to juries"), "people", "scheduling.invitations", (
        WHEN, UNIT, N_("Role"), *NAMES, MAIL, N_("Asked on"), N_("Answer until"), N_("Accepted on"), N_("Declined on"),
        N_("Lapsed on"),
    ), doings.invitations),
    Export("lapses", N_("What lapses"), "people", "service.validities", (
        N_("What"), N_("Whose"), N_("Role"), N_("Trade"), N_("First day"), N_("Last day"), N_("Renewed"),
        N_("What its end breaks"),
    ), doings.lapses),
    Export("enrolments", N_("Enrolments"), "people", "assessments.enrolments", (
        UNIT, *NAMES, MAIL, N_("Enrolled on"), N_("Guided on"), N_("Advice"), N_("Withdrawn on"),
    ), doings.enrolments),
    Export("decisions", N_("Decisions and results"), "results", "assessments.decisions", (
        WHEN, UNIT, *NAMES, N_("Result"), N_("Decided on"), N_("Told on"),
    ), doings.decisions),
    Export("certificates", N_("Register of certificates"), "results", "certificates.register", (
        N_("Serial number"), UNIT, N_("Holder"), N_("Birth date"), N_("Day of the jury"), N_("Issued on"), N_("Valid until"),
        N_("State"),
    ), doings.certificates),
)  # fmt: skip
