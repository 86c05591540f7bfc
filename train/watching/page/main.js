// The page of a training: what the training says, second by second, and the buttons.

import { Curve, shortened } from "./curve.js";

const POINTS_SECONDS = 5; // between two looks for new points
const SURE_SECONDS = 5; // in which a second press on Stop counts
const ARROWS = { rising: "↗", falling: "↘", steady: "→" };

const element = Object.fromEntries([...document.querySelectorAll("[id]")].map((each) => [each.id, each]));
const curves = new Map();
let state, next = 0, lookedAt = -Infinity, looking = false, picked = null, listed = "", played = false;

const events = new EventSource("states");
events.onmessage = ({ data }) => show(JSON.parse(data));
events.onerror = () => {
  // The browser tries again. A training that is resumed counts its points anew.
  next = 0;
  lookedAt = -Infinity;
  element.rest.textContent = "The training does not answer.";
  for (const name of ["stop", "export", "play"]) element[name].disabled = true;
};

function show(now) {
  state = now;
  const { phase, standing } = state;
  if (phase === "ended") events.close();
  element.title.textContent = state.title || "Training";
  element.run.textContent = state.run;
  showVerdict();
  if (standing) showStanding(standing);
  const percent = standing ? `${Math.floor(100 * standing.share)} % · ` : "";
  document.title = `${phase === "ended" ? "ended · " : percent}${state.title || "Training"}`;
  document.documentElement.dataset.phase = phase;
  showButtons();
  showWork();
  showSamples();
  if (state.checks.length) curve("sample/score"); // the first
  for (const check of state.checks) curve(`bars/${check.label}`).setBar(check);
  if (phase === "ended" || performance.now() - lookedAt > 1000 * POINTS_SECONDS) look();
}

function showVerdict() {
  const { phase, standing, outcome } = state;
  const [bars, ...rest] = (standing?.verdict ?? "").split("; ");
  const direction = rest.length && ARROWS[rest.at(-1)] ? ` ${ARROWS[rest.at(-1)]}` : "";
  const before = { preparing: "Getting ready", stopping: "Stopping" }[phase] ?? `No ${standing?.sample} yet`;
  element.verdict.textContent = phase === "stopping" || !bars ? before : bars + direction;
  const notes = { ended: outcome, stopping: "after this step; everything is saved" };
  element.rest.textContent = notes[phase] ?? rest.join(" · ");
  if (phase === "ended" && !bars) element.verdict.textContent = "Ended";
}

function showStanding(standing) {
  const percent = 100 * standing.share;
  element.share.firstElementChild.style.width = `${percent}%`;
  element.share.setAttribute("aria-valuenow", Math.round(percent));
  element.step.textContent = `step ${standing.step}`;
  const ended = state.phase === "ended";
  element.left.textContent = ended || standing.left === null ? "" : `${duration(standing.left)} left`;
  const rollout = standing.sample_share === null
    ? `next ${standing.sample} in ${duration(standing.due)}`
    : `${standing.sample}: ${Math.round(100 * standing.sample_share)} %`;
  element.next.textContent = ended ? "" : rollout;
  element.best.textContent = state.best === null ? "" : `best score ${shortened(state.best)}`;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// Buttons.

async function post(path) {
  const response = await fetch(path, { method: "POST" });
  if (response.ok) show(await response.json());
}

let sureUntil = 0;
element.stop.onclick = () => {
  if (performance.now() < sureUntil) post("stop");
  else sureUntil = performance.now() + 1000 * SURE_SECONDS;
  showButtons();
};
element.export.onclick = () => post(state.export.exists ? "export?replace" : "export");
element.play.onclick = () => {
  played = true;
  post("play");
};

function showButtons() {
  if (!state) return;
  const ended = state.phase === "ended" || state.phase === "stopping";
  const sure = performance.now() < sureUntil && !ended;
  element.stop.disabled = ended;
  element.stop.classList.toggle("sure", sure);
  element.stop.textContent = sure ? "Stop now, and save?" : "Stop";
  element.stop.title = "End the training after this step. It is saved, and the same command continues it";
  const { out, exists, running } = state.export;
  element.export.disabled = ended || running || !state.exportable;
  element.export.textContent = exists ? `Replace ${out}` : `Export to ${out}`;
  element.export.title = "Write a bundle of the best network so far, while the training goes on";
  element.play.hidden = !state.player;
  element.play.disabled = ended || !state.exportable || state.player?.running;
  element.play.title = "Let this browser play the best network so far";
}

function showWork() {
  const working = [state.export, state.player].filter((work) => work && (work.running || work.done || work.failed));
  element.work.hidden = !working.length;
  if (!working.length) return;
  const work = working.find((each) => each.running) ?? working[0];
  const what = work === state.export ? `Export to ${work.out}` : "The best network, for this browser";
  const how = work.running ? `running for ${duration(work.seconds)}` : work.done ? "done" : "failed";
  element["work-title"].textContent = `${what}: ${how}`;
  element["work-lines"].textContent = work.lines.join("\n");
  if (played && state.player?.done) {
    played = false;
    element.player.hidden = element.pictures.hidden = false;
    element["player-frame"].src = `player/?seed=0&t=${Date.now()}`;
  }
}

// Samples.

function showSamples() {
  const { samples } = state;
  if (!samples.length || listed === JSON.stringify(samples)) return;
  listed = JSON.stringify(samples);
  element.pictures.hidden = false;
  element.samples.replaceChildren(...samples.map(({ step }) => new Option(step, step)));
  element.samples.parentElement.hidden = samples.length < 2;
  showSample(samples.find(({ step }) => step === picked) ?? samples[0]);
}

element.samples.onchange = () => {
  picked = Number(element.samples.value);
  if (picked === state.samples[0].step) picked = null; // the newest, also when there is a newer one
  showSample(state.samples.find(({ step }) => step === Number(element.samples.value)));
};

let sampleShown;
function showSample({ step, picture, video }) {
  element.samples.value = step;
  if (sampleShown === step) return;
  sampleShown = step;
  element.shown.textContent = `${state.standing?.sample ?? "sample"} of step ${step}`;
  element.video.hidden = !video;
  element["sheet-link"].hidden = Boolean(video);
  if (video) {
    element.video.src = `samples/${video}`;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) element.video.play().catch(() => {});
  } else {
    element.sheet.src = element["sheet-link"].href = `samples/${picture}`;
  }
}

// Curves.

function curve(name) {
  if (!curves.has(name)) {
    const judged = name.startsWith("bars/") || name.startsWith("sample/");
    element.losses.hidden &&= judged;
    const label = name.replace(/^(bars|sample|speed)\//, "").replaceAll("_", " ");
    curves.set(name, new Curve(judged ? element.bars : element.others, label));
  }
  return curves.get(name);
}

/** Fetch the points that are new, and draw. */
async function look() {
  if (looking) return;
  looking = true;
  lookedAt = performance.now();
  try {
    const answer = await (await fetch(`points?from=${next}`)).json();
    if (!next) for (const each of curves.values()) each.points = [];
    next = answer.next;
    const hasBars = answer.points.some(([, name]) => name.startsWith("bars/")) || state.checks.length;
    for (const [step, name, value] of answer.points) {
      // With bars, they stand for the figures of a sample; only its score is more.
      if (hasBars && name.startsWith("sample/") && name !== "sample/score") continue;
      curve(name).add(step, value);
    }
    for (const each of curves.values()) each.draw();
  } catch {
    // The training has ended, or is busy; the next state tries again.
  } finally {
    looking = false;
  }
}
