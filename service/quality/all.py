"""Every figure of quality by the word of its address, in the order in which they are offered."""

from service.quality import drifting, figures, grids
from service.quality.figures import Make

FIGURES: dict[str, Make] = {
    "units": figures.units,
    "centres": figures.centres,
    "standards": figures.standards,
    "assessors": figures.assessors,
    "drift": figures.drift,
    "slow": drifting.slow_drift,
    "agreement": grids.agreement,
    "pairs": grids.pairs,
    "indicators": grids.indicators,
    "durations": grids.durations,
}
