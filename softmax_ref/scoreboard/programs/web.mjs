// A JavaScript library for softmax-ref to judge: node web.mjs FOLDER LIBRARY CALLS, where FOLDER has node_modules, and
// CALLS is a file of JSON: for each function its call and the names of its arrays, or its models by format and axis.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [folder, library, file] = process.argv.slice(2);
const calls = JSON.parse(readFileSync(file, "utf8"));
const require = createRequire(join(folder, "here.js"));
const FORMATS = { binary64: ["Double", 8], binary32: ["Float", 4], binary16: ["UInt16", 2] };

// Bits are read and written with the most significant byte first, on every processor.
const numbers = (bits, [name, bytes]) =>
  bits.map((hex) => Buffer.from(hex.slice(2).padStart(2 * bytes, "0"), "hex")[`read${name}BE`]());

function patterns(values, [name, bytes]) {
  const buffer = Buffer.alloc(bytes);
  return Array.from(values, (x) => (buffer[`write${name}BE`](x), "0x" + buffer.toString("hex")));
}

function tensorflow() {
  const warned = console.warn;
  console.warn = () => {};
  const tf = require("@tensorflow/tfjs");
  console.warn = warned;
  const compiled = Object.fromEntries(
    Object.entries(calls).map(([name, { call, arrays }]) => [
      name,
      new Function("tf", "axis", "label_smoothing", ...arrays, `return ${call}`),
    ]),
  );
  const tensor = (x, form) =>
    x.labels
      ? tf.tensor(x.labels, x.shape, "int32")
      : tf.tensor(Float32Array.from(numbers(x.bits, form)), x.shape, "float32");
  const run = ({ function: name, axis, parameters, inputs }, form) => {
    const [smoothing] = numbers([parameters.label_smoothing ?? "0x0"], form);
    const given = Object.values(inputs).map((x) => tensor(x, form));
    return tf.tidy(() => compiled[name](tf, axis, smoothing, ...given).dataSync());
  };
  return { run, formats: ["binary32"], axes: (name) => calls[name].call.includes("axis") };
}

class NotOffered extends Error {}

function refused(error) {
  throw new NotOffered(String(error).split("\n")[0]);
}

function onnx() {
  const ort = require("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const TYPES = {
    binary64: ["float64", Float64Array],
    binary32: ["float32", Float32Array],
    binary16: ["float16", Uint16Array],
  };
  const sessions = {};
  const run = async ({ function: name, format, axis, inputs }, form) => {
    const [type, Array_] = TYPES[format];
    const model = calls[name][`${format} ${axis ?? -1}`];
    const key = `${name} ${format} ${axis}`;
    sessions[key] ??= await ort.InferenceSession.create(Buffer.from(model, "base64")).catch(refused);
    const [x] = Object.values(inputs);
    const tensor = new ort.Tensor(type, Array_.from(numbers(x.bits, form)), x.shape);
    const found = await sessions[key].run({ [sessions[key].inputNames[0]]: tensor });
    return found.y.data;
  };
  return { run, formats: Object.keys(TYPES), axes: () => true };
}

const judged = { tfjs: tensorflow, "onnxruntime-web": onnx }[library]();

async function answer(request) {
  const { op, seq, function: name, format, axis, inputs } = request;
  if (op === "start") return { name: library, functions: Object.keys(calls), formats: judged.formats };
  const rank = Object.values(inputs)[0].shape.length;
  if (axis !== undefined && axis !== -1 && axis !== rank - 1 && !judged.axes(name))
    return { seq, skipped: "only along the last axis" };
  try {
    return { seq, y: patterns(await judged.run(request, FORMATS[format]), FORMATS[format]) };
  } catch (error) {
    return { seq, [error instanceof NotOffered ? "skipped" : "errored"]: String(error.message).split("\n")[0] };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.op === "stop") break;
  process.stdout.write(JSON.stringify(await answer(request)) + "\n");
}
process.exit(0);
