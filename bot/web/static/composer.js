// Where a message is written: the field, what is attached to it, and sending.

import { keep } from "./blobs.js";
import { element } from "./markup.js";
import { locate } from "./place.js";
import { size, word } from "./words.js";

const MOST_FILES = 10;

export class Composer {
  constructor(largest, send) {
    this.largest = largest;
    this.send = send;
    this.staged = []; // {file} or {place}
    this.form = document.getElementById("composer");
    this.text = document.getElementById("text");
    this.chooser = document.getElementById("files");
    this.list = document.getElementById("attached");
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("paste", (event) => this.stage(event.clipboardData?.files ?? []));
    this.chooser.addEventListener("change", () => this.chosen());
    document.getElementById("attach").addEventListener("click", () => this.chooser.click());
    document.getElementById("place").addEventListener("click", () => this.addPlace());
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => this.drop(event));
    // With a keyboard one goes on typing; on a phone the keyboard would cover half of the page unasked.
    this.hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (this.hasKeyboard) this.text.focus();
  }

  typed() {
    this.notice("");
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "auto"; // Browsers that do not let the field grow by itself.
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !this.hasKeyboard) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async submit(event) {
    event.preventDefault();
    const [text, staged] = [this.text.value.trim(), this.staged];
    if (!text && !staged.length) return this.text.focus();
    this.text.value = "";
    this.staged = [];
    this.typed();
    this.draw();
    for (const { place } of staged) if (place) this.send({ t: "place", lat: place.lat, lon: place.lon });
    const files = await Promise.all(staged.filter((one) => one.file).map(({ file }) => stored(file)));
    if (files.length) this.send({ t: "files", files, text });
    else if (text) this.send({ t: "say", text });
    if (this.hasKeyboard || document.activeElement?.id === "send") this.text.focus();
  }

  chosen() {
    this.stage(this.chooser.files);
    this.chooser.value = "";
  }

  drop(event) {
    event.preventDefault();
    this.stage(event.dataTransfer?.files ?? []);
  }

  stage(files) {
    const problems = [];
    for (const file of files) {
      if (file.size > this.largest) problems.push(word("large", { name: file.name, size: this.largest >> 20 }));
      else if (this.staged.length >= MOST_FILES) problems.push(word("many", { count: MOST_FILES }));
      else this.staged.push({ file });
    }
    if (!files.length) return;
    this.notice(problems[0] ?? "");
    this.draw();
    this.text.focus();
  }

  async addPlace() {
    this.notice(word("locating"));
    try {
      const place = await locate();
      this.staged = [...this.staged.filter((one) => !one.place), { place }];
      this.notice("");
      this.draw();
      this.text.focus();
    } catch (words) {
      this.notice(words);
    }
  }

  attach() {
    this.chooser.click();
  }

  draw() {
    this.list.hidden = !this.staged.length;
    this.list.replaceChildren(...this.staged.map((one) => this.chip(one)));
  }

  chip(one) {
    const name = one.file?.name ?? word("here");
    const label = element("span", {}, name, " ", element("small", {}, one.file ? size(one.file.size) : ""));
    const remove = element("button", { type: "button", class: "icon plain small", "aria-label": word("remove", { name }) });
    remove.textContent = "×";
    remove.addEventListener("click", () => {
      this.staged = this.staged.filter((other) => other !== one);
      this.draw();
      this.text.focus();
    });
    return element("li", { class: "chip" }, label, remove);
  }

  notice(words) {
    document.getElementById("notice").textContent = words;
  }
}

// A file's part of a message; the bytes wait in the browser until they are uploaded.
async function stored(file) {
  const blob = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
  await keep(blob, file);
  return { blob, name: file.name || "photo", size: file.size, mime: file.type };
}
