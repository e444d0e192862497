// One script tag puts the chat on a municipality's own site:
// <script src="https://…/widget.js" data-municipality="montana" data-language="bg" async></script>
(() => {
  const tag = document.currentScript;
  if (!tag) return;
  const origin = new URL(tag.src).origin;
  const given = (tag.dataset.language || document.documentElement.lang || "bg").slice(0, 2);
  const language = given === "en" ? "en" : "bg";
  const words = {
    bg: { open: "Въпрос към общината", close: "Затваряне на чата", title: "Гише – чат с общината" },
    en: { open: "Ask the municipality", close: "Close the chat", title: "Gishe – chat with the municipality" },
  }[language];
  const slug = /^[a-z-]{1,32}$/.test(tag.dataset.municipality || "") ? `/${tag.dataset.municipality}` : "";
  const address = `${origin}/chat${slug}?embed=1${tag.dataset.language ? `&language=${language}` : ""}`;

  // A shadow root and a constructed sheet: the host's styles do not reach us, and its policy need not allow inline ones.
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; }
    button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; display: inline-flex; align-items: center;
      gap: 10px; min-height: 52px; max-width: calc(100vw - 40px); padding: 10px 22px; border: 2px solid #fff;
      border-radius: 28px; background: #0b5f57; color: #fff; font: 600 16px/1.3 system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
    button:focus-visible { outline: 3px solid #0b5f57; outline-offset: 3px; }
    svg { width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linejoin: round; }
    div { position: fixed; right: 20px; bottom: 20px; z-index: 2147483001; width: min(410px, calc(100vw - 24px));
      height: min(680px, calc(100dvh - 40px)); overflow: hidden; border-radius: 16px; background: #fff;
      box-shadow: 0 8px 40px rgb(0 0 0 / 30%); }
    div[hidden], button[hidden] { display: none; }
    iframe { width: 100%; height: 100%; border: 0; }
    div button { position: absolute; top: 8px; right: 8px; bottom: auto; min-height: 44px; padding: 6px 16px; box-shadow: none; }
    @media (max-width: 480px) { div { inset: 0; width: 100%; height: 100dvh; border-radius: 0; } }
  `);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-haspopup", "dialog");
  button.append(drawing(), document.createTextNode(words.open));
  const panel = document.createElement("div");
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", words.title);
  // In case the chat cannot be loaded; once it is there it has a button of its own.
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = words.close;
  close.addEventListener("click", () => show(false));
  panel.append(close);
  root.append(button, panel);

  let frame = null;
  const show = (isOpen) => {
    panel.hidden = !isOpen;
    button.hidden = isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return button.focus();
    if (!frame) {
      // Only now: a visitor who does not ask loads nothing but this script.
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.allow = "geolocation; clipboard-write";
      frame.src = address;
      panel.append(frame);
    }
    frame.focus();
  };
  button.addEventListener("click", () => show(true));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    if (event.data === "gishe:ready") close.hidden = true;
    if (event.data === "gishe:close") show(false);
  });

  function drawing() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z");
    svg.append(path);
    return svg;
  }

  const attach = () => document.body.append(host);
  if (document.body) attach();
  else addEventListener("DOMContentLoaded", attach, { once: true });
})();
