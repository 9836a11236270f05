import re
import threading
from datetime import date
from io import BytesIO

import msgspec
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from certificates.codes import public_code
from certificates.document import Printed, render
from certificates.refusals import NotPrintable

CODE = public_code(bytes(range(50, 66)))
FACTS = Printed(
    serial="BXL-2026-000123",
    public_code=CODE,
    verify_url=f"https://preuve.example/verify/{CODE}",
    holder_name="Amélie Vandenbroeck-El Khattabi",
    birth_date=date(1988, 3, 1),
    unit_code="CARR-2",
    unit_label="Carreler un sol",
    trade_label="Carreleur",
    centre_name="Construcity",
    site_city="Bruxelles",
    jury_date=date(2026, 3, 12),
    issued_on=date(2026, 3, 16),
    scheme_label="Validation des compétences",
    standard_version="CARR-2, version 3",
    language="fr",
)

SAYS = {
    "fr": [
        "Titre de compétence",
        "date de naissance : 1er mars 1988",
        "16 mars 2026",
        "Ce titre prouve une compétence ; il ne prouve pas l’aptitude médicale.",
    ],
    "nl": [
        "Competentiebewijs",
        "geboren op 1 maart 1988",
        "16 maart 2026",
        "Dit bewijs toont een vaardigheid aan; het is geen bewijs van medische geschiktheid.",
    ],
    "en": [
        "Certificate of competence",
        "born on 1 March 1988",
        "16 March 2026",
        "This certificate proves a skill; it is not proof of medical fitness.",
    ],
    "de": [
        "Kompetenznachweis",
        "geboren am 1. März 1988",
        "16. März 2026",
        "Dieser Nachweis belegt eine Kompetenz; er ist kein Beleg für die gesundheitliche Eignung.",
    ],
}


def named(name: str) -> bytes:
    return render(msgspec.structs.replace(FACTS, holder_name=name))


def read(pdf: bytes) -> list[str]:
    """The lines that an independent reader (PDFium) takes from the only page."""
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        text: str = document[0].get_textpage().get_text_bounded()
    return text.splitlines()


@pytest.mark.parametrize("language", ["fr", "nl", "en", "de"])
def test_each_language_prints_one_whole_page(language: str) -> None:
    lines = read(render(msgspec.structs.replace(FACTS, language=language)))
    text = "\n".join(lines)
    assert {FACTS.holder_name, FACTS.unit_label, FACTS.serial, FACTS.public_code, FACTS.verify_url} <= set(lines)
    assert all(sentence in text for sentence in SAYS[language])
    assert "Titre de compétence" in text, "the name the law knows stands on every translation"


def test_it_says_what_it_is_to_every_machine() -> None:
    with pikepdf.open(BytesIO(render(FACTS))) as pdf:
        root = pdf.Root
        assert str(root.Lang) == "fr-BE"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert root.StructTreeRoot.K
        with pdf.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], xmp["pdfuaid:part"]) == ("2", "A", "1")
            assert xmp["dc:title"] == "Titre de compétence BXL-2026-000123"
            assert xmp["dc:creator"] == ["Construcity"]
            assert xmp["xmp:CreateDate"].startswith("2026-03-16")


def test_the_picture_is_described_and_the_headings_are_headings() -> None:
    with pikepdf.open(BytesIO(render(FACTS))) as pdf:
        tags = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/S" in thing]
        kinds = [str(tag.S) for tag in tags]
        figures = [str(tag.Alt) for tag in tags if str(tag.S) == "/Figure"]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 1
    assert figures == [f"Code QR vers la page de vérification de ce titre : {FACTS.verify_url}"]


def test_every_font_is_inside() -> None:
    with pikepdf.open(BytesIO(named("Юлия გიორგი محمد"))) as pdf:
        fonts = [f for f in pdf.objects if isinstance(f, pikepdf.Dictionary) and f.get("/Type") == "/FontDescriptor"]
        assert {re.sub(r"-Identity-H$", "", str(font.FontName)).split("+")[1] for font in fonts} >= {
            "SourceSansPro-Light", "SourceSansPro-Regular", "SourceSansPro-Semibold",
        }  # fmt: skip
        assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)


def test_a_phone_reads_the_address_from_the_paper() -> None:
    with pypdfium2.PdfDocument(render(FACTS)) as document:
        photograph = document[0].render(scale=1.2).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(photograph)] == [FACTS.verify_url]


def test_the_same_facts_give_the_same_bytes_in_every_thread() -> None:
    copies: list[bytes] = []
    threads = [threading.Thread(target=lambda: copies.append(render(FACTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(copies) == 4
    assert set(copies) == {render(FACTS)}


@pytest.mark.parametrize(
    "name",
    [
        '#import "@preview/x:1.0.0": *',
        "*bold* _it_ `raw` $x$ // <label> @ref",
        '"O\'Brien" \\ #panic("no")',
        "<b>Ann</b> & </svg>",
        '","holder_name":"Eve',
        "=HYPERLINK(1) -- ...",
        "Łukasz Żółć",
        "Şükrü Ğıİ",
        "Nguyễn Thị Hằng",
        "ʿAbd al-Raḥmān Ṣāliḥ",
        "Ελένη Παπαδοπούλου",
        "Юлия Ђорђевић",
        "გიორგი",
        "Արամ",
        "כהן",
        "محمد",
        "Jean‑Luc d’Aix",
    ],
)
def test_a_name_is_printed_letter_by_letter_whatever_it_looks_like(name: str) -> None:
    assert name in read(named(name))


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("Ann\u202eEve", "AnnEve"),
        ("A\u200bn\ufeffn\xad", "Ann"),
        ("  Ann\n\tEve ", "Ann Eve"),
        ("Ame\u0301lie", "Amélie"),
    ],
)
def test_what_cannot_be_seen_is_not_in_the_text_either(given: str, printed: str) -> None:
    assert printed in read(named(given))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Ann 😀", "holder_name: cannot print U+1F600 GRINNING FACE"),
        ("王小", "holder_name: cannot print U+738B CJK UNIFIED IDEOGRAPH-738B, U+5C0F CJK UNIFIED IDEOGRAPH-5C0F"),
        ("Ann\x00", "holder_name: cannot print U+0000 unnamed"),
        ("Ann\ue000", "holder_name: cannot print U+E000 unnamed"),
        ("Ann\ud800", "holder_name: cannot print U+D800 unnamed"),
        ("\u202e\u200b", "holder_name: 0 characters, the page takes 1 to 200"),
        ("n" * 201, "holder_name: 201 characters, the page takes 1 to 200"),
    ],
)
def test_a_name_that_paper_cannot_carry_is_refused_with_the_letters_named(name: str, reason: str) -> None:
    with pytest.raises(NotPrintable) as refusal:
        named(name)
    assert str(refusal.value) == reason


def test_the_longest_texts_still_make_one_page() -> None:
    headline, text = ("Wolfgang Bartholomäus " * 10)[:200], ("Elektrotechnik " * 10)[:119]
    longest = msgspec.structs.replace(
        FACTS, language="de", holder_name=headline, unit_label=headline, trade_label=text, centre_name=text,
        site_city=text, scheme_label=text, standard_version=text, unit_code="X" * 20, duplicate=True,
    )  # fmt: skip
    assert "Duplikat" in "\n".join(read(render(longest)))


def test_one_endless_word_breaks_rather_than_leaves_the_frame() -> None:
    endless = "MW" * 100
    with pypdfium2.PdfDocument(named(endless)) as document:
        page = document[0].get_textpage()
        right = max(page.get_charbox(at)[2] for at in range(page.count_chars()))
        text = page.get_text_bounded()
    assert right < 595 - 60
    assert endless in text.replace("\r\n", "")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "preuve.example/verify", "https://preuve.example/ \u202ex"])
def test_only_a_web_address_is_made_into_a_link(address: str) -> None:
    with pytest.raises(NotPrintable, match="verify_url"):
        render(msgspec.structs.replace(FACTS, verify_url=address))


def test_a_duplicate_says_so_and_keeps_the_number() -> None:
    lines = read(render(msgspec.structs.replace(FACTS, duplicate=True)))
    assert "Construcity Duplicata" in lines
    assert FACTS.serial in lines
    assert "Construcity" in read(render(FACTS))


def test_the_national_number_is_no_fact_of_a_certificate() -> None:
    assert not [field for field in Printed.__struct_fields__ if re.search("national|niss|insz|rrn", field)]
