"""The model card names its films."""

from dataclasses import replace

import pytest

from train.export.model_card import FilmCardFigures, film_card
from train.models.generator import GeneratorConfig
from train.runtime.run_folder import FilmFacts

FACTS = FilmFacts("Hats", "ours", "0" * 64, (64, 48), "12", 2, 5.0, "crop", 4.96, {})
FIGURES = FilmCardFigures(GeneratorConfig(), 1000, 10, 3, 1.0, 90.0, "250 steps: none", [], [])
SETTINGS = {"recipe": {"name": "guided"}}


@pytest.mark.parametrize(
    ("sources", "rows"),
    [
        (
            {},
            ["| film | Hats (5.0 s of story, up to 4.96 s) |", f"| SHA-256 of the film | `{'0' * 64}` |"],
        ),
        (
            {"1" * 64: "Wind", "2" * 64: "Boats"},
            [
                "| film | Hats (5.0 s of story, up to 4.96 s of the last film) |",
                f"| SHA-256 of Wind | `{'1' * 64}` |",
                f"| SHA-256 of Boats | `{'2' * 64}` |",
            ],
        ),
    ],
    ids=["one film", "several"],
)
def test_every_film_and_the_rights_are_named(sources: dict[str, str], rows: list[str]) -> None:
    lines = film_card(replace(FACTS, sources=sources), SETTINGS, FIGURES).splitlines()
    assert [line for line in lines if line.startswith(("| film", "| SHA"))] == rows
    assert "| rights | ours |" in lines


@pytest.mark.parametrize(
    ("rights", "license_lines"),
    [
        ("MIT", ["license: mit"]),
        ("CC BY 4.0", ["license: cc-by-4.0"]),
        ('all: "mine"', ["license: other", 'license_name: "all: \\"mine\\""']),
    ],
)
def test_its_header_lets_hugging_face_find_it(rights: str, license_lines: list[str]) -> None:
    lines = film_card(replace(FACTS, rights=rights), SETTINGS, FIGURES).splitlines()
    header = lines[1 : lines.index("---", 1)]
    assert lines[0] == "---"
    assert header == [
        *license_lines,
        "library_name: onnx",
        "pipeline_tag: image-to-video",
        "tags:",
        "- ninety-seconds-after",
        "- generative-art",
        "- film",
        "film:",
        '- "Hats"',
    ]
    assert lines[lines.index("---", 1) + 2] == "# Hats"
