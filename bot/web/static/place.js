// The browser's location: asked for only when the person wants to send it.

import { word } from "./words.js";

const PATIENCE_MS = 20000;

// Resolves to {lat, lon}; rejects with the words to show.
export function locate() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(word("no_place"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude }),
      (error) => reject(word(error.code === error.PERMISSION_DENIED ? "denied" : "no_place")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60000 },
    );
  });
}
