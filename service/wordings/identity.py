"""What the outside refuses about who somebody is."""

from service import refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.StepUpNeeded: (
        403,
        N_("Please confirm that it is you"),
        N_("This weighs heavily, and you signed in some time ago. Sign in once more, then do it again."),
    ),
    refusals.RectifiedTooOften: (
        429,
        N_("Too many corrections in one day"),
        N_("Wait until tomorrow, or talk to your centre."),
    ),
    refusals.SecondPersonNeeded: (
        409,
        N_("Somebody else has to approve this"),
        N_("You asked for it yourself. Ask another manager of the centre, or an administrator."),
    ),
    refusals.PersonNeeded: (
        403,
        N_("An access token cannot do this"),
        N_("Sign in yourself and do it on the page."),
    ),
    refusals.ScopeMissing: (
        403,
        N_("This access token was not made for that"),
        N_("Make one that may do it, or ask its owner to."),
    ),
    refusals.OwnAccount: (
        409,
        N_("Nobody changes their own role"),
        N_("Ask another administrator to do it."),
    ),
    refusals.RoleIncomplete: (
        422,
        N_("Something is missing for this role"),
        N_("A centre manager needs a centre. An assessor must first be on the register, under the same email address."),
    ),
    refusals.PasskeyKnown: (
        409,
        N_("This passkey is already in use"),
        N_("Choose another device, or sign in with this one."),
    ),
    refusals.PasskeyRefused: (
        422,
        N_("This passkey did not work"),
        N_("Try again, or ask for a link by email instead."),
    ),
    refusals.ProviderRefused: (
        403,
        N_("Your organisation’s sign-in did not lead to an account here"),
        N_("Ask for a link by email instead. If you should have access, talk to your administrator."),
    ),
    refusals.ProviderAway: (
        503,
        N_("Your organisation’s sign-in does not answer"),
        N_("Try again in a few minutes, or ask for a link by email instead."),
    ),
    refusals.PasswordWeak: (
        422,
        N_("This password is not safe enough"),
        N_(
            "Use twelve characters or more. Common passwords, passwords that were stolen elsewhere, and your own name or "
            "address will not do. Several words in a row are easy to remember."
        ),
    ),
}
