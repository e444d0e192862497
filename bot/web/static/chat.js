// Puts the page together: the connection, what waits to be sent, the conversation and the field.

import { Receipts } from "./acks.js";
import { find, preview } from "./blobs.js";
import { Composer } from "./composer.js";
import { bare, Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Connection } from "./socket.js";
import { language, places, relabel, useWords, word } from "./words.js";
import { uploadTo } from "./uploads.js";

const facts = JSON.parse(document.body.dataset.facts);
const FIRST_OPEN = "00000000-0000-0000-0000-000000000000"; // The same in every tab: a session is greeted once.
const OFFLINE_MS = 1500; // A connection that is back sooner was hardly gone.
const TYPING_MS = 20000;
const REFUSALS = ["long", "empty", "malformed", "missing", "large", "kind", "full"];
const query = facts.embedded ? "?embed=1" : "";
const by = (id) => document.getElementById(id);

useWords(facts);
uploadTo(`/chat/files${query}`);

const announce = (words) => (by("announcer").textContent = words);
const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/chat/ws${query}`, {
  open: () => connection.send({ t: "hello", language: language(), seen: log.newest }),
  frame: (frame) => receive[frame.t]?.(frame),
  down: disconnected,
});
const receipts = new Receipts(connection);
const outbox = new Outbox(facts.session, connection, changed);
const log = new Log({ press, share, ask, fileAddress: (id) => id && `/chat/files/${id}${query}` }, receipts, announce);
const composer = new Composer(facts.largest, say);

let municipality = facts.municipality;
let oldest = null; // The message before which the history goes on.
let isLoading = false;
let offline = 0;
let typing = 0;
let unread = 0;

// --- From the server ---

const receive = {
  welcome(frame) {
    if (frame.session !== facts.session) return freshPage();
    clearTimeout(offline);
    if (by("banner").textContent) announce(word("online"));
    by("banner").textContent = "";
    sessionStorage.removeItem("gishe-reloaded");
    if (frame.reset) restart(frame);
    else frame.messages.forEach((one) => receive.message(one));
    prefer(frame);
    begin(frame);
    outbox.ready(true);
  },
  message(frame) {
    if (!frame.mine) notTyping();
    log.show(frame);
    if (!frame.mine && document.hidden) showUnread(++unread);
  },
  kept(frame) {
    notTyping();
    outbox.kept(frame);
    if (frame.language) prefer(frame);
  },
  refused(frame) {
    if (frame.why === "flood") {
      announce(word("busy"));
      outbox.later(frame.key, frame.seconds);
    } else if (frame.key) outbox.failed(frame.key, frame.why);
  },
  later: (frame) => (frame.key ? outbox.later(frame.key, frame.seconds) : null),
  typing() {
    log.typing(true);
    clearTimeout(typing);
    typing = setTimeout(notTyping, TYPING_MS);
  },
  history(frame) {
    isLoading = false;
    log.showOlder(frame.messages);
    goesOn(frame);
  },
};

function restart(frame) {
  log.clear();
  log.showPage(frame.messages);
  goesOn(frame);
}

function goesOn(frame) {
  oldest = frame.first ?? oldest;
  by("earlier").hidden = !frame.more;
  by("beginning").hidden = frame.more;
  by("earlier").textContent = word("earlier");
  older.disconnect();
  if (frame.more) older.observe(by("earlier"));
}

// What this visit is about: a link's payload, a municipality's page, a language chosen on the way, or a first hello.
function begin(frame) {
  const payloads = [];
  if (facts.start) payloads.push(facts.start);
  else if (facts.chosen && !frame.fresh && facts.chosen !== frame.language) payloads.push(`lang_${facts.chosen}`);
  if (!facts.start && facts.municipality && facts.municipality !== frame.municipality) {
    payloads.push(`m_${facts.municipality}`);
  }
  const isWaiting = outbox.items.some((item) => item.t === "open");
  if (!payloads.length && frame.fresh && !isWaiting) outbox.add({ t: "open", payload: "", key: FIRST_OPEN });
  for (const payload of payloads) outbox.add({ t: "open", payload });
  // Once is enough: loading the page again must not do it again.
  if (facts.start || facts.municipality || facts.chosen) history.replaceState(null, "", `/chat${query}`);
  Object.assign(facts, { start: "", municipality: null, chosen: null });
}

function notTyping() {
  clearTimeout(typing);
  log.typing(false);
}

function disconnected(why) {
  outbox.ready(false);
  notTyping();
  isLoading = false;
  if (why === "session") return freshPage();
  clearTimeout(offline);
  const words = word(why === "crowded" ? "tabs" : "offline");
  if (by("banner").textContent) by("banner").textContent = words;
  else offline = setTimeout(() => (by("banner").textContent = words), OFFLINE_MS);
}

// The cookie is gone or was replaced: a new page brings a new one, unless the browser keeps none.
function freshPage() {
  if (sessionStorage.getItem("gishe-reloaded")) return (by("banner").textContent = word("cookies"));
  sessionStorage.setItem("gishe-reloaded", "1");
  location.reload();
}

// --- From the person ---

function say(frame) {
  outbox.add(frame);
}

function press(button) {
  const entry = button.closest(".entry");
  entry.pressed = { index: [...entry.querySelectorAll(".choice")].indexOf(button), label: bare(button) };
  outbox.add({ t: "press", token: button.dataset.token });
  log.await();
}

function ask(what) {
  if (what === "place") composer.addPlace();
  else composer.attach();
}

async function share(url) {
  try {
    if (navigator.share) return await navigator.share({ url });
    await navigator.clipboard.writeText(url);
    composer.notice(word("copied"));
  } catch {
    // The person thought better of it.
  }
}

// What becomes of something said; a message shows its state, a pressed button that it works.
function changed(item, state, details = {}) {
  const why = REFUSALS.includes(details.why) ? details.why : "refused";
  const words = state === "failed" ? word(why, { name: details.name, size: facts.largest >> 20 }) : "";
  if (item.t === "press") busy(item.token, state === "waiting" || state === "sending");
  if (item.t === "press" || item.t === "open") return words && composer.notice(words);
  if (!log.own.has(item.key)) log.say(shown(item));
  log.mark(item.key, state, { ...details, words });
}

function shown(item) {
  const files = item.files?.map((file) => ({ ...file, preview: preview(file.blob) }));
  return { ...item, files, place: item.t === "place" ? [item.lat, item.lon] : null };
}

function busy(token, isBusy) {
  for (const button of document.querySelectorAll(`[data-token="${CSS.escape(token)}"]`)) {
    if (isBusy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

// --- The page itself ---

async function prefer(frame) {
  if (frame.language && frame.language !== language()) await speak(frame.language);
  if (frame.municipality !== undefined) municipality = frame.municipality;
  by("where").textContent = places()[municipality] ?? "";
}

async function speak(wanted) {
  document.cookie = `gishe_language=${wanted};path=/;max-age=34560000;samesite=lax`;
  const response = await fetch(`/chat/words.json?language=${wanted}`);
  if (!response.ok) return;
  useWords(await response.json());
  relabel();
  const [other] = Object.keys(facts.languages).filter((code) => code !== wanted);
  const name = facts.languages[other];
  by("language").setAttribute("aria-label", word("language", { language: name }));
  by("language").firstElementChild.lang = other;
  by("language").firstElementChild.textContent = name;
  by("attach").setAttribute("aria-label", word("attach", { size: facts.largest >> 20 }));
  by("attach").title = word("attach", { size: facts.largest >> 20 });
  by("where").textContent = places()[municipality] ?? "";
}

// Whoever embeds us learns that the chat is there or wants to be closed, and nothing else.
function tellHost(what) {
  if (facts.embedded) parent.postMessage(`gishe:${what}`, "*");
}

function showUnread(count) {
  document.title = count ? `(${count}) ${word("title")}` : word("title");
}

function loadOlder() {
  if (isLoading || !oldest || !connection.send({ t: "older", before: oldest })) return;
  isLoading = true;
  by("earlier").textContent = word("loading");
}

const older = new IntersectionObserver((entries) => entries[0].isIntersecting && loadOlder());
by("earlier").addEventListener("click", loadOlder);
by("language").addEventListener("click", () => {
  const [other] = Object.keys(facts.languages).filter((code) => code !== language());
  outbox.add({ t: "open", payload: `lang_${other}` });
});
by("close").hidden = !facts.embedded;
by("close").addEventListener("click", () => tellHost("close"));
addEventListener("keydown", (event) => event.key === "Escape" && tellHost("close"));
document.addEventListener("visibilitychange", () => document.hidden || showUnread((unread = 0)));

for (const item of outbox.load()) {
  await Promise.all((item.files ?? []).map((file) => find(file.blob)));
  changed(item, "waiting");
}
connection.start();
tellHost("ready");
