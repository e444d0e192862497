// One message as an element: who, what, its choices, its pictures and files, when, and what became of it.

import { element, icon, plain, render, safe } from "./markup.js";
import { exactly, size, time, word } from "./words.js";

const TICK = "M5 12.500l4.500 4.500L19 7.500";
const CLOCK = "M12 7v5l3 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z";
const WARN = "M12 8v5M12 16.500v.5M12 3.500l9.500 16.500h-19z";
const FILE = "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5";
const PIN = "M12 21s7-6.200 7-11.500A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21z";
const STATES = { waiting: CLOCK, sending: CLOCK, kept: TICK, failed: WARN };

export function build(frame, act) {
  const entry = element("div", { class: `entry ${frame.mine ? "mine" : "ours"}` });
  entry.append(element("p", { class: "day", hidden: true }), element("article", { class: "message", tabindex: "-1" }));
  fill(entry, frame, act);
  return entry;
}

export function fill(entry, frame, act) {
  entry.at = new Date(frame.at);
  const article = entry.querySelector("article");
  const author = element("span", { class: "hidden", "data-word": frame.mine ? "you" : "name" });
  author.textContent = word(frame.mine ? "you" : "name");
  const bubble = element("div", { class: "bubble" }, author, element("span", { class: "hidden" }, ": "));
  if (frame.files?.length) bubble.append(attachments(frame.files, act));
  if (frame.place) bubble.append(location(frame.place));
  if (frame.text?.length) {
    bubble.append(element("div", { class: "text", dir: frame.mine ? "auto" : null }, render(frame.text)));
  }
  if (frame.picture) bubble.append(picture(frame.picture));
  bubble.append(foot(entry, frame));
  article.replaceChildren(bubble);
  if (frame.choices?.length || ["place", "media"].includes(frame.ask)) article.append(choices(frame, act));
}

function foot(entry, frame) {
  const when = element("time", { datetime: entry.at.toISOString(), title: exactly(entry.at) }, time(entry.at));
  const line = element("div", { class: "foot" }, when);
  if (frame.mine) line.append(element("span", { class: "state" }));
  return line;
}

// What became of a message of the person's own.
export function mark(entry, state, details, act) {
  const place = entry.querySelector(".state");
  if (!place) return;
  const share = details.share ? ` ${Math.round(details.share * 100)} %` : "";
  const label = element("span", { class: "hidden" }, word(state));
  place.replaceChildren(icon(STATES[state]), label, share);
  entry.dataset.state = state;
  if (state !== "failed") return;
  const remove = element("button", { type: "button", class: "quiet small" }, word("dismiss"));
  remove.addEventListener("click", () => act.dismiss(entry));
  entry.querySelector("article").append(element("p", { class: "failure" }, details.words, " ", remove));
}

function attachments(files, act) {
  const list = element("div", { class: "files" });
  for (const file of files) {
    const address = file.preview ?? file.src ?? act.fileAddress(file.id);
    const chip = fileChip(file, address);
    if (!/^image\/(jpeg|png|webp|gif)$/.test(file.mime ?? "")) {
      list.append(chip);
      continue;
    }
    const image = element("img", { src: address, alt: file.alt || word("photo", { name: file.name }) });
    image.addEventListener("error", () => image.replaceWith(chip), { once: true });
    list.append(image);
  }
  return list;
}

function fileChip(file, address) {
  const label = element("span", {}, file.name, " ", element("small", {}, file.size ? size(file.size) : ""));
  if (!address) return element("span", { class: "chip" }, icon(FILE), label);
  return element("a", { class: "chip", href: address, download: file.name }, icon(FILE), label);
}

function location([lat, lon]) {
  const [y, x] = [lat.toFixed(5), lon.toFixed(5)];
  const address = `https://www.openstreetmap.org/?mlat=${y}&mlon=${x}#map=17/${y}/${x}`;
  const link = element("a", { class: "chip", href: address, target: "_blank", rel: "noopener noreferrer" });
  link.append(icon(PIN), element("span", {}, word("map", { lat: y, lon: x })));
  return link;
}

function picture({ src, alt }) {
  return element("img", { class: "code", src, alt, width: 200, height: 200, loading: "lazy" });
}

function choices(frame, act) {
  const group = element("div", { class: "choices", role: "group", "aria-label": word("choices") });
  for (const row of frame.choices ?? []) {
    const line = element("div", { class: "line" });
    for (const option of row) line.append(choice(option, act));
    if (line.childElementCount) group.append(line);
  }
  if (frame.ask === "place" || frame.ask === "media") {
    const button = element("button", { type: "button", class: "choice" }, word(`share_${frame.ask}`));
    button.addEventListener("click", () => act.ask(frame.ask));
    group.append(element("div", { class: "line" }, button));
  }
  return group;
}

function choice(option, act) {
  if (option.url) return addressed(option, act);
  const button = element("button", { type: "button", class: "choice", "data-token": option.token });
  const label = element("span", {}, option.label);
  if (option.n) button.append(element("span", { class: "number" }, `${option.n}.`), " ");
  button.append(label);
  button.addEventListener("click", () => act.press(button));
  return button;
}

function addressed(option, act) {
  const address = safe(option.url);
  if (!address) return element("span", { class: "choice" }, option.label);
  // A link into our own chat would only open this chat once more: it is there to be passed on.
  const url = new URL(address);
  if (url.origin === window.location.origin && url.pathname.startsWith("/chat")) {
    const button = element("button", { type: "button", class: "choice" }, option.label);
    button.addEventListener("click", () => act.share(address));
    return button;
  }
  const hint = element("span", { class: "hidden" }, ` (${word("opens")})`);
  return element("a", { class: "choice", href: address, target: "_blank", rel: "noopener noreferrer" }, option.label, hint);
}

// The words of a message as they are announced.
export function summary(frame) {
  return plain(frame.text ?? "").trim().split("\n")[0].slice(0, 200);
}
