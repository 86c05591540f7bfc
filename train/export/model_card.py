"""The model card: a page that describes a bundle for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from train.models.generator import GeneratorConfig
from train.models.guide import GUIDE_PITCH
from train.models.unet import UNetConfig
from train.runtime.run_folder import FilmFacts, PictureFacts

CONTACT_SHEET = "contact-sheet.jpg"  # file of the bundle
SHEET_PICTURE_WIDTH = 384  # pixels at most: enough to see what became of a figure
# Licenses as Hugging Face names them, by their names in lower case. Other rights are a name of their own.
LICENSES = {
    **{name: name for name in ("mit", "apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0")},
    **{name: name.replace(" ", "-") for name in ("cc by 4.0", "cc by-sa 4.0", "cc by-nc 4.0")},
    "cc0": "cc0-1.0",
}


@dataclass(frozen=True)
class FilmCardFigures:
    """Figures of a bundle that continues a film."""

    config: GeneratorConfig | UNetConfig
    parameters: int
    memory_frames: int  # of the film in the generator's memory; 0 without one
    steps: int  # of training
    minutes: float  # of training
    seconds: float  # length of the contact sheet's rollout
    parity: str
    precisions: list[str]  # a line for each network in fewer bits
    report: list[dict[str, Any]]  # bars of the rollout that the checkpoint was chosen by; empty if there was none


def film_card(facts: FilmFacts, settings: dict[str, Any], figures: FilmCardFigures) -> str:
    """Return the card of a bundle that continues a film, as Markdown."""
    width, height = facts.size
    config = figures.config
    memory = []
    if isinstance(config, GeneratorConfig):
        columns, rows_of_places = (side // config.scale // GUIDE_PITCH for side in config.padded(facts.size))
        memory = [
            ("memory", f"{figures.memory_frames} frames of the film, each reduced to {columns}×{rows_of_places} pixels")
        ]
    last = " of the last film" if facts.sources else ""
    rows = [
        ("film", f"{facts.title} ({facts.story_seconds:.1f} s of story, up to {facts.end:.2f} s{last})"),
        ("rights", facts.rights),
        ("picture", f"{width}×{height}, {facts.fit}"),
        ("rate", f"{facts.frame_rate} frames a second; one step takes {facts.stride} film frames"),
        ("context", f"{figures.config.context_frames} frames"),
        ("generator", f"{figures.parameters / 1e6:.2f} M parameters, trained on this film alone"),
        *memory,
        *([("camera", "can play it; what moves counts, and nothing else")] if memory else []),
        *_training_rows(figures.steps, figures.minutes, settings),
        *_source_rows(facts),
    ]
    lead = f"A continuation of the film, {figures.seconds:.0f} seconds long:"
    rest = [*(f"- {line}" for line in figures.precisions), ""]
    page = _page(facts.title, lead, rows, figures.parity, rest + (_report(figures.report) if figures.report else []))
    return _header(facts, "image-to-video", "film", [facts.title, *(facts.sources or {}).values()]) + page


@dataclass(frozen=True)
class PictureFigures:
    """Figures of a bundle without memory."""

    parameters: int
    steps: int  # of training
    minutes: float  # of training
    parity: str


def picture_card(facts: PictureFacts, settings: dict[str, Any], figures: PictureFigures) -> str:
    """Return the card of a bundle that was made of pairs or pictures, as Markdown."""
    width, height = facts.size
    pairs = facts.use == "pairs"
    direction = ", from A to B" if facts.direction == "AtoB" else ", from B to A"
    rows = [
        (
            facts.use,
            f"{facts.count}{direction if pairs else ''}; {facts.held_out} of them were held out of the training",
        ),
        ("rights", facts.rights),
        ("picture", f"{width}×{height}, {facts.fit}"),
        ("generator", f"{figures.parameters / 1e6:.2f} M parameters, trained on these pictures alone; no memory"),
        *_training_rows(figures.steps, figures.minutes, settings),
        ("SHA-256 of the pictures", f"`{facts.source_hash}`"),
    ]
    task = (
        "Turns what a camera sees into such pictures."
        if pairs
        else "Makes such pictures from the light and dark that a camera sees."
    )
    lead = f"{task} The contact sheet shows held-out pictures: input, output, and target."
    return _header(facts, "image-to-image", facts.use, [facts.title]) + _page(
        facts.title, lead, rows, figures.parity, []
    )


def _header(facts: FilmFacts | PictureFacts, task: str, source: str, titles: Sequence[str]) -> str:
    """Return the header by which Hugging Face lists a bundle that is uploaded, as YAML."""
    license_name = LICENSES.get(facts.rights.lower())
    lines = [
        "---",
        *([f"license: {license_name}"] if license_name else ["license: other", f"license_name: {_text(facts.rights)}"]),
        "library_name: onnx",
        f"pipeline_tag: {task}",
        "tags:",
        *(f"- {tag}" for tag in ("ninety-seconds-after", "generative-art", source)),
        f"{source}:",
        *(f"- {_text(title)}" for title in dict.fromkeys(titles)),
        "---",
        "",
        "",
    ]
    return "\n".join(lines)


def _text(text: str) -> str:
    """Return a text as YAML, which takes any string of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _source_rows(facts: FilmFacts) -> list[tuple[str, str]]:
    sources = facts.sources or {facts.source_hash: "the film"}
    return [(f"SHA-256 of {title}", f"`{source_hash}`") for source_hash, title in sources.items()]


def _training_rows(steps: int, minutes: float, settings: dict[str, Any]) -> list[tuple[str, str]]:
    others = [f"{key} {value}" for key, value in _flat(settings) if key != "name"]
    return [
        ("recipe", settings["recipe"]["name"]),
        ("training", f"{steps} steps in {minutes:.0f} minutes"),
        ("settings", ", ".join(others)),
    ]


def _flat(settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield all settings of nested groups."""
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield key, value


def _page(title: str, lead: str, rows: Sequence[tuple[str, str]], parity: str, rest: Sequence[str]) -> str:
    return "\n".join(
        [
            f"# {title}",
            "",
            lead,
            "",
            f"![contact sheet]({CONTACT_SHEET})",
            "",
            *_table(("", ""), rows),
            "",
            f"Difference between the exported graph and the checkpoint over {parity}.",
            "",
            *rest,
        ]
    )


def _report(report: list[dict[str, Any]]) -> list[str]:
    rows = [(row["label"], row["bar"], f"{row['value']:.2f}", "yes" if row["met"] else "no") for row in report]
    return [
        "The checkpoint was chosen by a rollout of ninety seconds from the last film frame, at temperature 1, and by",
        "single steps from film frames. These are the figures. `python -m train evaluate`",
        "measures rollouts from other film frames and with other seeds.",
        "",
        *_table(("figure", "bar", "value", "met"), rows),
        "",
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
