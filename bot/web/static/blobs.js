// Files that wait to be sent outlive the page: they lie in IndexedDB, or in memory where the browser has none.

const memory = new Map();
const shown = new Map(); // key -> the address under which this page can show it
let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("gishe", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function transact(mode, act) {
  const store = (await database()).transaction("files", mode).objectStore("files");
  const request = act(store);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function keep(key, file) {
  memory.set(key, file);
  try {
    await transact("readwrite", (store) => store.put(file, key));
  } catch {
    // A private window: the file is kept as long as the page is open.
  }
}

export async function find(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    const file = await transact("readonly", (store) => store.get(key));
    if (file) memory.set(key, file);
    return file;
  } catch {
    return undefined;
  }
}

// Where the page can show a file that it holds; also after it was sent.
export function preview(key) {
  if (!shown.has(key) && memory.has(key)) shown.set(key, URL.createObjectURL(memory.get(key)));
  return shown.get(key);
}

export async function forget(key) {
  memory.delete(key);
  try {
    await transact("readwrite", (store) => store.delete(key));
  } catch {
    // It was in memory only.
  }
}
