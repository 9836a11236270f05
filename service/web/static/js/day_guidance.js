// How to look at a thing of the grid: words, and a picture that is fetched when the device is prepared and sealed like the
// rest. What the grid shows is kept apart from the photographs of the work: those leave the device, these do not.
import { h, say } from "./day_page.js";
import { photos, putPhoto } from "./day_store.js";
import { open, seal } from "./day_vault.js";

const shelf = (record) => `pictures|${record.id}`;
const opened = new Set(); // what the reader has open stays open when the screen is drawn anew

// All that the grid shows and this device has not; a picture that the centre no longer has is left out.
export async function fetchPictures({ record, key, day }) {
  const here = new Set((await photos(shelf(record))).map((one) => one.id));
  const things = day.criteria.flatMap((criterion) => [criterion, ...criterion.indicators]);
  for (const sha256 of new Set(things.flatMap((one) => one.picture?.sha256 ?? []))) {
    const id = `${record.id}|${sha256}`;
    if (here.has(id)) continue;
    const answer = await fetch(`/pictures/${sha256}.jpg`, { signal: AbortSignal.timeout(20000) });
    if (answer.ok) await putPhoto({ id, day: shelf(record), ...(await seal(key, id, await answer.arrayBuffer())) });
  }
}

export function guidance(log, thing) {
  if (!thing.guidance && !thing.picture) return "";
  const picture = thing.picture && h("canvas", { class: "picture", role: "img", "aria-label": thing.picture.alt, hidden: true });
  const press = (event) => {
    if (!event.target.open) return opened.delete(thing.code);
    opened.add(thing.code);
    if (picture) draw(log, thing.picture.sha256, picture);
  };
  return h("details", { class: "guidance", open: opened.has(thing.code), ontoggle: press },
    h("summary", {}, say("how-to-look")), thing.guidance && h("p", {}, thing.guidance), picture);
}

// A canvas, because the page may load images from nowhere else.
async function draw(log, sha256, canvas) {
  const id = `${log.record.id}|${sha256}`;
  const found = (await photos(shelf(log.record))).find((one) => one.id === id);
  if (!found) return;
  const picture = await createImageBitmap(new Blob([await open(log.key, id, found)], { type: "image/jpeg" }));
  const scale = Math.min(1, 800 / picture.width);
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.hidden = false;
}
