// The network, in a thread of its own: the page stays smooth while a step is computed.

import { Noise } from "./noise.js";

const TYPES = { float32: Float32Array, float16: Uint16Array, uint8: Uint8Array };

let ort, film, session, noise, context, notes, pictures;

const tensor = (name, data) => new ort.Tensor(film.inputs[name].type, data, film.inputs[name].shape);
const size = (name) => film.inputs[name].shape.reduce((all, side) => all * side, 1);

/** Return "webgpu" where the browser has a GPU for it and lets WASM wait for promises, else "wasm". */
async function chosenProvider(wanted) {
  if (wanted) return wanted;
  if (!("Suspending" in WebAssembly)) return "wasm";
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  return adapter && !adapter.info?.isFallbackAdapter ? "webgpu" : "wasm";
}

async function open({ facts, provider: wanted, precision: wantedPrecision, threads }) {
  film = facts;
  const provider = await chosenProvider(wanted);
  try {
    return await openOn(provider, wantedPrecision, threads);
  } catch (error) {
    // What a GPU cannot compute, the processor can.
    if (provider === "wasm" || wanted) throw error;
    return openOn("wasm", wantedPrecision, threads);
  }
}

async function openOn(provider, wantedPrecision, threads) {
  ort = await import(`./runtime/ort.${provider === "webgpu" ? "jspi" : "wasm"}.min.mjs`);
  ort.env.logLevel = "error";
  ort.env.wasm.wasmPaths = new URL("./runtime/", import.meta.url).href;
  // Threads share memory, which browsers allow to pages with two headers alone.
  ort.env.wasm.numThreads = self.crossOriginIsolated ? threads || Math.min(8, navigator.hardwareConcurrency || 1) : 1;
  const precision = wantedPrecision ?? (provider === "wasm" && film.networks.int8 ? "int8" : film.networks.w8 ? "w8" : "fp32");
  session = await ort.InferenceSession.create(await unpacked(film.networks[precision]), {
    executionProviders: [provider],
    // The context stays on the GPU.
    preferredOutputLocation: provider === "webgpu" && film.inputs.context ? { next_context: "gpu-buffer" } : undefined,
    // Weights in 8 bits become floats once, and not in each step.
    extra: precision === "w8" ? { session: { disable_quant_qdq: "1" } } : undefined,
  });
  return { provider, precision, threads: ort.env.wasm.numThreads };
}

/** Fetch a network and return its bytes as ONNX Runtime reads them. */
async function unpacked({ file, tables }) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} cannot be fetched (${response.status})`);
  let bytes = new Uint8Array(await response.arrayBuffer());
  // Some hosts say that it is gzipped, and then the browser has unpacked it already.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  }
  for (const { at, rows, columns } of tables) {
    const changes = bytes.slice(at, at + rows * columns);
    for (let column = 0, from = 0; column < columns; column++) {
      for (let row = 0, sum = 0; row < rows; row++) bytes[at + row * columns + column] = sum += changes[from++];
    }
  }
  return bytes;
}

/** Begin a continuation of film frames, each RGBA bytes, oldest first; with `seed`, a new stream of noise. */
function reset({ frames, seed }) {
  if (seed !== undefined) noise = new Noise(seed);
  if (!film.inputs.context) return;
  const [height, width] = film.size, area = height * width;
  const planes = new Float32Array(frames.length * 3 * area);
  frames.forEach((pixels, number) => {
    for (let channel = 0; channel < 3; channel++) {
      const from = (number * 3 + channel) * area;
      for (let place = 0; place < area; place++) planes[from + place] = Math.fround(pixels[4 * place + channel] / 127.5) - 1;
    }
  });
  context?.dispose();
  context = tensor("context", planes);
  notes = Object.fromEntries(
    film.notes.map((name) => [name, tensor(name, new TYPES[film.inputs[name].type](size(name)))]),
  );
}

/** Compute a step and return its frame as RGBA bytes. */
async function step({ temperature, camera, mix }) {
  const feeds = { ...notes };
  if (context) feeds.context = context;
  if (film.inputs.noise) {
    const numbers = new Float32Array(size("noise"));
    noise.fill(numbers);
    feeds.noise = tensor("noise", numbers);
  }
  if (film.inputs.temperature) feeds.temperature = tensor("temperature", Float32Array.of(temperature));
  if (film.inputs.camera) {
    pictures ??= new Uint8Array(size("camera"));
    if (camera) for (let from = 0, to = 0; to < pictures.length; from += 4) {
      pictures[to++] = camera[from];
      pictures[to++] = camera[from + 1];
      pictures[to++] = camera[from + 2];
    }
    feeds.camera = tensor("camera", pictures);
  }
  if (film.inputs.camera_mix) feeds.camera_mix = tensor("camera_mix", Float32Array.of(mix));
  const results = await session.run(feeds);
  if (results.next_context) {
    context.dispose();
    context = results.next_context;
  }
  for (const name of film.notes) notes[name] = results[`next_${name}`];
  const frame = results.frame.data, pixels = new Uint8ClampedArray((frame.length / 3) * 4);
  for (let from = 0, to = 0; from < frame.length; to++) {
    pixels[to++] = frame[from++];
    pixels[to++] = frame[from++];
    pixels[to++] = frame[from++];
    pixels[to] = 255;
  }
  return pixels;
}

const verbs = { open, reset, step };

self.onmessage = async ({ data: { number, verb, given } }) => {
  try {
    const result = await verbs[verb](given);
    self.postMessage({ number, result }, result?.buffer ? [result.buffer] : []);
  } catch (error) {
    self.postMessage({ number, error: error?.message ?? String(error) });
  }
};
