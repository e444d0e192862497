// Our light markup as elements. Text only ever becomes text: there is no way from a message to HTML.

const TAGS = { b: "strong", i: "em", code: "code" };
const SCHEMES = ["http:", "https:", "mailto:", "tel:"];

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// An address that may be opened, or null: a message can carry no script.
export function safe(address) {
  try {
    const url = new URL(address, location.href);
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function render(tree) {
  const fragment = document.createDocumentFragment();
  for (const part of Array.isArray(tree) ? tree : [tree]) fragment.append(one(part));
  return fragment;
}

function one(part) {
  if (typeof part === "string") return document.createTextNode(part);
  if ("a" in part) {
    const address = safe(part.url);
    if (!address) return document.createTextNode(plain(part.a));
    return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, render(part.a));
  }
  const [name, inner] = Object.entries(part)[0];
  return element(TAGS[name] ?? "span", {}, render(inner));
}

export function plain(tree) {
  if (typeof tree === "string") return tree;
  if (Array.isArray(tree)) return tree.map(plain).join("");
  return plain(Object.entries(tree).find(([name]) => name !== "url")[1]);
}
