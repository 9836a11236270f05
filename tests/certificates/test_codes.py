import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.codes import ALPHABET, normalise, public_code

CODE = public_code(bytes(range(50, 66)))
SIXTEEN = st.binary(min_size=16, max_size=16)


def test_a_code_has_128_bits_in_letters_that_cannot_be_confused() -> None:
    assert CODE == "PRV-1J6C-T3AD-HQ70-WKME-SW7M-Z3YG-21T9"
    assert set(ALPHABET).isdisjoint("ILOU")
    assert normalise(public_code(b"\xff" * 16)) == public_code(b"\xff" * 16)
    assert normalise(public_code(b"\x00" * 16)) == public_code(b"\x00" * 16)


def test_too_little_chance_makes_no_code() -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        public_code(b"fifteen bytes..")


@given(SIXTEEN, SIXTEEN)
def test_two_codes_are_the_same_only_when_chance_was(one: bytes, other: bytes) -> None:
    assert (public_code(one) == public_code(other)) == (one == other)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.removeprefix("PRV-"),
        CODE.replace("-", " "),
        CODE.replace("-", " – "),
        CODE.replace("-", "\u2011").replace("0", "o"),
        CODE.replace("1", "l"),
        CODE.replace("1", "I").replace("0", "O"),
        f"\t{CODE}\r\n",
        CODE.replace("-", "\u2212\u200b\xad"),
        "".join(chr(ord(c) + 0xFEE0) for c in CODE),  # fullwidth, as an East Asian keyboard types it
        "\u202e" + CODE + "\ufeff",
    ],
)
def test_a_person_may_type_it_their_own_way(typed: str) -> None:
    assert normalise(typed) == CODE


@given(SIXTEEN, st.data())
def test_one_wrong_letter_is_noticed(random: bytes, data: st.DataObject) -> None:
    letters = public_code(random).removeprefix("PRV-").replace("-", "")
    at = data.draw(st.integers(0, len(letters) - 1))
    wrong = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != letters[at]]))
    assert normalise(letters[:at] + wrong + letters[at + 1 :]) is None


@given(SIXTEEN, st.data())
def test_two_neighbours_exchanged_are_noticed(random: bytes, data: st.DataObject) -> None:
    letters = list(public_code(random).removeprefix("PRV-").replace("-", ""))
    at = data.draw(st.integers(0, len(letters) - 2))
    same = letters[at] == letters[at + 1]
    letters[at], letters[at + 1] = letters[at + 1], letters[at]
    assert (normalise("".join(letters)) is None) is not same


@pytest.mark.parametrize(
    "text",
    ["", "PRV", "PRV-", "0" * 28 + "1", CODE + "0", CODE[:-1], "U" * 28, CODE.replace("1", "١"),
     CODE.replace("T", "Т"), "Z" * 28, "\x00" * 31, "\ud800" * 28, "ﷺ" * 120, "-" * 121, "9" * 1_000_000],
)  # fmt: skip
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert normalise(text) is None


@given(st.text(max_size=140))
def test_no_text_raises_and_every_answer_is_its_own_normal_form(text: str) -> None:
    code = normalise(text)
    assert code is None or normalise(code) == code
