"""The public code of a certificate: nobody can guess it, everybody can type it.

128 random bits are 26 letters of Crockford's base32 (no I, L, O, U). Two check letters, the number
modulo the prime 1021, follow. Every single wrong letter and every two neighbours exchanged change that
remainder, so a code that was mistyped is told from a code that nobody ever issued.
"""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "PRV"
RANDOM_BYTES = 16
LONGEST_INPUT = 120

_DATA = 26
_CHECK = 2
_GROUP = 4
_CHECK_PRIME = 1021  # the largest prime that two letters can write; 31 or 32 would miss exchanged letters
_LOOKS_LIKE = str.maketrans("OIL", "011")


def public_code(random: bytes) -> str:
    """A new public code, `PRV-` and seven groups of four.

    `random` is at least 16 bytes from a cryptographic source (`secrets.token_bytes(16)`); the first 16
    are used, which is the whole secrecy of the code. Refuses fewer with ValueError.
    """
    if len(random) < RANDOM_BYTES:
        raise ValueError(f"a public code needs {RANDOM_BYTES} random bytes")
    number = int.from_bytes(random[:RANDOM_BYTES])
    return _grouped(_letters(number, _DATA) + _letters(number % _CHECK_PRIME, _CHECK))


def normalise(text: str) -> str | None:
    """The code as `public_code` writes it, or None where the text cannot be one (mistyped, not unknown).

    Forgives case, spaces, any dash, fullwidth letters, invisible characters, a missing `PRV`, the
    letter O for zero and I or L for one. Never raises.
    """
    if len(text) > LONGEST_INPUT:
        return None
    typed = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if not _decoration(c))
    typed = typed.translate(_LOOKS_LIKE)
    if len(typed) == len(PREFIX) + _DATA + _CHECK:
        typed = typed.removeprefix(PREFIX)
    if len(typed) != _DATA + _CHECK or not set(typed) <= set(ALPHABET):
        return None
    number = _number(typed[:_DATA])
    if number.bit_length() > RANDOM_BYTES * 8 or _number(typed[_DATA:]) != number % _CHECK_PRIME:
        return None
    return _grouped(typed)


def _decoration(character: str) -> bool:
    """Spaces, dashes (the minus sign and the underscore too) and what cannot be seen."""
    return character in "-−_" or unicodedata.category(character) in {"Zs", "Zl", "Zp", "Pd", "Cf", "Cc"}


def _letters(number: int, length: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 32 + ALPHABET.index(letter)
    return value


def _grouped(letters: str) -> str:
    return "-".join([PREFIX, *(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))])
