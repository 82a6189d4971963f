/* A worker: makes small JPEGs of the camera's pictures, away from the page's own work. */

const MOST = { width: 640, height: 480 };
const QUALITY = 0.8;

const canvas = new OffscreenCanvas(MOST.width, MOST.height);
const pen = canvas.getContext("2d", { alpha: false });

addEventListener("message", async ({ data: picture }) => {
  const scale = Math.min(1, MOST.width / picture.width, MOST.height / picture.height);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  pen.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  const bytes = await blob.arrayBuffer();
  postMessage(bytes, [bytes]);
});
