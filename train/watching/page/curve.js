// A card with a curve: its newest value, its bar as a shaded range, and the value under the pointer.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 200, HEIGHT = 64;
const MOST = 300; // points that are drawn

function make(name, kind, parent, space) {
  const made = space ? document.createElementNS(space, name) : document.createElement(name);
  if (kind) made.setAttribute("class", kind);
  parent.append(made);
  return made;
}

export function shortened(value) {
  const size = Math.abs(value);
  if (!size) return "0";
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export class Curve {
  constructor(parent, label) {
    this.points = []; // [step, value], by step
    this.card = make("div", "curve", parent);
    const head = make("p", "ends", this.card);
    make("span", "label", head).textContent = label;
    this.value = make("span", "value", head);
    this.svg = make("svg", "", this.card, SVG);
    this.svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", label);
    this.range = make("rect", "", this.svg, SVG);
    this.line = make("path", "", this.svg, SVG);
    this.dot = make("path", "dot", this.svg, SVG);
    this.foot = make("p", "ends quiet", this.card);
    this.bar = make("span", "", this.foot);
    this.step = make("span", "", this.foot);
    this.svg.onpointermove = (event) => this.pointAt(event);
    this.svg.onpointerleave = () => this.read(this.points.length - 1);
  }

  /** Show a bar: its text, low and high (null without a limit), and whether it is met. */
  setBar(check) {
    this.check = check;
    this.bar.textContent = check.bar;
    this.card.classList.toggle("met", check.met);
  }

  add(step, value) {
    this.points.push([step, value]);
  }

  draw() {
    const { points, check } = this;
    if (!points.length) return;
    const shown = points.filter((_, i) => i === points.length - 1 || i % Math.ceil(points.length / MOST) === 0);
    const values = shown.map(([, value]) => value);
    const limits = [check?.low, check?.high].filter((limit) => limit != null);
    let low = Math.min(...values, ...limits), high = Math.max(...values, ...limits);
    const room = 0.12 * (high - low) || 0.1 * Math.abs(high) || 1;
    low -= room;
    high += room;
    const first = shown[0][0], steps = points.at(-1)[0] - first;
    this.x = (step) => (steps ? (WIDTH * (step - first)) / steps : WIDTH);
    this.y = (value) => HEIGHT * (1 - (value - low) / (high - low));
    this.line.setAttribute("d", "M" + shown.map(([step, value]) => `${this.x(step)} ${this.y(value)}`).join("L"));
    if (limits.length) {
      const top = check.high == null ? 0 : this.y(check.high);
      const bottom = check.low == null ? HEIGHT : this.y(check.low);
      for (const [name, size] of Object.entries({ x: 0, y: top, width: WIDTH, height: bottom - top })) {
        this.range.setAttribute(name, size);
      }
    }
    this.read(points.length - 1);
  }

  pointAt(event) {
    if (!this.points.length) return;
    const box = this.svg.getBoundingClientRect();
    const wanted = (WIDTH * (event.clientX - box.left)) / box.width;
    const far = ([step]) => Math.abs(this.x(step) - wanted);
    this.read(this.points.reduce((best, point, i) => (far(point) < far(this.points[best]) ? i : best), 0));
  }

  read(index) {
    if (index < 0) return;
    const [step, value] = this.points[index];
    this.value.textContent = shortened(value);
    this.step.textContent = `step ${step}`;
    this.dot.setAttribute("d", `M${this.x(step)} ${this.y(value)}h0.001`);
  }
}
