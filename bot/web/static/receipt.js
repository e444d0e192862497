// The check of a receipt in the reader's own browser: RFC 6962 proof, Ed25519 signature, nothing taken on trust.

const bytes = (text) => new TextEncoder().encode(text);
const decoded = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
};
const same = (a, b) => a.length === b.length && a.every((value, place) => value === b[place]);
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

async function opens(receipt, says) {
  const salt = decoded(receipt.opening.salt);
  return salt.length === 16 && same(await sha256(joined(salt, bytes(receipt.opening.content))), decoded(says.commitment));
}

// RFC 9162, 2.1.3.2. Halving by division: positions may pass 2^31.
async function included(position, size, leaf, proof, root) {
  if (!Number.isSafeInteger(position) || position < 0 || position >= size) return false;
  let fn = position;
  let sn = size - 1;
  let found = leaf;
  for (const step of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      found = await node(step, found);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      found = await node(found, step);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(found, root);
}

function checkpoint(note) {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split("\n");
  const signatures = note.slice(end + 2).split("\n").filter(Boolean).map((line) => {
    const [, name, value] = line.split(" ");
    return { name, value: decoded(value) };
  });
  return { text, origin, size: Number(size), root: decoded(root), signatures };
}

function publicKey(vkey) {
  const [name, id] = vkey.split("+");
  const material = decoded(vkey.slice(name.length + id.length + 2));
  return { vkey, name, id: Uint8Array.from(id.match(/../g), (pair) => parseInt(pair, 16)), material };
}

// The journal's own list of keys, as it is served now; a receipt may bring any key along.
async function servedKeys() {
  const answer = await fetch("/log/key", { cache: "no-cache" });
  if (!answer.ok) throw new Error("key");
  return (await answer.text()).split("\n").filter((line) => line && !line.startsWith("#")).map(publicKey);
}

async function signer(head, keys) {
  for (const key of keys) {
    for (const { name, value } of head.signatures) {
      if (name !== key.name || head.origin !== key.name || !same(value.slice(0, 4), key.id)) continue;
      const imported = await crypto.subtle.importKey("raw", key.material.slice(1), { name: "Ed25519" }, false, ["verify"]);
      if (await crypto.subtle.verify({ name: "Ed25519" }, imported, value.slice(4), bytes(head.text))) return key;
    }
  }
  return null;
}

const verdict = document.getElementById("verdict");
const list = document.getElementById("checks");
const says = JSON.parse(verdict.dataset.says);
let isGenuine = true;

function tell(name, isGood, values = {}) {
  const item = document.createElement("li");
  item.className = isGood === null ? "" : isGood ? "good" : "wrong";
  item.textContent = says[name].replace("{key}", values.key ?? "");
  list.append(item);
  if (isGood === false) isGenuine = false;
}

function conclude(name, kind) {
  verdict.textContent = says[name];
  verdict.className = `verdict ${kind}`;
}

function factsAgree(entry) {
  return [...document.querySelectorAll("[data-field]")].every(
    ({ dataset }) => !dataset.field || String(entry[dataset.field]) === dataset.value,
  );
}

async function check(receipt) {
  const entry = JSON.parse(receipt.entry);
  const agree = factsAgree(entry);
  tell(agree ? "facts" : "facts_wrong", agree);
  if (receipt.opening.erased_at) {
    tell("erased", null);
  } else {
    const isOpened = await opens(receipt, entry);
    tell(isOpened ? "contents" : "contents_wrong", isOpened);
  }
  const head = checkpoint(receipt.checkpoint);
  const leaf = await sha256(joined(Uint8Array.of(0), bytes(receipt.entry)));
  const stands = await included(receipt.position, head.size, leaf, receipt.proof.map(decoded), head.root);
  tell(stands ? "inclusion" : "inclusion_wrong", stands);
  try {
    const key = await signer(head, await servedKeys());
    tell(key ? "signature" : "signature_wrong", key !== null, { key: key?.vkey });
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    tell("signature_old", null);
  }
  conclude(isGenuine ? "genuine" : "wrong", isGenuine ? "genuine" : "wrong");
}

async function start() {
  verdict.textContent = says.checking;
  if (!globalThis.crypto?.subtle) return conclude("insecure", "");
  try {
    const answer = await fetch(`${location.pathname}.json`, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const receipt = await answer.json();
    if (!receipt.checkpoint) {
      conclude("waiting", "");
      setTimeout(() => location.reload(), 30_000);
      return undefined;
    }
    return await check(receipt);
  } catch {
    return conclude("failed", "");
  }
}

await start();
