"""The model card: what a bundle is, in a page that a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from train.runtime.run_folder import FilmFacts, PictureFacts


@dataclass(frozen=True)
class CardFigures:
    """What was measured of a bundle."""

    parameters: int
    moments: int  # of the film that the generator's memory holds
    steps: int  # of training
    minutes: float  # of training
    seconds: float  # length of the contact sheet's rollout
    parity: str
    precisions: list[str]  # what was found of each network in fewer bits
    report: list[dict[str, Any]]  # the rollout that the checkpoint was chosen by, bar by bar; empty if there was none


def card(facts: FilmFacts, settings: dict[str, Any], figures: CardFigures) -> str:
    """Markdown."""
    width, height = facts.size
    memory = f"{figures.moments} moments of the film, in pictures of a few cells (16×9 in those of 256×144)"
    rows = [
        ("film", f"{facts.title} ({facts.story_seconds:.1f} s of story, up to {facts.end:.2f} s)"),
        ("rights", facts.rights),
        ("picture", f"{width}×{height}, {facts.fit}"),
        ("rate", f"{facts.frame_rate} frames a second; one step takes {facts.stride} film frames"),
        ("context", f"{settings['context_frames']} frames"),
        ("generator", f"{figures.parameters / 1e6:.2f} M parameters, from nothing but this film"),
        *([("memory", memory)] if figures.moments else []),
        *([("camera", "can play it, where it sees light and dark")] if settings["camera"] else []),
        ("training", f"{figures.steps} steps in {figures.minutes:.0f} minutes"),
        ("settings", ", ".join(f"{key} {value}" for key, value in settings.items())),
        ("SHA-256 of the film", f"`{facts.source_hash}`"),
    ]
    lead = f"The continuation of a film, {figures.seconds:.0f} seconds of it:"
    rest = [*(f"- {line}" for line in figures.precisions), ""]
    return _page(facts.title, lead, rows, figures.parity, rest + (_report(figures.report) if figures.report else []))


@dataclass(frozen=True)
class PictureFigures:
    """What was measured of a bundle without memory."""

    parameters: int
    steps: int  # of training
    minutes: float  # of training
    parity: str


def picture_card(facts: PictureFacts, settings: dict[str, Any], figures: PictureFigures) -> str:
    """Markdown, of a bundle that was made of pairs or pictures."""
    width, height = facts.size
    pairs = facts.use == "pairs"
    way = "from A to B" if facts.direction == "AtoB" else "from B to A"
    rows = [
        (facts.use, f"{facts.count}{', ' + way if pairs else ''}, of which {facts.held_out} were kept aside"),
        ("rights", facts.rights),
        ("picture", f"{width}×{height}, {facts.fit}"),
        ("generator", f"{figures.parameters / 1e6:.2f} M parameters, from nothing but these pictures; no memory"),
        ("training", f"{figures.steps} steps in {figures.minutes:.0f} minutes"),
        ("settings", ", ".join(f"{key} {value}" for key, value in settings.items())),
        ("SHA-256 of the pictures", f"`{facts.source_hash}`"),
    ]
    what = "What a camera sees becomes" if pairs else "Where a camera sees light and dark, there come"
    lead = f"{what} these pictures. Of some that were kept aside: what is seen, what is made of it, the true one."
    return _page(facts.title, lead, rows, figures.parity, [])


def _page(title: str, lead: str, rows: Sequence[tuple[str, str]], parity: str, rest: Sequence[str]) -> str:
    return "\n".join(
        [
            f"# {title}",
            "",
            lead,
            "",
            "![contact sheet](contact-sheet.png)",
            "",
            *_table(("", ""), rows),
            "",
            f"The exported graph against the checkpoint: {parity}.",
            "",
            *rest,
        ]
    )


def _report(report: list[dict[str, Any]]) -> list[str]:
    rows = [(row["label"], row["bar"], f"{row['value']:.2f}", "yes" if row["met"] else "no") for row in report]
    return [
        "The checkpoint was chosen by ninety seconds of its own, from the last film frame at temperature 1. These are",
        "their figures; `python -m train evaluate` takes them from other moments and with other seeds too.",
        "",
        *_table(("figure", "bar", "value", "met"), rows),
        "",
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
