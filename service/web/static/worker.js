// The service worker of the day of a test. VERSION and KEPT are written before this by service/web/day.py.
// It keeps the page and what the page loads, nothing about anybody: what is about people is encrypted, in day_vault.js.
const PAGE = "/day/";
const PATIENCE = 4000; // milliseconds for a network that is there but does not answer

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((kept) => kept.addAll([PAGE, "/day/manifest.webmanifest", ...KEPT])));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate" && address.pathname.startsWith(PAGE)) event.respondWith(page(event.request));
  else if (address.pathname.startsWith("/static/") || address.pathname === "/day/manifest.webmanifest")
    event.respondWith(file(event.request));
});

// The page in today's version where there is a network, in the kept one where there is none.
async function page(request) {
  const kept = await caches.open(VERSION);
  const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const answer = await Promise.race([fetch(request).catch(() => undefined), silence]);
  if (!answer?.ok) return (await kept.match(PAGE)) ?? Response.error();
  const screen = KEPT.find((address) => address.endsWith("/day.js"));
  // A newer page is kept by its own worker, with all that it loads; this one would open it without a network in vain.
  if ((await answer.clone().text()).includes(screen)) await kept.put(PAGE, answer.clone());
  return answer;
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
