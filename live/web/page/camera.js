// The camera: asked for by a click, mirrored, its middle cut to the network's size. Nothing leaves the page.

const FRESH_SECONDS = 1; // after which a picture counts no more

export class Camera {
  #video = document.createElement("video");
  #stream = null;
  #paper;
  #newest = -Infinity;

  constructor([height, width]) {
    this.#paper = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    this.#video.muted = true;
    this.#video.playsInline = true;
  }

  get open() {
    return this.#stream !== null;
  }

  async start() {
    const { width, height } = this.#paper.canvas;
    const video = { width: { ideal: width }, height: { ideal: height }, facingMode: "user" };
    this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    for (const track of this.#stream.getTracks()) track.onended = () => this.stop();
    this.#video.srcObject = this.#stream;
    const arrived = () => {
      this.#newest = performance.now();
      this.#video.requestVideoFrameCallback?.(arrived);
    };
    this.#video.ontimeupdate = arrived; // where a browser does not tell of each picture
    this.#video.requestVideoFrameCallback?.(arrived);
    await this.#video.play();
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = this.#video.srcObject = null;
    this.#newest = -Infinity;
  }

  /** Return the newest picture as RGBA bytes; null if there is no fresh one. */
  picture() {
    if (performance.now() - this.#newest > 1000 * FRESH_SECONDS) return null;
    const { width, height } = this.#paper.canvas;
    const scale = Math.max(width / this.#video.videoWidth, height / this.#video.videoHeight);
    const [wide, high] = [this.#video.videoWidth * scale, this.#video.videoHeight * scale];
    this.#paper.setTransform(-1, 0, 0, 1, width, 0);
    this.#paper.drawImage(this.#video, (width - wide) / 2, (height - high) / 2, wide, high);
    return this.#paper.getImageData(0, 0, width, height).data;
  }
}
