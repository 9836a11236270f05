# mypy: ignore-errors
"""Run by pretix's own interpreter: an organizer, an event that many can order, a series of fifty dates, and a token. Prints
what the benchmark needs to know, as JSON in the last line."""

import json
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django_scopes import scopes_disabled  # noqa: E402
from pretix.base.models import Event, Organizer  # noqa: E402

NOW = datetime.now(UTC)


def an_event(organizer, slug, **more):
    return Event.objects.create(
        organizer=organizer, name=slug, slug=slug, currency="EUR", live=True, date_from=NOW + timedelta(days=30), **more
    )


def a_place(event):
    return event.items.create(name="Place", default_price=0, admission=True, active=True)


with scopes_disabled():
    organizer = Organizer.objects.create(name="Bench", slug="bench")
    one = an_event(organizer, "one")
    item = a_place(one)
    one.quotas.create(name="all", size=10_000_000).items.add(item)
    many = an_event(organizer, "many", has_subevents=True)
    date = a_place(many)
    for day in range(50):
        subevent = many.subevents.create(name=f"Day {day}", active=True, date_from=NOW + timedelta(days=30 + day))
        many.quotas.create(name=f"Day {day}", size=50, subevent=subevent).items.add(date)
    team = organizer.teams.create(
        name="bench", all_events=True, all_event_permissions=True, all_organizer_permissions=True
    )
    token = team.tokens.create(name="bench")
    print(json.dumps({"token": token.token, "item": item.pk}))
