"""How a page is made: `return render(request, "bookings.html", booking=booking)`.

One Jinja environment per language, with that language's words built in; so `_("…")`, `ngettext` and `words` work
in every template and in every imported macro, and nothing has to be handed on. A template begins with

    {% extends "base.html" %}
    {% import "components/forms.html" as forms %}
    {% block title %}{{ _("Find a test") }}{% endblock %}
    {% block main %} … {% endblock %}

and finds in its context what the handler gave, and `page` (see Page). Undefined names are errors, not blanks.
"""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from litestar import MediaType, Request, Response

from service import access
from service.desk_words import RELEASES, ROLES
from service.i18n import LANGUAGES, N_, words
from service.web import assets, onward
from service.web.language import Choice, choices, language_of

TEMPLATES = Path(__file__).parent / "templates"

NAVIGATION = {
    "": [(N_("Find a test"), "/sessions"), (N_("Check a certificate"), "/certificates")],
    "candidate": [
        (N_("My journey"), "/journey"),
        (N_("Find a test"), "/sessions"),
        (N_("My waiting list"), "/waiting"),
        (N_("My calendars"), "/calendars"),
        (N_("My data"), "/privacy"),
        (N_("Check a certificate"), "/certificates"),
    ],
    "assessor": [
        (N_("My sessions"), "/agenda"),
        (N_("Invitations"), "/invitations"),
        (N_("My availability"), "/availability"),
        (N_("My calendars"), "/calendars"),
        (N_("My data"), "/record"),
    ],
    "manager": [
        (N_("Sessions"), "/centre"),
        (N_("Plan a session"), "/centre/sessions/new"),
        (N_("When something fails"), "/centre/repairs/new"),
        (N_("Closed days"), "/centre/closures"),
        (N_("Equipment"), "/centre/equipment"),
        (N_("Waiting lists"), "/centre/waiting"),
        (N_("Measures"), "/centre/measures"),
        (N_("Guidance"), "/centre/guidance"),
        (N_("Absences"), "/centre/excuses"),
        (N_("What lapses"), "/centre/validity"),
        (N_("Appeals"), "/appeals"),
        (N_("Complaints"), "/centre/complaints"),
        (N_("Lists"), "/centre/lists"),
        (N_("Certificates"), "/centre/certificates"),
        (N_("My calendars"), "/calendars"),
        (N_("Figures"), "/reports"),
        (N_("Quality"), "/quality"),
    ],
    "planner": [
        (N_("Sessions"), "/centre"),
        (N_("Plan a session"), "/centre/sessions/new"),
        (N_("When something fails"), "/centre/repairs/new"),
        (N_("Closed days"), "/centre/closures"),
        (N_("Equipment"), "/centre/equipment"),
        (N_("Lists"), "/centre/lists"),
        (N_("My calendars"), "/calendars"),
    ],
    "reception": [(N_("Today"), "/centre/today")],
    "auditor": [
        (N_("Sessions"), "/audit/sessions"),
        (N_("Results"), "/audit/results"),
        (N_("Who did what"), "/audit/trail"),
        (N_("Catalogue"), "/trades"),
        (N_("Figures"), "/reports"),
        (N_("Quality"), "/quality"),
    ],
    "administrator": [
        (N_("Centres"), "/centres"),
        (N_("Catalogue"), "/trades"),
        (N_("Schemes"), "/schemes"),
        (N_("What lapses"), "/centre/validity"),
        (N_("Figures"), "/reports"),
        (N_("Appeals"), "/appeals"),
        (N_("Complaints"), "/centre/complaints"),
        (N_("Quality"), "/quality"),
        (N_("Accounts"), "/accounts"),
        (N_("Who may do what"), "/access"),
    ],
}


class Page(msgspec.Struct, frozen=True):
    """What every page knows besides its subject. `me` is None for someone who has not signed in; `sign_in`: where they do,
    to come back here."""

    path: str
    sign_in: str
    me: Any
    navigation: list[tuple[str, str]]
    languages: list[Choice]

    def may(self, resource: str, action: str) -> bool:
        """Whether the reader could do this at all: what they cannot is not offered."""
        return access.rule(resource, action).admits(self.me)


def render(
    request: Request[Any, Any, Any],
    name: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """The page `name` in the reader's language. Values are escaped; only macros and Markup are not."""
    language = language_of(request)
    me = request.scope.get("user")
    page = Page(
        path=request.url.path,
        sign_in=onward.to_sign_in(request),
        me=me,
        navigation=NAVIGATION[me.role if me else ""],
        languages=choices(request, language),
    )
    return Response(
        environment(language).get_template(name).render(page=page, **context),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Content-Language": language, "Vary": "Accept-Language, Cookie", **(headers or {})},
    )


class _Compiled(BytecodeCache):
    """A page is compiled once for all languages: they differ in what it is told, which it learns when it is made."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


@cache
def environment(language: str) -> Environment:
    """The template engine that speaks `language`."""
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=COMPILED,
    )
    said = words(language)
    engine.install_gettext_callables(said.catalogue.gettext, said.catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
    engine.globals.update(words=said, asset=assets.address, LANGUAGES=LANGUAGES, RELEASES=RELEASES, ROLES=ROLES)
    return engine
