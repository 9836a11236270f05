// From the device to the centre: photographs, then entries in their order; as often as it takes, for the centre stores
// each once. Says how it went: sent, offline, signed-out, someone-else, no-seat or trouble.
import { dropPhoto, photos } from "./day_store.js";
import { open } from "./day_vault.js";
import { fetchPictures } from "./day_guidance.js";

const BATCH = 40; // also of the longest notes it stays under what the centre reads at once
const PROBLEMS = { 401: "signed-out", 403: "someone-else", 404: "no-seat" };

export function sync(log) {
  // One window at a time; a second one waits and then finds nothing left to do.
  return navigator.locks.request("preuve-day-sync", async () => {
    try {
      await sendPhotos(log);
      await sendEntries(log);
      await fetchPictures(log);
      return "sent";
    } catch (problem) {
      if (problem instanceof Refused) return PROBLEMS[problem.status] ?? "trouble";
      // What fetch throws when there is no network; what reading throws when a network that wants a login answers itself.
      if (problem instanceof TypeError || problem instanceof SyntaxError || problem.name === "TimeoutError") return "offline";
      console.error(problem);
      return "trouble"; // whatever it is, nothing has left the device that the centre did not confirm
    }
  });
}

async function sendPhotos(log) {
  const here = await photos(log.record.id);
  const bookings = new Map(log.all().filter((one) => one.kind === "photo").map((one) => [one.said.photo, one.booking_id]));
  // What another window has just kept is for that one to send: its entry is not known here yet.
  for (const photo of here.filter((one) => bookings.has(one.id))) {
    const image = await open(log.key, photo.id, photo);
    const address = `/day/${log.record.session}/photos/${bookings.get(photo.id)}/${photo.id}`;
    await ask(address, { method: "PUT", headers: { "Content-Type": "image/jpeg" }, body: image });
    await dropPhoto(photo.id);
  }
}

async function sendEntries(log) {
  do {
    const batch = [...log.waiting.values()].sort((a, b) => a.sequence - b.sequence).slice(0, BATCH);
    const body = { assessor_id: log.record.assessor, device_id: log.record.device, entries: batch };
    await log.confirmed(await post(`/api/v1/sessions/${log.record.session}/day/entries`, body));
  } while (log.waiting.size);
}

const post = (address, body) =>
  ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export async function ask(address, request = {}) {
  const answer = await fetch(address, { cache: "no-store", ...request, signal: AbortSignal.timeout(20000) }).catch((problem) => {
    throw problem.name === "TimeoutError" ? new TypeError("no answer") : problem;
  });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}
