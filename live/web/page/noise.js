// The noise of the stage, number for number: NumPy's default generator (SeedSequence, PCG64) and its ziggurat of
// float32 normals. So a seed gives the same continuation in a window, in a recording and here.

const LAYERS = 256;
const EDGE = 3.6541528853610088; // where the tail begins
const AREA = 0.00492867323399; // of each layer
const STEPS = 2 ** 23; // of a number within its layer

/** Return the 32 high bits of the product of two unsigned 32-bit numbers. */
function high(a, b) {
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16); // below 2^32
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + (middle >>> 16) + (other >>> 16)) >>> 0;
}

/** SeedSequence: eight 32-bit words of state from a seed below 2^53. */
export function seedWords(seed) {
  const entropy = seed < 2 ** 32 ? [seed >>> 0] : [seed % 2 ** 32 >>> 0, Math.floor(seed / 2 ** 32)];
  let hash = 0x43b0d7e5;
  const hashed = (value) => {
    value ^= hash;
    hash = Math.imul(hash, 0x931e8875);
    value = Math.imul(value, hash);
    return value ^ (value >>> 16);
  };
  const pool = [0, 1, 2, 3].map((place) => hashed(entropy[place] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      const mixed = Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, hashed(pool[from]));
      pool[to] = (mixed | 0) ^ ((mixed | 0) >>> 16);
    }
  }
  hash = 0x8b51f9dd;
  return Array.from({ length: 8 }, (_, place) => {
    let value = pool[place % 4] ^ hash;
    hash = Math.imul(hash, 0x58f38ded);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

/** PCG64: a 128-bit state, and what each step adds, in four 32-bit parts, the lowest first. */
class Pcg64 {
  constructor(seed) {
    const words = seedWords(seed); // state and stream, each as its high and its low 64 bits, low halves first
    const begin = [words[2], words[3], words[0], words[1]];
    const stream = [words[6], words[7], words[4], words[5]];
    // Arrays of fixed types: JavaScript keeps a field of more than 31 bits in memory of its own.
    this.added = Uint32Array.from(stream, (word, place) => (word << 1) | (place ? stream[place - 1] >>> 31 : 1));
    this.state = new Uint32Array(4);
    this.later = new Uint32Array(1); // the high half of the last 64 bits
    this.waiting = false; // whether it is still to come
    this.advance();
    let carry = 0;
    for (let place = 0; place < 4; place++) {
      const sum = this.state[place] + begin[place] + carry;
      this.state[place] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
    this.advance();
  }

  /** state = state · 0x2360ed051fc65da44385df649fccf645 + added, in 128 bits. */
  advance() {
    const m0 = 0x9fccf645, m1 = 0x4385df64, m2 = 0x1fc65da4, m3 = 0x2360ed05;
    const state = this.state, added = this.added;
    const a = state[0], b = state[1], c = state[2], d = state[3];
    // Sums of a few numbers below 2^32 are exact in a double.
    let sum = (Math.imul(a, m0) >>> 0) + added[0];
    state[0] = sum;
    sum = high(a, m0) + (Math.imul(a, m1) >>> 0) + (Math.imul(b, m0) >>> 0) + added[1] + Math.floor(sum / 2 ** 32);
    state[1] = sum;
    sum = high(a, m1) + high(b, m0) + added[2] + Math.floor(sum / 2 ** 32);
    sum += (Math.imul(a, m2) >>> 0) + (Math.imul(b, m1) >>> 0) + (Math.imul(c, m0) >>> 0);
    state[2] = sum;
    const top = high(a, m2) + high(b, m1) + high(c, m0) + added[3] + Math.floor(sum / 2 ** 32);
    state[3] = top + Math.imul(a, m3) + Math.imul(b, m2) + Math.imul(c, m1) + Math.imul(d, m0);
  }

  /** Return the next 32 bits: of each 64, the low half comes first. */
  next() {
    if (this.waiting) {
      this.waiting = false;
      return this.later[0];
    }
    this.advance();
    const state = this.state;
    const low = state[0] ^ state[2], top = state[1] ^ state[3];
    const turned = state[3] & 0x80000000;
    const from = turned ? top : low, other = turned ? low : top;
    const by = (state[3] >>> 26) & 31;
    this.waiting = true;
    this.later[0] = by ? (other >>> by) | (from << (32 - by)) : other;
    return (by ? (from >>> by) | (other << (32 - by)) : from) >>> 0;
  }

  /** Return a number 0…1. */
  uniform() {
    return (this.next() >>> 8) / 2 ** 24;
  }
}

const single = Math.fround;
const density = (x) => Math.exp(-0.5 * x * x);
const LIMIT = new Uint32Array(LAYERS); // steps below which a number lies under the curve for certain
const WIDTH = new Float32Array(LAYERS); // of a step
const HEIGHT = new Float32Array(LAYERS); // of the curve where the layer ends
{
  let edge = EDGE;
  LIMIT[0] = Math.round((EDGE * density(EDGE) / AREA) * STEPS);
  WIDTH[0] = AREA / density(EDGE) / STEPS;
  HEIGHT[0] = 1;
  for (let layer = LAYERS - 1; layer > 0; layer--) {
    const inner = layer === 1 ? 0 : Math.sqrt(-2 * Math.log(AREA / edge + density(edge)));
    LIMIT[layer] = Math.round((inner / edge) * STEPS);
    WIDTH[layer] = edge / STEPS;
    HEIGHT[layer] = density(edge);
    edge = inner;
  }
}

/** Stream of standard normal numbers; the same seed gives the same numbers. */
export class Noise {
  constructor(seed) {
    this.random = new Pcg64(seed);
  }

  /** Fill a Float32Array. */
  fill(numbers) {
    const random = this.random;
    for (let place = 0; place < numbers.length; place++) {
      const bits = random.next();
      const layer = bits & 0xff;
      const steps = bits >>> 9;
      const value = steps * WIDTH[layer];
      const sign = bits & 0x100 ? -1 : 1;
      // At 99 of 100 numbers nothing else is to be done.
      numbers[place] = steps < LIMIT[layer] ? sign * value : this.rest(layer, steps, sign, value);
    }
  }

  /** Return a number that does not lie under the curve for certain. */
  rest(layer, steps, sign, value) {
    const random = this.random;
    if (layer === 0) {
      for (;;) {
        const beyond = single(-single(1 / EDGE) * single(Math.log1p(-random.uniform())));
        const spread = -single(Math.log1p(-random.uniform()));
        if (2 * spread > single(beyond * beyond)) return ((steps >>> 8) & 1 ? -1 : 1) * single(single(EDGE) + beyond);
      }
    }
    const height = (HEIGHT[layer - 1] - HEIGHT[layer]) * random.uniform() + HEIGHT[layer];
    return height < density(value) ? sign * value : this.one();
  }

  /** Return one more number. */
  one() {
    const drawn = new Float32Array(1);
    this.fill(drawn);
    return drawn[0];
  }
}
