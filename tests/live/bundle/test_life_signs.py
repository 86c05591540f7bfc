import base64
import json
from pathlib import Path

import pytest

from live.bundle.life_signs import LifeSigns, OddPicture, read_life_signs
from live.errors import BundleError
from live.reading.values import quoted

OLD = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7], [0.2, 0.8], [0.3, 0.9]]}
THUMBNAIL = bytes(range(192))
ODD = [4.5, 0.2, base64.b64encode(THUMBNAIL).decode()]
GIVEN = OLD | {"contrast": 0.3, "grain": 1.2, "light": 0.4, "odd": [ODD]}
COLOUR = ((0.1, 0.7), (0.2, 0.8), (0.3, 0.9))


def test_ranges_and_odd_pictures_are_read() -> None:
    """The film's longest stillness counts at the odd picture alone, where the film has it."""
    signs = read_life_signs(json.dumps(GIVEN), Path("a.onnx"))
    odd = (OddPicture(4.5, 0.2, THUMBNAIL),)
    assert signs == LifeSigns((0.1, 0.5), COLOUR, 0.001, 0.0, 0.3, 1.2, 0.4, odd)


def test_an_older_bundle_has_ranges_alone() -> None:
    assert read_life_signs(json.dumps(OLD), Path("a.onnx")) == LifeSigns((0.1, 0.5), COLOUR, 0.001, 0.5)


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
                GIVEN | {"light": 0},
                GIVEN | {"odd": 3},
                GIVEN | {"odd": [ODD[:2]]},
                GIVEN | {"odd": [[*ODD[:2], "not base64"]]},
                GIVEN | {"odd": [[*ODD[:2], "AAAA"]]},
                OLD | {"odd": []},
            ],
        ),
    ],
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BundleError) as caught:
        read_life_signs(text, Path("a.onnx"))
    assert str(caught.value) == f"a.onnx: life_signs is {quoted(text)}, not ranges of figures; export it again"
