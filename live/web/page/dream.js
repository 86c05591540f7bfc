// The continuation, as the page sees it: it is opened once, reset to film frames, and makes a frame in each step.

/** Network in a thread of its own. Its methods return promises; they are carried out in their order. */
export class Dream {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #waiting = new Map();
  #number = 0;

  constructor() {
    this.#worker.onmessage = ({ data: { number, result, error } }) => {
      const { resolve, reject } = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message ?? "the worker cannot be loaded"));
      this.#waiting.clear();
    };
  }

  #ask(verb, given, transfer = []) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#number, { resolve, reject });
      this.#worker.postMessage({ number: this.#number, verb, given }, transfer);
    });
  }

  /**
   * Load the network.
   *
   * `facts` are those of film.json. `provider` ("webgpu", "wasm"), `precision` ("int8", "w8", "fp32") and `threads` are
   * chosen where they are undefined. Returns those that were chosen.
   */
  open({ facts, provider, precision, threads }) {
    return this.#ask("open", { facts, provider, precision, threads });
  }

  /** Continue `frames`, RGBA bytes each, oldest first. With a `seed`, the noise begins anew, else it runs on. */
  reset(frames, seed) {
    return this.#ask("reset", { frames, seed });
  }

  /** Return the next frame as RGBA bytes. `camera` is RGBA bytes of the network's size, or null. */
  step({ temperature, camera = null, mix = 0 }) {
    return this.#ask("step", { temperature, camera, mix }, camera ? [camera.buffer] : []);
  }
}

/** Return the last film frames, RGBA bytes each, oldest first: the files hold them to the bit. */
export function lastFrames(facts) {
  return Promise.all(
    facts.last.map(async (name) => {
      const response = await fetch(name);
      // Neither colours nor transparency are to be touched.
      const plain = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
      const picture = await createImageBitmap(await response.blob(), plain);
      const [height, width] = facts.size;
      const paper = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      paper.drawImage(picture, 0, 0);
      return paper.getImageData(0, 0, width, height).data;
    }),
  );
}
