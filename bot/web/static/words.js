// The page's words in the language that is spoken, and how dates and sizes are written in it.

let current = { language: "bg", words: {}, places: {} };

export function useWords(document) {
  current = document;
}

export function language() {
  return current.language;
}

export function places() {
  return current.places;
}

export function word(name, values = {}) {
  const text = current.words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (hole, key) => values[key] ?? hole);
}

const locale = () => (current.language === "en" ? "en-GB" : current.language);

export function time(moment) {
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(moment);
  return current.language === "bg" ? `${clock} ч.` : clock;
}

export function exactly(moment) {
  return `${new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(moment)}, ${time(moment)}`;
}

export function dayName(moment) {
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86400000);
  if (days === 0) return word("today");
  if (days === 1) return word("yesterday");
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(moment);
}

export function sameDay(one, other) {
  return midnight(one).getTime() === midnight(other).getTime();
}

function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

export function size(bytes) {
  const [value, unit] = bytes < 1 << 20 ? [bytes / 1024, "KB"] : [bytes / (1 << 20), "MB"];
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(Math.max(value, 0.1))} ${unit}`;
}

// Say everything on the page again, after the language changed.
export function relabel(root = document) {
  document.documentElement.lang = current.language;
  document.title = word("title");
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word, node.dataset);
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label, node.dataset));
    if (node.title) node.title = word(node.dataset.label, node.dataset);
  }
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = word(node.dataset.placeholder);
}
