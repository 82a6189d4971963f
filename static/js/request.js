/* Requests that change something: with the CSRF token, answered by JSON, refused with the server's sentence. */

import { message } from "./messages.js";

export const csrfToken = document.querySelector("meta[name=csrf-token]").content;

/** Send JSON and return the JSON of the answer; throw an Error with the server's sentence where it refuses. */
export async function send(method, address, body) {
  let response;
  try {
    response = await fetch(address, {
      method,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken, ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Error(message("offline"));
  }
  const document = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(document.error || `${response.status} ${response.statusText}`);
  return document;
}
