"""What a measure should reach: floor and target of its ratio, or of what stands alone, from the house's table of speed."""

FLOOR_AND_TARGET: dict[str, tuple[float, float]] = {
    "booking over HTTP, 10,000 sessions": (0.5, 1.0),
    "booking over HTTP, one session": (1.0, 4.0),
    "200 clients for 12 seats, all answered": (1.5, 1.5),
    "search of 50 places, from the database": (0.2, 0.35),
    "search of 50 places, unchanged": (0.4, 0.8),
    "booking over HTTP, after many bookings": (0.8, 0.9),
    "the same, just after a checkpoint": (0.8, 0.9),
    "calendar of 1,000 events, one changed": (100, 500),
    "calendar of 10,000 events, unchanged": (0.3, 0.6),
    "the same, known already (304)": (0.4, 0.8),
    "booking, 2 clients, beside pretix": (50, 200),
    "memory of web, afterwards": (1.1, 1.02),
    "first page after make run": (10, 4),
}
LESS_IS_BETTER = {"200 clients for 12 seats, all answered", "memory of web, afterwards", "first page after make run"}


def said(what: str, ratio: float) -> str:
    """`0.62  floor 0.50 met, target 1.00 not met`; empty for what has no target."""
    if what not in FLOOR_AND_TARGET:
        return ""
    floor, target = FLOOR_AND_TARGET[what]
    sign = -1 if what in LESS_IS_BETTER else 1
    met = [("met" if sign * ratio >= sign * limit else "not met") for limit in (floor, target)]
    return f"floor {floor:.2f} {met[0]}, target {target:.2f} {met[1]}"
