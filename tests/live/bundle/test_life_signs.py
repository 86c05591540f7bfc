import json
from pathlib import Path

import pytest

from live.bundle.life_signs import LifeSigns, read_life_signs
from live.errors import BundleError

GIVEN = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7], [0.2, 0.8], [0.3, 0.9]]}


def test_ranges_are_read() -> None:
    signs = read_life_signs(json.dumps(GIVEN), Path("a.onnx"))
    assert signs == LifeSigns((0.1, 0.5), ((0.1, 0.7), (0.2, 0.8), (0.3, 0.9)), 0.001, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        *map(
            json.dumps,
            [
                {},
                "dead",
                GIVEN | {"sharpness": 3},
                GIVEN | {"sharpness": [0.1]},
                GIVEN | {"colour": [[0, 1]]},
                GIVEN | {"motion": "much"},
                GIVEN | {"stillness": float("nan")},
            ],
        ),
    ],
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BundleError) as caught:
        read_life_signs(text, Path("a.onnx"))
    assert str(caught.value) == f"a.onnx: life_signs is {text!r}, not ranges of figures; export it again"
