// A photograph of the work: drawn anew on a canvas, so that nothing of what the camera wrote is kept; then sealed.
import { open, seal } from "./day_vault.js";

const LONGEST = 1600; // pixels
const LARGEST = 1_400_000; // bytes; the centre takes a little more

export async function keep(log, booking, image, text) {
  const id = crypto.randomUUID();
  const photo = { id, day: log.record.id, ...(await seal(log.key, id, await image.arrayBuffer())) };
  await log.add("photo", booking, { said: { photo: id, text } }, photo);
}

// A canvas, because the page may load images from nowhere else.
export async function draw(log, photo, canvas) {
  const picture = await createImageBitmap(new Blob([await open(log.key, photo.id, photo)], { type: "image/jpeg" }));
  canvas.width = 320;
  canvas.height = Math.round((320 * picture.height) / picture.width);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
}

// Undefined: this browser cannot draw it, or it stays too large.
export async function smaller(file) {
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return undefined;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.6, 0.4]) {
    const image = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (image.size <= LARGEST) return image;
  }
  return undefined;
}
