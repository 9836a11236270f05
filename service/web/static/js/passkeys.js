// Forms that a passkey fills in: the device answers our challenge, the form is sent with the answer in it. Without this
// script, or in a browser without passkeys, they stay hidden; there is always the link by mail.
const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON;

for (const place of known ? document.querySelectorAll("[data-passkeys]") : []) place.hidden = false;

for (const form of known ? document.querySelectorAll("[data-passkey]") : []) {
  const status = form.querySelector("[data-status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = status.dataset.waiting;
    try {
      form.elements.answer.value = JSON.stringify(await answer(form.dataset));
      form.submit();
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}

async function answer({ passkey, options }) {
  const response = await fetch(options, { method: "POST", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${response.status}`);
  const asked = await response.json();
  const credential =
    passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  return credential.toJSON();
}
