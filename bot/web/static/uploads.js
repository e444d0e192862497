// Sends one file's bytes; what the server refuses for good is told apart from what may succeed later.

import { find } from "./blobs.js";

let address = "/chat/files";

export class Refusal extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

export function uploadTo(url) {
  address = url;
}

const PERMANENT = { 400: "kind", 401: "refused", 403: "refused", 413: "large", 415: "kind", 507: "full" };

export async function upload(file, progress) {
  const blob = await find(file.blob);
  if (!blob) throw new Refusal("missing");
  return new Promise((resolve, reject) => {
    // Not fetch: only this one tells how far it is.
    const request = new XMLHttpRequest();
    const separator = address.includes("?") ? "&" : "?";
    request.open("POST", `${address}${separator}name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 200) resolve(request.response);
      else if (request.status in PERMANENT) reject(new Refusal(PERMANENT[request.status]));
      else reject(Object.assign(new Error(), { seconds: Number(request.getResponseHeader("Retry-After")) || 3 }));
    };
    request.onerror = () => reject(new Error("network"));
    request.send(blob);
  });
}
