/* The recording on its way: pieces go to the server while it runs (tus 1.0, length deferred), and wait while the connection is lost. */

import { csrfToken } from "./request.js";

const tus = window.tus;
const PIECE_BYTES = { audio: 8_000, video: 128_000 }; // about one second
const RETRY_MS = [0, 500, 1000, 2000, ...Array(300).fill(3000)];

/** Hand pieces to tus-js-client in the form of a stream's reader. */
class PieceReader {
  pieces = [];
  ended = false;

  push(piece) {
    this.pieces.push(piece);
    this.wake?.();
  }

  end() {
    this.ended = true;
    this.wake?.();
  }

  async read() {
    while (!this.pieces.length && !this.ended) await new Promise((resolve) => (this.wake = resolve));
    return this.pieces.length ? { done: false, value: this.pieces.shift() } : { done: true, value: undefined };
  }
}

export class RecordingUpload {
  /**
   * Begin an upload. `onProgress({sent, total, waiting})` follows it; `done` resolves with the recording's address when
   * all of it has arrived, and rejects with the server's sentence.
   */
  constructor(kind, address, metadata, onProgress) {
    this.reader = new PieceReader();
    this.state = { sent: 0, total: 0, waiting: false };
    this.onProgress = onProgress;
    this.done = new Promise((resolve, reject) => {
      this.upload = new tus.Upload(this.reader, {
        endpoint: address,
        chunkSize: PIECE_BYTES[kind],
        uploadLengthDeferred: true,
        storeFingerprintForResuming: false,
        retryDelays: RETRY_MS,
        headers: { "X-CSRFToken": csrfToken, Accept: "application/json" },
        metadata,
        onShouldRetry: (error) => {
          const status = error.originalResponse?.getStatus() ?? 0;
          const again = status === 0 || status >= 500 || status === 409 || status === 423 || status === 429;
          if (again) this.report({ waiting: true });
          return again;
        },
        onChunkComplete: (_, sent) => this.report({ sent, waiting: false }),
        onSuccess: () => resolve(this.upload.url),
        onError: (error) => reject(new Error(sentenceIn(error.originalResponse) || error.message)),
      });
    });
    this.failed = false;
    this.done.catch(() => (this.failed = true));
    this.upload.start();
  }

  report(change) {
    Object.assign(this.state, change);
    this.onProgress(this.state);
  }

  push(piece) {
    this.reader.push(piece);
    this.report({ total: this.state.total + piece.size });
  }

  end() {
    this.reader.end();
  }

  /** Stop, and delete at the server what has arrived. */
  async discard() {
    this.onProgress = () => {};
    await this.upload.abort(Boolean(this.upload.url)).catch((error) => console.warn(error));
  }
}

/** Take pieces and send nothing: the preview of a question. */
export class NoUpload {
  failed = false;

  push() {}

  end() {}

  async discard() {}
}

function sentenceIn(response) {
  try {
    return JSON.parse(response.getBody()).error;
  } catch {
    return null;
  }
}
