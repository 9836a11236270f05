"""What a centre's desk calls how a booking ended and who sits on a jury: on its pages, in its lists and in its figures."""

from service.i18n import N_

RELEASES = {
    "cancelled_early": N_("Cancelled in time"),
    "cancelled_late": N_("Cancelled late"),
    "cancelled_by_centre": N_("Cancelled by the centre"),
    "no_show": N_("Did not come"),
    "excused": N_("Excused"),
    "turned_away": N_("Turned away"),
    "expired": N_("Not confirmed in time"),
    "rescheduled": N_("Chose another date"),
    "declined": N_("Declined"),
}
ROLES = {"evaluator": N_("Evaluator"), "observer": N_("Observer"), "manager": N_("Centre manager")}
