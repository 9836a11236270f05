"""README.txt of a bundle: how whoever holds it finds out that nothing was changed, with Preuve or without."""

from service.i18n import Words

OPENSSL = "openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in index.json -sigfile index.json.sig"
HASHES = (
    'python3 -c "import hashlib, json; [print('
    "'OK' if hashlib.sha256(open(f['path'], 'rb').read()).hexdigest() == f['sha256'] else 'CHANGED', f['path']) "
    "for f in json.load(open('index.json'))['files']]\""
)


def written(w: Words, *, key: str, with_names: bool) -> str:
    """In the language of the bundle; `key` as `preuve audit key` shows it."""
    lines = [
        w.gettext("How to verify this bundle"),
        "",
        f"1. preuve bundle verify FILE --key '{key}'",
        w.gettext("It checks the signature, every file, and that the audit trail stands in the signed log."),
        w.gettext(
            "Ask the installation for its key yourself: the key in this file only says who claims to have signed."
        ),
        "",
        "2. " + w.gettext("Without Preuve: with openssl 3 and Python, in the folder where you unpacked it."),
        OPENSSL,
        HASHES,
    ]
    if with_names:
        lines += ["", w.gettext("This file holds names: keep it as carefully as the papers themselves.")]
    return "\n".join(lines) + "\n"
