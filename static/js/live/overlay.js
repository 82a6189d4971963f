/* What the models see, drawn on the mirrored picture: the face's box in its label's colour, and the 68 landmarks. */

const LINE = 2.5; // CSS pixels
const POINT = 1.6;
const CORNER = 12;
const DASHES = [7, 5];

/** Return how a picture of `width` × `height` lies in the element that it fills (object-fit: cover). */
export function placeOf(element, width, height) {
  const scale = Math.max(element.clientWidth / width, element.clientHeight / height);
  return { scale, left: (element.clientWidth - width * scale) / 2, top: (element.clientHeight - height * scale) / 2 };
}

/** Return the box of `seen` in CSS pixels of the element, mirrored. */
export function boxOn(element, seen) {
  const { scale, left, top } = placeOf(element, seen.width, seen.height);
  const [x, y, width, height] = seen.box;
  return [element.clientWidth - (left + (x + width) * scale), top + y * scale, width * scale, height * scale];
}

export function clear(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

/** Draw `seen`; `show` says whether box and landmarks are wanted. */
export function draw(canvas, seen, show) {
  const density = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(canvas.clientWidth * density), Math.round(canvas.clientHeight * density)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const pen = canvas.getContext("2d");
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  if (!seen.box) return;
  const named = seen.label && seen.label !== "unclear";
  if (show.box) {
    pen.beginPath();
    pen.roundRect(...boxOn(canvas, seen), CORNER);
    pen.setLineDash(named ? [] : DASHES);
    pen.lineWidth = LINE + 2;
    pen.strokeStyle = "rgb(0 0 0 / 0.45)";
    pen.stroke();
    pen.lineWidth = LINE;
    pen.strokeStyle = named ? getComputedStyle(canvas).getPropertyValue(`--${seen.label}`) : "#ffffff";
    pen.stroke();
    pen.setLineDash([]);
  }
  if (show.points && seen.points) {
    const { scale, left, top } = placeOf(canvas, seen.width, seen.height);
    pen.fillStyle = "#ffffff";
    pen.strokeStyle = "rgb(0 0 0 / 0.5)";
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 0; i < seen.points.length; i += 2) {
      const [x, y] = [canvas.clientWidth - (left + seen.points[i] * scale), top + seen.points[i + 1] * scale];
      pen.moveTo(x + POINT, y);
      pen.arc(x, y, POINT, 0, 2 * Math.PI);
    }
    pen.stroke();
    pen.fill();
  }
}
