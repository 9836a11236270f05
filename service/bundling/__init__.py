"""The accreditation bundle: everything about a session, or a year of them, in one signed ZIP that explains itself.

    index.html               for people: what is in it
    index.json               the SHA-256 of every file, and what the bundle is about
    index.json.sig           a detached Ed25519 signature of index.json
    signing-key.pem          the public key, to be held against the one the installation gives out
    README.txt               how to verify it, with `preuve bundle verify` or with openssl
    sessions/…/              a folder for each session: facts, grids, decisions as JSON; papers as PDF; proof

The same state gives the same bytes. Without names, every candidate and assessor stands under their pseudonym, also where a
text or a paper names them; a certificate is then a serial number and the hash of its PDF.
"""
