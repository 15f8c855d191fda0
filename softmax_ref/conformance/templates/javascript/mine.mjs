// A softmax in JavaScript for softmax-ref to judge: a request a line on standard input, an answer a line on its output.
// check: softmax-ref check --command "node mine.mjs"
import { createInterface } from "node:readline";

// Your softmax here: an array of logits to an array of probabilities. Numbers are binary64; a result is rounded to the
// request's format when it is sent.
function softmax(z) {
  const m = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const e = z.map((x) => Math.exp(x - m));
  const s = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / s);
}

// The rest is the protocol. Bits are read and written with the most significant byte first, on every processor.
const FORMATS = { binary32: ["Float", 4], binary64: ["Double", 8] };

function numbers(bits, [name, bytes]) {
  return bits.map((hex) => Buffer.from(hex.replace(/^0x/i, "").padStart(2 * bytes, "0"), "hex")[`read${name}BE`]());
}

function patterns(values, [name, bytes]) {
  const buffer = Buffer.alloc(bytes);
  return values.map((x) => (buffer[`write${name}BE`](x), "0x" + buffer.toString("hex")));
}

// Rows of n entries, `step` apart, along the axis of an array in row-major order.
function along(z, shape, axis) {
  const at = axis < 0 ? axis + shape.length : axis;
  const n = shape.length ? shape[at] : 1;
  const step = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const y = new Array(z.length);
  for (let start = 0; start < z.length; start++) {
    if (Math.floor(start / step) % n !== 0) continue;
    const places = Array.from({ length: n }, (_, i) => start + i * step);
    softmax(places.map((k) => z[k])).forEach((p, i) => (y[places[i]] = p));
  }
  return y;
}

function answer({ op, seq, function: name, format, axis, inputs }) {
  if (op === "start") return { name: "mine.mjs", functions: ["softmax"], formats: Object.keys(FORMATS) };
  if (name !== "softmax" || !(format in FORMATS)) return { seq, skipped: "not offered" };
  try {
    const y = along(numbers(inputs.z.bits, FORMATS[format]), inputs.z.shape, axis);
    return { seq, y: patterns(y, FORMATS[format]) };
  } catch (error) {
    return { seq, errored: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.op === "stop") break;
  process.stdout.write(JSON.stringify(answer(request)) + "\n");
}
process.stdin.destroy();
