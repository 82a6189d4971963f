/* Camera and microphone: opening them, choosing among them, and a sentence for each way in which that fails. */

import { message } from "./messages.js";

const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 25, max: 30 }, facingMode: "user" };
const AUDIO = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const SENTENCES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

/** Return the sentence for an error of getUserMedia. */
export function sentenceOf(error, kind) {
  const key = SENTENCES[error.name];
  if (!key) return message("broken", { reason: error.message || error.name });
  return message(kind === "audio" && key !== "in_use" ? `${key}_audio` : key);
}

/** Return why this page cannot record at all, or null. */
export function obstacle() {
  if (!window.isSecureContext) return message("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return message("unsupported");
  return null;
}

/** Open the devices of an interview; `camera` and `microphone` are device ids, or empty for the browser's choice. */
export function openDevices(kind, { camera = "", microphone = "" } = {}) {
  return navigator.mediaDevices.getUserMedia({
    audio: { ...AUDIO, ...(microphone && { deviceId: { exact: microphone } }) },
    ...(kind === "video" && { video: { ...VIDEO, ...(camera && { deviceId: { exact: camera } }) } }),
  });
}

/** Close every device of a stream. */
export function closeDevices(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Fill a <select> with the devices of one kind (`audioinput`, `videoinput`), the one in use chosen. */
export async function listDevices(select, deviceKind, track) {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === deviceKind);
  const name = deviceKind === "videoinput" ? "camera" : "microphone";
  select.replaceChildren(...devices.map((device, i) => new Option(device.label || message(name, { number: i + 1 }), device.deviceId)));
  select.value = track?.getSettings().deviceId ?? "";
}
