"""What a browser says of itself, coarsely: enough to know one's own devices again, too little to tell people apart."""

# The first that fits: browsers name their ancestors too, and telephones the system they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def described(user_agent: str) -> str:
    """« Firefox · Windows »; "" for what we do not know. Proper names only, so the same in every language."""
    known = (_first(user_agent, BROWSERS), _first(user_agent, SYSTEMS))
    return " · ".join(name for name in known if name)


def _first(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
