// The conversation on the page: messages in their order, days between them, and a place in it that is kept.

import { plain } from "./markup.js";
import { build, fill, mark, summary } from "./message.js";
import { dayName, sameDay, word } from "./words.js";

const QUIET_MS = 300; // Screen readers look at a change a little later.
const NEAR_PX = 90; // So close to the end somebody is reading the end.

export class Log {
  constructor(act, receipts, announce) {
    this.act = { ...act, dismiss: (entry) => this.dismiss(entry) };
    this.receipts = receipts;
    this.announce = announce;
    this.node = document.getElementById("log");
    this.list = document.getElementById("messages");
    this.downButton = document.getElementById("down");
    this.typingSign = document.getElementById("typing");
    this.known = new Map(); // message number -> its entry, also of versions that were rewritten
    this.own = new Map(); // key of a message of the person's own -> its entry
    this.superseded = new Set();
    this.newest = null;
    this.sticks = true;
    this.awaits = false;
    this.anchor = null; // The question, or the first answer to it: it stays in view.
    for (const node of [this.node, window]) node.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.sticks && this.toEnd()).observe(this.node);
    this.downButton.addEventListener("click", () => this.goDown());
  }

  // --- What comes ---

  clear() {
    for (const entry of [...this.list.children]) if (!entry.isPending) entry.remove();
    for (const [key, entry] of this.own) if (!entry.isPending) this.own.delete(key);
    this.known.clear();
    this.superseded.clear();
    this.newest = null;
  }

  // Many at once are shown without reading them all out.
  showPage(frames) {
    this.quietly(() => frames.forEach((frame) => this.place(frame)));
    this.toEnd();
  }

  showOlder(frames) {
    const scroller = this.scroller;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    this.quietly(() => [...frames].reverse().forEach((frame) => this.place(frame)));
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  show(frame) {
    if (this.knows(frame)) return this.confirm(frame);
    const rewritten = this.known.get(frame.replaces);
    const entry = this.place(frame);
    if (!entry) return;
    if (rewritten) return;
    if (this.isQuiet && !frame.mine) this.announce(`${word("name")}: ${plain(frame.text)}`);
    if (frame.mine) this.anchor = null;
    else this.anchor ??= this.questionOf(entry);
    if (this.awaits && !frame.mine) {
      this.awaits = false;
      this.anchor = entry;
      this.sticks = true;
    }
    if (this.sticks) this.toEnd();
    else if (!frame.mine) this.downButton.hidden = false;
  }

  // Whoever presses a choice wants to see what it leads to, wherever in the conversation it stands.
  await() {
    this.awaits = true;
  }

  knows(frame) {
    return this.known.has(frame.id) || this.superseded.has(frame.id) || (frame.mine && this.own.has(frame.key));
  }

  // It is here already, but the server does not know that.
  confirm(frame) {
    const entry = this.known.get(frame.id) ?? this.own.get(frame.key);
    if (entry && !frame.mine) this.receipts.track(entry, frame);
  }

  place(frame) {
    for (const id of frame.covers ?? []) this.superseded.add(id);
    if (frame.replaces) this.superseded.add(frame.replaces);
    if (this.knows(frame)) return this.confirm(frame);
    this.newest = later(this.newest, frame.id) ? frame.id : this.newest;
    const entry = this.known.get(frame.replaces);
    if (entry) return this.rewrite(entry, frame);
    const fresh = build(frame, this.act);
    fresh.order = frame.place_of ?? frame.id;
    this.known.set(frame.id, fresh);
    if (frame.mine) {
      this.own.set(frame.key, fresh);
      mark(fresh, "kept", {}, this.act);
    } else this.receipts.track(fresh, frame);
    this.insert(fresh);
    return fresh;
  }

  // A menu that goes on in its own place, with the finger still on it.
  rewrite(entry, frame) {
    this.awaits = false;
    const pressed = entry.pressed;
    const hadFocus = entry.contains(document.activeElement);
    this.quietly(() => fill(entry, frame, this.act));
    this.known.set(frame.id, entry);
    this.receipts.track(entry, frame);
    this.markLatest();
    entry.pressed = null;
    const again = pressed && [...entry.querySelectorAll(".choice")][pressed.index];
    if (again && bare(again) === pressed.label) {
      if (hadFocus) again.focus({ preventScroll: true });
    } else {
      if (hadFocus) entry.querySelector("article").focus({ preventScroll: true });
      this.intoView(entry);
    }
    if (!hadFocus) this.announce(`${word("updated")} ${summary(frame)}`);
    return entry;
  }

  insert(entry) {
    let before = this.list.lastElementChild;
    const isWaiting = (one) => one.isPending && one.dataset.state !== "sending";
    const first = this.list.firstElementChild;
    if (entry.order && first?.order && !later(first.order, entry.order)) before = null;
    else while (before && entry.order && (isWaiting(before) || (before.order && later(entry.order, before.order)))) {
      before = before.previousElementSibling;
    }
    if (before) before.after(entry);
    else this.list.prepend(entry);
    this.day(entry);
    if (entry.nextElementSibling) this.day(entry.nextElementSibling);
    this.markLatest();
  }

  day(entry) {
    const before = entry.previousElementSibling;
    const sign = entry.querySelector(".day");
    sign.hidden = Boolean(before && sameDay(before.at, entry.at));
    sign.textContent = sign.hidden ? "" : dayName(entry.at);
  }

  // Only the choices offered last can be typed by their number, so only those show it.
  markLatest() {
    const offering = [...this.list.children].filter((one) => one.querySelector(".choices"));
    for (const entry of this.list.querySelectorAll(".latest")) entry.classList.remove("latest");
    offering.at(-1)?.classList.add("latest");
  }

  // --- What the person says ---

  say(item) {
    const entry = build({ ...item, mine: true }, this.act);
    entry.isPending = true;
    entry.dataset.state = "waiting";
    this.own.set(item.key, entry);
    this.insert(entry);
    this.anchor = null;
    this.toEnd();
  }

  mark(key, state, details = {}) {
    const entry = this.own.get(key);
    if (!entry) return;
    mark(entry, state, details, this.act);
    if (state === "kept" || state === "failed") entry.isPending = false;
    if (details.id) {
      entry.order = details.id;
      this.known.set(details.id, entry);
      this.newest = later(this.newest, details.id) ? details.id : this.newest;
    }
    if (state === "failed") this.announce(details.words);
  }

  dismiss(entry) {
    entry.remove();
    document.getElementById("text").focus();
  }

  typing(isTyping) {
    this.typingSign.hidden = !isTyping;
    if (isTyping && this.sticks) this.toEnd();
  }

  // --- Where somebody reads ---

  quietly(change) {
    this.node.setAttribute("aria-live", "off");
    change();
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.node.setAttribute("aria-live", "polite"), QUIET_MS);
  }

  get isQuiet() {
    return this.node.getAttribute("aria-live") === "off";
  }

  // In a low window the page scrolls as a whole, else the conversation alone.
  get scroller() {
    return getComputedStyle(this.node).overflowY === "visible" ? document.scrollingElement : this.node;
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.sticks = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.sticks) this.downButton.hidden = true;
  }

  // An answer is read together with its question, where that is short.
  questionOf(entry) {
    const before = entry.previousElementSibling;
    const isShort = before?.classList.contains("mine") && before.offsetHeight < this.scroller.clientHeight / 4;
    return isShort ? before : entry;
  }

  // The end, but never past the beginning of an answer that has not been read.
  toEnd() {
    const scroller = this.scroller;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const top = this.anchor?.isConnected ? scroller.scrollTop + this.above(this.anchor) : end;
    scroller.scrollTop = Math.min(end, Math.max(0, top));
    this.sticks = true;
  }

  intoView(entry) {
    const { scroller } = this;
    const above = this.above(entry);
    const below = above + entry.offsetHeight + 16 - scroller.clientHeight;
    if (above < 0 || below > above) scroller.scrollTop += above;
    else if (below > 0) scroller.scrollTop += below;
  }

  // How far an entry begins below the upper edge of what is in view, less a little air.
  above(entry) {
    const edge = this.scroller === this.node ? this.node.getBoundingClientRect().top : 0;
    return entry.getBoundingClientRect().top - edge - 8;
  }

  goDown() {
    this.anchor = null;
    this.toEnd();
    this.downButton.hidden = true;
    this.node.focus({ preventScroll: true });
  }
}

// Whether message number `other` is larger than `one`; they are longer than JavaScript's numbers.
function later(one, other) {
  if (!one) return true;
  return other.length === one.length ? other > one : other.length > one.length;
}

// A label without its tick mark, its number and other signs.
export function bare(button) {
  return button.textContent.replace(/^[\s\d.]*[^\p{L}\p{N}]*/u, "").trim();
}
