// How the day's screen is put together: words from the page in the reader's language, elements, drawings.
const said = new Map([...document.getElementById("words").content.children].map((one) => [one.value, one.textContent]));
const drawn = document.getElementById("icons").content;

export function say(key, values = {}) {
  if (!said.has(key)) throw new Error(`no words for ${key}`);
  return said.get(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// h("p", {class: "soft"}, "text", child, …); a property that begins with "on" is a listener, false leaves one out.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== false && child !== undefined && child !== null));
  return element;
}

export function icon(name) {
  return drawn.querySelector(`[data-icon="${name}"] svg`).cloneNode(true);
}

export function badge(text, tone = "plain") {
  const symbols = { good: "check", warn: "warning", bad: "stop", info: "info", plain: "minus" };
  return h("span", { class: `badge ${tone}` }, icon(symbols[tone]), text);
}

export function notice(title, tone, ...children) {
  const symbols = { good: "check", warn: "warning", bad: "stop", info: "info" };
  return h("div", { class: `notice ${tone}` }, icon(symbols[tone]), h("div", {}, h("h2", {}, title), ...children));
}

export function button(text, press, kind = "secondary", more = {}) {
  return h("button", { type: "button", class: `button button-${kind}`, onclick: press, ...more }, text);
}

export function field(name, label, more = {}) {
  const { tag = "input", hint, ...rest } = more;
  const described = hint ? { "aria-describedby": `${name}-hint` } : {};
  return h(
    "div",
    { class: "field" },
    h("label", { for: name }, label),
    hint && h("span", { class: "hint", id: `${name}-hint` }, hint),
    h(tag, { id: name, name, ...described, ...rest }),
  );
}

// A form that is never sent: what was typed goes to `done` by name, once however often it is pressed meanwhile.
export function form(parts, label, done, kind = "primary") {
  const submit = h("button", { class: `button button-${kind}` }, label);
  return h(
    "form",
    {
      class: "panel",
      onsubmit: async (event) => {
        event.preventDefault();
        const element = event.target;
        if ("taken" in element.dataset) return;
        element.dataset.taken = "";
        try {
          await done(Object.fromEntries(new FormData(element)), element);
        } finally {
          delete element.dataset.taken;
        }
      },
    },
    ...parts,
    submit,
  );
}

export function wrong(element, text) {
  element.querySelector("[role=alert]")?.remove();
  const links = text === say("sign-in-first") ? [" ", h("a", { href: "/sign-in" }, say("sign-in"))] : [];
  element.prepend(h("p", { role: "alert", class: "error" }, text, ...links));
}

// Puts what there is to see on the screen, and leaves the reader where they were.
export function show(...children) {
  const screen = document.getElementById("main");
  const focused = document.activeElement?.id;
  screen.replaceChildren(...children);
  if (focused && focused !== "main") document.getElementById(focused)?.focus({ preventScroll: true });
}

export function clock(moment) {
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/Brussels",
  }).format(new Date(moment));
}
