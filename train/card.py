"""The model card: what a bundle is, in a page that a person can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from train.rollout import Vitality
from train.run import FilmFacts


@dataclass(frozen=True)
class CardFigures:
    """What was measured on the exported graph."""

    parameters: int
    steps: int  # of training
    minutes: float  # of training
    seconds: float  # length of the rollout below, temperature 1
    whole: Vitality
    end: Vitality  # of the rollout's last ten seconds
    parity: str


def card(facts: FilmFacts, settings: dict[str, Any], figures: CardFigures) -> str:
    """Markdown."""
    width, height = facts.size
    rows = [
        ("film", f"{facts.title} ({facts.story_seconds:.1f} s of story, up to {facts.end:.2f} s)"),
        ("rights", facts.rights),
        ("picture", f"{width}×{height}, {facts.fit}"),
        ("rate", f"{facts.frame_rate} frames a second; one step takes {facts.stride} film frames"),
        ("context", f"{settings['context_frames']} frames"),
        ("generator", f"{figures.parameters / 1e6:.2f} M parameters, from nothing but this film"),
        ("training", f"{figures.steps} steps in {figures.minutes:.0f} minutes"),
        ("settings", ", ".join(f"{key} {value}" for key, value in settings.items())),
        ("SHA-256 of the film", f"`{facts.source_hash}`"),
    ]
    measured = [
        (f"sharpness over the film's, {figures.seconds:.0f} s", f"{figures.whole.sharpness:.2f}"),
        ("the same, last 10 s", f"{figures.end.sharpness:.2f}"),
        (f"motion over the film's, {figures.seconds:.0f} s", f"{figures.whole.motion:.2f}"),
        ("the same, last 10 s", f"{figures.end.motion:.2f}"),
        ("parity with the checkpoint", figures.parity),
    ]
    return "\n".join(
        [
            f"# {facts.title}",
            "",
            f"The continuation of a film, {figures.seconds:.0f} seconds of it:",
            "",
            "![contact sheet](contact-sheet.png)",
            "",
            "| | |",
            "|---|---|",
            *(f"| {key} | {value} |" for key, value in rows),
            "",
            "Measured on the exported graph, temperature 1 (medians over those of the film's own last seconds):",
            "",
            "| figure | value |",
            "|---|---|",
            *(f"| {key} | {value} |" for key, value in measured),
            "",
        ]
    )
