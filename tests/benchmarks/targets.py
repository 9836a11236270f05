"""What a measure should reach: floor and target of its ratio, from the house's table of speed."""

FLOOR_AND_TARGET: dict[str, tuple[float, float]] = {
    "booking over HTTP, 10,000 sessions": (0.5, 1.0),
    "booking over HTTP, one session": (1.0, 4.0),
    "search of 50 places, from the database": (0.2, 0.35),
    "search of 50 places, unchanged": (0.4, 0.8),
    "booking over HTTP, after many bookings": (0.8, 0.9),
    "memory of web, afterwards": (1.1, 1.02),
}
LESS_IS_BETTER = {"memory of web, afterwards"}


def said(what: str, ratio: float) -> str:
    """`0.62  floor 0.50 met, target 1.00 not met`; empty for what has no target."""
    if what not in FLOOR_AND_TARGET:
        return ""
    floor, target = FLOOR_AND_TARGET[what]
    sign = -1 if what in LESS_IS_BETTER else 1
    met = [("met" if sign * ratio >= sign * limit else "not met") for limit in (floor, target)]
    return f"floor {floor:.2f} {met[0]}, target {target:.2f} {met[1]}"
