"""The index of the interface for programs: /api/v1."""

from litestar import Router

from service.api import (
    appeals,
    attendance,
    bookings,
    catalogue,
    certificates,
    decisions,
    feeds,
    jury_seats,
    openings,
    places,
    recordings,
    reports,
    sessions,
)

MODULES = (
    places,
    openings,
    bookings,
    sessions,
    jury_seats,
    attendance,
    recordings,
    decisions,
    appeals,
    certificates,
    catalogue,
    feeds,
    reports,
)

router = Router(
    "/api/v1",
    route_handlers=[handler for module in MODULES for handler in module.HANDLERS],
    security=[{"login": []}],
)
