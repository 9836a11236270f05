"""How anybody checks a draw without us: shown on every opening's page, and run by a test."""

RECIPE = """\
# python3 verify.py opening.json    (what /api/v1/openings/<id> answers)
import hashlib, json, sys, uuid

said = json.load(open(sys.argv[1]))
seed = bytes.fromhex(said["seed"])
if hashlib.sha256(seed).hexdigest() != said["seed_hash"]:
    sys.exit("The seed is not the one that was promised.")

def number(ask):
    return hashlib.sha256(seed + uuid.UUID(ask["id"]).bytes).hexdigest()

if said["asks"] != sorted(said["asks"], key=number):
    sys.exit("The order is not the one that the seed makes.")
outcomes = [ask["outcome"] for ask in said["asks"]]
if "no_place_left" in outcomes and "placed" in outcomes[outcomes.index("no_place_left"):]:
    sys.exit("Somebody got a place out of turn.")
print("The draw is true:", outcomes.count("placed"), "places among", len(outcomes), "who asked.")
"""
