// The page: its address, its controls, and the show.

import { Camera } from "./camera.js";
import { Dream } from "./dream.js";
import { Player } from "./player.js";

const IDLE_SECONDS = 4; // after which the controls hide
const MESSAGE_SECONDS = 4;
const RELOAD_SECONDS = 20; // after which a kiosk tries again

const address = new URLSearchParams(location.search);
const kiosk = address.has("kiosk");
const clean = address.has("clean");
const element = Object.fromEntries([...document.querySelectorAll("[id]")].map((each) => [each.id, each]));

function number(name, otherwise, least, most) {
  const given = address.get(name);
  const value = given === null || given.trim() === "" ? NaN : Number(given);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}

const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0];

let quiet;
function say(text, stays = false) {
  if (clean) return;
  element.message.textContent = text;
  element.message.hidden = false;
  clearTimeout(quiet);
  if (!stays) quiet = setTimeout(() => (element.message.hidden = true), 1000 * MESSAGE_SECONDS);
}

function fail(text) {
  say(text, true);
  console.error(text);
  if (kiosk || clean) setTimeout(() => location.reload(), 1000 * RELOAD_SECONDS);
}

/** Note in the address what makes the show repeatable. */
function remember(name, value) {
  const url = new URL(location);
  url.searchParams.set(name, value);
  history.replaceState(null, "", url);
}

async function begin() {
  const response = await fetch("film.json");
  const facts = await response.json();
  element.title.textContent = facts.title;
  const camera = new Camera(facts.size);
  const dream = new Dream();
  const player = new Player({ facts, dream, camera, video: element.tail, canvas: element.picture });
  player.temperature = number("temperature", 1, 0, 2);
  player.mix = number("mix", 1, 0, 1);
  connect(facts, player, camera);

  let seed = Math.floor(number("seed", newSeed(), 0, 2 ** 53 - 1));
  const show = (action) => (wanted) => {
    seed = wanted ?? newSeed();
    remember("seed", seed);
    action.call(player, seed);
  };
  actions.reseed = show(player.continueFromEnd);
  actions.film = show(player.playTail);
  player.onerror = (error) => fail(`the network failed: ${error.message}`);
  actions.film(seed);
  document.title = facts.title;
  try {
    const chosen = await dream.open({
      facts,
      provider: address.get("provider") ?? undefined,
      precision: address.get("precision") ?? undefined,
      threads: number("threads", 0, 0, 64),
    });
    const where = chosen.provider === "webgpu" ? "WebGPU" : `WASM, ${chosen.threads} thread${chosen.threads > 1 ? "s" : ""}`;
    watchPace(player, facts, `${where}, ${chosen.precision}`);
    document.documentElement.dataset.provider = chosen.provider;
  } catch (error) {
    const missing = /fetch|import|load/i.test(error.message) ? " (are the runtime's files in runtime/ ?)" : "";
    return fail(`the network cannot be opened: ${error.message}${missing}`);
  }
  player.start();
}

const actions = {};

function connect(facts, player, camera) {
  const slider = (name, property, low, high) => {
    const show = () => {
      element[name].value = player[property];
      element[`${name}-value`].textContent = player[property].toFixed(1);
    };
    element[name].oninput = () => {
      player[property] = Number(element[name].value);
      remember(name, player[property]);
      show();
    };
    show();
    return (by) => {
      player[property] = Math.min(high, Math.max(low, Math.round(10 * (player[property] + by)) / 10));
      remember(name, player[property]);
      show();
    };
  };
  actions.temperature = slider("temperature", "temperature", 0, 2);
  actions.mix = slider("mix", "mix", 0, 1);
  element["temperature-row"].hidden = !facts.inputs.temperature;
  element.reseed.hidden = !facts.inputs.context;
  element.film.hidden = !facts.tail;
  element.camera.hidden = !facts.inputs.camera;
  element.fullscreen.hidden = !document.fullscreenEnabled; // not on every telephone
  element.facts.textContent = "the network is being loaded";

  actions.pause = () => {
    player.pause(!player.paused);
    element.pause.setAttribute("aria-pressed", player.paused);
  };
  actions.camera = async () => {
    if (!facts.inputs.camera) return;
    if (camera.open) camera.stop();
    else {
      try {
        await camera.start();
        say("the camera plays; nothing leaves this page");
      } catch (error) {
        say(`no camera: ${error.message}`);
      }
    }
    element.camera.setAttribute("aria-pressed", camera.open);
    element["mix-row"].hidden = !camera.open || !facts.inputs.camera_mix;
  };
  actions.fullscreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch((error) => say(`no fullscreen: ${error.message}`));
  };
  for (const name of ["reseed", "film", "pause", "camera", "fullscreen"]) element[name].onclick = () => actions[name]();

  const keys = {
    r: () => actions.reseed(),
    p: () => actions.film(),
    " ": () => actions.pause(),
    c: () => actions.camera(),
    f: () => actions.fullscreen(),
    arrowup: () => actions.temperature(0.1),
    arrowdown: () => actions.temperature(-0.1),
    arrowright: () => actions.mix(0.1),
    arrowleft: () => actions.mix(-0.1),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onControl = event.target.matches?.("input, button");
    const key = event.key.toLowerCase();
    // A focused slider or button has its own arrows and space.
    if (!keys[key] || (onControl && (key === " " || key.startsWith("arrow")))) return;
    event.preventDefault();
    if (!event.repeat || key.startsWith("arrow")) keys[key]();
  });
  element.stage.ondblclick = () => actions.fullscreen();

  if (kiosk || clean) {
    element.panel.hidden = true;
    document.body.classList.add("bare");
    keepAwake();
    return;
  }
  let idle;
  const wake = () => {
    document.body.classList.remove("idle");
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (!element.panel.matches(":hover, :focus-within")) document.body.classList.add("idle");
    }, 1000 * IDLE_SECONDS);
  };
  for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, wake);
  wake();
}

/** Keep the screen from going dark where nobody touches it. */
function keepAwake() {
  const ask = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}

/** Say once a second how fast the network is. */
function watchPace(player, facts, where) {
  let before = player.frames;
  setInterval(() => {
    const pace = player.frames - before;
    before = player.frames;
    element.facts.textContent = `${where}: ${pace} of ${Math.round(facts.rate * 10) / 10} frames a second`;
  }, 1000);
}

begin().catch((error) => fail(`the show cannot begin: ${error.message}`));
