/* Makes the shop's plain forms quicker. Nothing needs it: each form works without.

   One module, loaded once by the shell: <script type="module" src=".../enhance.js">.
   <html> gets data-script when it runs; [data-without-script] is then hidden by the
   style sheet, and elements that are no use without it ([data-with-script][hidden])
   lose their hidden attribute.

   FORMS (they keep their method and action; the server answers without script too)
   form[data-enhance="add"]    Posts with X-Fragment: add and an operation id of its own.
                               The answer is JSON {say, button, ok}. Its button reads
                               `button` for 2 s, the live region says `say`.
   form[data-enhance="set"]    A stepper. Buttons with data-step="-1" or "1" change
                               input[name=quantity] at once; what it holds after 250 ms
                               of quiet is posted (X-Fragment: set). Other buttons post
                               at once. The answer is HTML: elements whose ids are on
                               the page replace them.
   form[data-enhance="press"]  Posts, follows the redirect, and takes from the answer the
                               elements named in data-replace="id id"; without it, the
                               nearest element round the form that has an id.
   form[data-enhance="swap"]   A GET form: when a field changes it is fetched, and the
                               elements named in data-replace are taken from the answer.

   ELEMENTS
   [data-badge="pieces|total|both"]  Filled from the cookie `badge`; hidden while empty.
                               data-currency="EUR" beside it, if it is not the euro.
   [data-allergens="milk=milk|eggs=eggs"]  A label or choice; data-traces beside it. What
                               the cookie `allergies` names is said in its [data-words],
                               and its .notice is shown; or beside the choice.
   [data-badge-empty], [data-badge-full]  Shown only while the basket is empty, or not.
   [data-say] in an answer     Read out by the live region.
   [data-focus-home]           Gets the focus when what had it is gone (needs tabindex=-1).
   [data-autofocus]            Gets the focus on load and after it was replaced.
   [data-poll="20"]            Fetched again each 20 s while the page is seen (needs an
                               id). Stops when the answer's element has no data-poll.
   [data-wake-lock]            Keeps the screen awake while the page is seen.
   [data-countdown="600"]      Text becomes the minutes left of 600 s, in words.
   button[data-print]          Prints. Give it data-with-script and hidden.

   A post that finds no server (offline, 502-504) is kept and tried again after 1, 2, 4,
   8, 8 ... s with the same operation id, so that it counts once; its form carries
   data-unsaved meanwhile. Focus stays on the control it was on, by id. */

const QUIET = 250; // ms without a press before a stepper is sent
const SHOWN = 2000; // ms that a button says "Added"
const BACKOFF = [1000, 2000, 4000, 8000]; // ms
const AWAY = [502, 503, 504];

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const online = () =>
  new Promise((done) => addEventListener("online", done, { once: true }));

/* ---- saying -------------------------------------------------------------------- */

const live = document.createElement("div");
live.className = "visually-hidden";
live.setAttribute("role", "status");
document.body.append(live);

function say(words) {
  live.textContent = "";
  setTimeout(() => (live.textContent = words), 60); // so that a repeat is read again
}

function beside(form, words) {
  let place = form.querySelector("[data-message]");
  if (!place) {
    place = document.createElement("p");
    place.className = "field__error";
    place.dataset.message = "";
    form.append(place);
  }
  place.textContent = words;
  place.hidden = !words;
  if (words) say(words);
}

/* ---- the basket's badge ---------------------------------------------------------- */

function fillBadge() {
  const value = document.cookie.match(/(?:^|; )badge=(\d+)\.(\d+)\.(\d+)/);
  const [pieces, cents] = value ? [Number(value[2]), Number(value[3])] : [0, 0];
  for (const place of all("[data-badge]")) {
    const currency = place.dataset.currency || "EUR";
    const total = new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(
      cents / 100,
    );
    const words = { pieces: `${pieces}`, total, both: `${pieces} · ${total}` };
    place.textContent = words[place.dataset.badge] ?? words.both;
    place.hidden = !pieces;
  }
  for (const place of all("[data-badge-empty]")) place.hidden = Boolean(pieces);
  for (const place of all("[data-badge-full]")) place.hidden = !pieces;
}

/* ---- allergies -------------------------------------------------------------------- */

/* Pages for everybody know nobody's allergies: the cookie of who is logged in does. */
function warn() {
  const cookie = document.cookie.match(/(?:^|; )allergies=([a-z.+]+)/);
  const avoided = new Set(cookie?.[1].split("+"));
  const found = (marks = "") => {
    const parts = marks.split("|").map((mark) => mark.split("="));
    return parts.filter(([code]) => avoided.has(code)).map(([, words]) => words);
  };
  const listed = new Intl.ListFormat("en-GB");
  for (const place of all("[data-allergens]")) {
    const has = found(place.dataset.allergens);
    const may = found(place.dataset.traces).filter((words) => !has.includes(words));
    const said = [];
    if (has.length) said.push(`Contains ${listed.format(has)}.`);
    if (may.length) said.push(`May contain traces of ${listed.format(may)}.`);
    const note = place.querySelector("[data-words]") ?? noteOn(place);
    note.textContent = said.join(" ");
    const shown = note.closest(".notice") ?? note;
    shown.hidden = !said.length;
    shown.classList.toggle("notice--err", shown === place && has.length > 0);
    shown.classList.toggle("notice--warn", shown === place && !has.length);
  }
}

/* A choice that brings an allergen with it: beside its words. */
function noteOn(choice) {
  const note = document.createElement("span");
  note.className = "tag tag--warn";
  note.dataset.words = "";
  choice.append(" ", note);
  return note;
}

/* ---- sending --------------------------------------------------------------------- */

let unsaved = 0;

function operationId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http, not local
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fieldsOf(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  if (form.dataset.enhance !== "press" && !fields.get("operation"))
    fields.set("operation", operationId());
  return fields;
}

/* Resolves with the server's answer, however long that takes; undefined once given up. */
async function deliver(form, fields, wanted = () => true) {
  const url = form.getAttribute("action") || location.href;
  const request = {
    method: "POST",
    body: fields,
    headers: { "X-Fragment": form.dataset.enhance },
    keepalive: true, // outlives the page
  };
  let held = false;
  try {
    for (let attempt = 0; wanted(); attempt++) {
      try {
        const answer = await fetch(url, request);
        if (!AWAY.includes(answer.status)) return answer;
      } catch {
        /* no server was reached: as above */
      }
      if (!held) {
        held = true;
        unsaved++;
        form.dataset.unsaved = "";
        beside(form, "Not saved yet. We keep trying.");
      }
      const wait = BACKOFF[Math.min(attempt, BACKOFF.length - 1)];
      await (navigator.onLine ? pause(wait) : Promise.race([pause(wait), online()]));
    }
  } finally {
    if (held) {
      unsaved--;
      delete form.dataset.unsaved;
      beside(form, "");
    }
  }
}

/* ---- taking an answer into the page ------------------------------------------------ */

let taking = false;

function take(html, ids) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const focused = document.activeElement?.id;
  const had = document.activeElement !== document.body;
  const fresh = ids
    ? ids.map((id) => page.getElementById(id)).filter(Boolean)
    : [...page.body.children].filter((part) => part.id);
  const words = page.querySelector("[data-say]")?.textContent.trim();
  taking = true; // a field that leaves the page tells of a change: nobody made it
  for (const part of fresh) document.getElementById(part.id)?.replaceWith(part);
  taking = false;
  if (words) say(words);
  ready();
  if (had && !document.activeElement?.matches(":focus:not(body)")) {
    const home = (focused && document.getElementById(focused)) || null;
    (home ?? document.querySelector("[data-focus-home]"))?.focus({
      preventScroll: true,
    });
  }
  return { page, found: fresh.length };
}

function idsFor(form) {
  if (form.dataset.replace) return form.dataset.replace.split(/\s+/);
  const round = form.parentElement.closest("[id]");
  return round ? [round.id] : [];
}

function failureWords(page, status) {
  const words = page?.querySelector("[data-problem], [role=alert], h1")?.textContent;
  return words?.trim().replace(/\s+/g, " ") || `That did not work (${status}).`;
}

/* ---- add to basket ------------------------------------------------------------------ */

async function add(form, button) {
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = "";
  try {
    const answer = await deliver(form, fieldsOf(form, button));
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (!isJson) return void location.assign(answer.redirected ? answer.url : "/basket/");
    const told = await answer.json();
    fillBadge();
    beside(form, answer.ok ? "" : told.say);
    if (!answer.ok) return;
    say(told.say);
    flash(button ?? form.querySelector("button"), told.button);
  } finally {
    delete form.dataset.busy;
  }
}

function flash(button, words) {
  const place = button.querySelector("[data-label]") ?? button;
  button.dataset.was ??= place.innerHTML;
  place.textContent = words;
  button.dataset.added = "";
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    place.innerHTML = button.dataset.was;
    delete button.dataset.added;
    delete button.dataset.was;
  }, SHOWN);
}

/* ---- steppers: set to n, the last value counts ---------------------------------------- */

const wishes = new Map(); // form id -> {value, timer, sent}

function wish(form, value, button) {
  const before = wishes.get(form.id);
  clearTimeout(before?.timer);
  const now = { value, running: before?.running };
  wishes.set(form.id, now);
  const send = () => set(form.id, now, button);
  if (button) send();
  else now.timer = setTimeout(send, QUIET);
}

async function set(id, now, button) {
  await now.running; // one at a time for each line
  const isLast = () => wishes.get(id) === now;
  const form = document.getElementById(id);
  if (!isLast() || !form) return;
  const fields = fieldsOf(form, button);
  if (!button) fields.set("quantity", now.value);
  now.running = (async () => {
    const answer = await deliver(form, fields, isLast);
    if (!answer) return;
    if (isLast()) wishes.delete(id);
    const html = await answer.text();
    const { page, found } = take(html);
    if (!found) {
      const input = form.querySelector("[name=quantity]");
      if (input) input.value = input.defaultValue;
      beside(form, failureWords(page, answer.status));
    }
    for (const [other, { value }] of wishes) {
      const input = document.getElementById(other)?.querySelector("[name=quantity]");
      if (input && value !== undefined) input.value = value;
    }
    fillBadge();
  })();
  await now.running;
}

function step(button) {
  const form = button.form;
  const input = form.querySelector("[name=quantity]");
  const value = Math.max(0, (parseInt(input.value, 10) || 0) + Number(button.dataset.step));
  input.value = value;
  if (form.dataset.enhance === "set") wish(form, String(value));
}

/* ---- press and swap -------------------------------------------------------------------- */

async function press(form, button) {
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = "";
  try {
    const answer = await deliver(form, fieldsOf(form, button));
    const { page, found } = take(await answer.text(), idsFor(form));
    if (found) return;
    if (answer.ok) location.assign(answer.url);
    else beside(form, failureWords(page, answer.status));
  } finally {
    delete form.dataset.busy;
  }
}

async function swap(form) {
  const fields = new URLSearchParams(new FormData(form));
  const url = `${form.getAttribute("action") || location.pathname}?${fields}`;
  const mine = (form.latest = Symbol(url));
  try {
    const answer = await fetch(url);
    const html = await answer.text();
    if (form.latest !== mine) return;
    take(html, idsFor(form));
    history.replaceState(null, "", url);
  } catch {
    form.submit(); // the browser shows what is wrong
  }
}

/* ---- a page that keeps itself fresh ------------------------------------------------------- */

async function poll(id) {
  let etag = "";
  for (;;) {
    const place = document.getElementById(id);
    const seconds = Number(place?.dataset.poll);
    if (!seconds) return;
    await pause(seconds * 1000);
    if (document.hidden) continue;
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(location.href, { headers });
      if (answer.status !== 200) continue;
      etag = answer.headers.get("ETag") ?? "";
      const html = await answer.text();
      if (html.includes(`id="${id}"`)) take(html, [id]);
    } catch {
      /* offline: the next turn asks again */
    }
  }
}

async function stayAwake() {
  if (document.hidden || !document.querySelector("[data-wake-lock]")) return;
  await navigator.wakeLock?.request("screen").catch(() => {});
}

function countDown(place) {
  const until = Date.now() + Number(place.dataset.countdown) * 1000;
  const show = () => {
    const minutes = Math.ceil((until - Date.now()) / 60000);
    if (!place.isConnected) return clearInterval(timer);
    if (minutes > 1) place.textContent = `${minutes} minutes`;
    else place.textContent = minutes > 0 ? "less than a minute" : "no time";
  };
  const timer = setInterval(show, 5000);
  show();
}

/* ---- starting --------------------------------------------------------------------------------- */

const seen = new WeakSet();
const once = (selector, act) => {
  for (const place of all(selector)) {
    if (seen.has(place)) continue;
    seen.add(place);
    act(place);
  }
};

function ready() {
  once("[data-with-script]", (place) => (place.hidden = false));
  once("[data-countdown]", countDown);
  once("[data-autofocus]", (place) => place.focus());
  fillBadge();
  warn();
}

/* A double click's second click may well come after the answer to the first. */
function isOneWish(button) {
  return ["add", "press"].includes(button?.form?.dataset.enhance) && !button.dataset.step;
}

const submitted = { add, press, set: (form, button) => wish(form, undefined, button) };

document.addEventListener("submit", (event) => {
  const form = event.target;
  const act = submitted[form.dataset.enhance];
  if (!act || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter ?? undefined;
  const input = form.querySelector("[name=quantity]");
  if (form.dataset.enhance === "set" && !button?.name) wish(form, input.value);
  else act(form, button);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.print !== undefined) print();
  if (event.detail > 1 && isOneWish(button)) return event.preventDefault();
  if (!button?.dataset.step || !button.form) return;
  event.preventDefault();
  step(button);
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (taking) return;
  if (form?.dataset.enhance === "swap") swap(form);
  if (form?.dataset.enhance === "set" && event.target.name === "quantity")
    wish(form, event.target.value);
});
document.addEventListener("visibilitychange", stayAwake);
addEventListener("pageshow", fillBadge);
addEventListener("pageshow", warn);
addEventListener("pagehide", () => {
  for (const [id, now] of wishes) {
    if (!now.timer || now.running) continue;
    clearTimeout(now.timer);
    set(id, now);
  }
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

root.dataset.script = "";
ready();
for (const place of all("[data-poll][id]")) poll(place.id);
stayAwake();
document.querySelector(".error-summary")?.focus();
