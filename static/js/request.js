/* Requests that change something: with the CSRF token, answered by JSON, refused with the server's sentence. */

import { message } from "./messages.js";

export const csrfToken = document.querySelector("meta[name=csrf-token]").content;

/** Send JSON and return the JSON of the answer; throw an Error with the server's sentence where it refuses. */
export function send(method, address, body) {
  return ask(method, address, body ? JSON.stringify(body) : undefined, body ? { "Content-Type": "application/json" } : {});
}

/** Put a file's bytes at an address; throw an Error with the server's sentence where it refuses. */
export function put(address, file) {
  return ask("PUT", address, file, { "Content-Type": file.type || "application/octet-stream" });
}

async function ask(method, address, body, headers) {
  let response;
  try {
    response = await fetch(address, { method, headers: { Accept: "application/json", "X-CSRFToken": csrfToken, ...headers }, body });
  } catch {
    throw new Error(message("offline"));
  }
  const document = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(document.error || `${response.status} ${response.statusText}`);
  return document;
}
