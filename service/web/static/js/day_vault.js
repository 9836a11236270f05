// Sealing and opening with the day's key. What this protects from, and what not, is said in service/web/day.py.
const ROUNDS = 600000;
const utf8 = new TextEncoder();

export function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

// A new key, wrapped under the PIN and under the server's spare key, and ready for use.
export async function make(pin, spare) {
  const raw = random(32);
  const lock = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const salt = random(16);
  const wraps = { pin: await wrap(await ofPin(pin, salt, lock), raw), spare: await wrap(await ofSpare(spare), raw) };
  return { facts: { lock, salt, wraps }, key: await usable(raw) };
}

// The key for a PIN; rejects when it is another one.
export async function unlock({ lock, salt, wraps }, pin) {
  return usable(await unwrap(await ofPin(pin, salt, lock), wraps.pin));
}

// Whoever forgot the PIN has signed in: the spare key opens, and a new PIN takes the old one's place.
export async function renew({ lock, wraps }, spare, pin) {
  const raw = await unwrap(await ofSpare(spare), wraps.spare);
  const salt = random(16);
  return { facts: { salt, wraps: { ...wraps, pin: await wrap(await ofPin(pin, salt, lock), raw) } }, key: await usable(raw) };
}

// What is sealed is bound to its id: a box that was moved to another place does not open.
export async function seal(key, id, bytes) {
  const iv = random(12);
  return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(id) }, key, bytes) };
}

export function open(key, id, { iv, box }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(id) }, key, box);
}

export const sealJson = (key, id, value) => seal(key, id, utf8.encode(JSON.stringify(value)));
export const openJson = async (key, id, sealed) => JSON.parse(new TextDecoder().decode(await open(key, id, sealed)));

async function ofPin(pin, salt, lock) {
  const typed = await crypto.subtle.importKey("raw", utf8.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  return aes(await crypto.subtle.sign("HMAC", lock, bits));
}

const ofSpare = (spare) => aes(Uint8Array.from(atob(spare), (sign) => sign.charCodeAt(0)));
const aes = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
const usable = aes;
const wrap = (key, raw) => seal(key, "key", raw);
const unwrap = (key, wrapped) => open(key, "key", wrapped);
