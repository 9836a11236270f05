// How long a seat is still held. The server says how many seconds are left, so the reader's own clock does not matter; without
// this script the page says until when. Who listens to the page hears it at a few moments, and not each second.
const SAID_AT = [300, 120, 60];
const two = (number) => String(number).padStart(2, "0");

// Minutes and seconds of a hold; an offer stands for a day, and nobody counts 1,439 minutes.
function clock(left) {
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

for (const shown of document.querySelectorAll("[data-seconds]")) {
  const end = performance.now() + Number(shown.dataset.seconds) * 1000;
  const listened = document.querySelector("[data-said]");
  const coming = SAID_AT.filter((seconds) => seconds < Number(shown.dataset.seconds));
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    shown.textContent = clock(left);
    while (listened && left <= coming[0]) {
      listened.textContent = listened.dataset.said.replace("{minutes}", coming.shift() / 60);
    }
    if (left > 0) setTimeout(tick, 500);
    else location.reload();
  };
  if (Number(shown.dataset.seconds) > 0) {
    shown.closest("[hidden]")?.removeAttribute("hidden");
    tick();
  }
}
