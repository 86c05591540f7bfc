// Order and pace of the frames: the film's tail, then the continuation at the film's rate.

import { lastFrames } from "./dream.js";

const LATEST = 0.25; // seconds behind which the clock does not try to catch up

export class Player {
  #facts;
  #dream;
  #camera;
  #video;
  #canvas;
  #paper;
  #tail; // promise that the film's tail is there
  #seed = null; // of the next reset; undefined: the noise runs on
  #resets = true;
  #due = 0;
  #coming = null; // the step that is computed
  #ready = null; // the frame that waits for its time

  temperature = 1;
  mix = 1;
  paused = false;
  inTail = false;
  frames = 0; // of the continuation, since the page was opened
  onerror = () => {};

  constructor({ facts, dream, camera, video, canvas }) {
    this.#facts = facts;
    this.#dream = dream;
    this.#camera = camera;
    this.#video = video;
    this.#canvas = canvas;
    [canvas.height, canvas.width] = facts.size;
    this.#paper = canvas.getContext("2d", { alpha: false });
    if (facts.tail) video.poster = facts.poster;
    this.#tail = facts.tail ? this.#loadTail() : null;
    video.onended = () => this.#endTail();
    video.onerror = () => this.#endTail();
  }

  /** Play the film's tail, and continue from its end with the noise of this seed. */
  playTail(seed) {
    this.continueFromEnd(seed);
    if (!this.#facts.tail) return;
    this.inTail = true;
    this.#canvas.hidden = true;
    this.#tail.then(() => (this.#video.currentTime = 0));
    this.#playVideo();
  }

  async #loadTail() {
    // As a whole: not every host gives parts, which going back to the beginning would need.
    const response = await fetch(this.#facts.tail);
    this.#video.src = URL.createObjectURL(await response.blob());
  }

  async #playVideo() {
    try {
      await this.#tail;
      if (this.inTail && !this.paused) await this.#video.play();
    } catch (error) {
      // Where a browser lets nothing play by itself, the continuation begins at once; a pause is no error.
      if (error.name !== "AbortError") this.#endTail();
    }
  }

  /** Let the next frame continue the last film frame, with the noise of this seed. */
  continueFromEnd(seed) {
    this.#seed = seed;
    this.#resets = true;
    this.#ready = null;
    this.#endTail();
  }

  pause(wanted) {
    this.paused = wanted;
    if (this.inTail) {
      if (wanted) this.#video.pause();
      else this.#playVideo();
    }
  }

  #endTail() {
    this.#video.pause();
    this.inTail = false;
    this.#due = 0;
  }

  /** Begin: frames are shown from now on. The network may still be loading; until then the film's last frame stands. */
  start() {
    const tick = (now) => {
      this.#play(now / 1000);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  #play(now) {
    // Computed ahead by one frame, also while the film is played.
    if (!this.#coming && !this.#ready && !this.paused) this.#compute();
    if (this.inTail || this.paused || !this.#ready || now < this.#due) return;
    this.#paper.putImageData(this.#ready, 0, 0);
    this.#canvas.hidden = false;
    this.#ready = null;
    this.frames++;
    const late = now - this.#due;
    this.#due = (late < LATEST ? this.#due : now) + 1 / this.#facts.rate;
    this.#compute();
  }

  async #compute() {
    const task = (this.#coming = this.#next());
    try {
      const pixels = await task;
      // A reset that was asked for meanwhile makes this frame one of the past.
      if (pixels && !this.#resets) this.#ready = new ImageData(pixels, this.#canvas.width, this.#canvas.height);
      this.#coming = null;
    } catch (error) {
      this.onerror(error); // and nothing is computed any more
    }
  }

  async #next() {
    if (this.#resets) {
      this.#resets = false;
      this.last ??= await lastFrames(this.#facts);
      await this.#dream.reset(this.last, this.#seed);
    }
    const camera = this.#camera.picture();
    return this.#dream.step({ temperature: this.temperature, camera, mix: camera ? this.mix : 0 });
  }
}
