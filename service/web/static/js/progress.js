// While the worker is at it, how far it is comes anew into its place: a page that loads itself again takes the focus, and the
// place one reads at, away. When it is over the page is loaded once. Without this script a link looks again.
const SECONDS = 2;
const address = document.querySelector("[data-under-way]")?.dataset.underWay;

async function look() {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) {
    const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-under-way]");
    const here = document.querySelectorAll("[data-under-way]");
    if (there.length !== here.length) {
      location.assign(address);
      return;
    }
    here.forEach((part, number) => part.replaceChildren(...there[number].childNodes));
  }
  setTimeout(look, SECONDS * 1000);
}

if (address) setTimeout(look, SECONDS * 1000);
