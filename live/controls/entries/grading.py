"""Parameters of the grading of the shown picture, and of its mirrors."""

from typing import Literal, get_args

from live.controls.control import Parameter, steps

PictureMirror = Literal["none", "left", "right", "top", "bottom", "quarter"]

MIRRORS: tuple[PictureMirror, ...] = get_args(PictureMirror)

GRADING = (
    Parameter("gain", "Grading", None, 0.0, 4.0, 1.0, "factor of the brightness: 0 black, 1 as it is"),
    Parameter("gamma", "Grading", None, 0.25, 4.0, 1.0, "gamma: below 1 the middle tones are darker, above 1 brighter"),
    Parameter("saturation", "Grading", None, 0.0, 4.0, 1.0, "factor of the colourfulness: 0 grey, 1 as it is"),
    Parameter("hue", "Grading", None, -180.0, 180.0, 0.0, "degrees of the colour circle, from red to green to blue"),
    Parameter("tint", "Grading", None, 0.0, 1.0, 0.0, "share of one colour in the picture: at 1 it has no other"),
    Parameter("tint_hue", "Grading", None, 0.0, 360.0, 35.0, "that colour, in degrees of the colour circle: 0 is red"),
    Parameter("lut_mix", "Grading", None, 0.0, 1.0, 1.0, "share of the look-up table of --lut"),
    Parameter(
        name="picture_mirror",
        group="Grading",
        needs=None,
        low=0.0,
        high=5.0,
        default=0.0,
        choices=MIRRORS,
        meaning="part of the picture whose mirror image covers the rest",
    ),
    Parameter(
        name="kaleidoscope",
        group="Grading",
        needs=None,
        low=0.0,
        high=12.0,
        default=0.0,
        steps=steps(0, 12, 1),
        less=("alt+j",),
        more=("alt+k",),
        label="Alt + J, K",
        help="kaleidoscope: fewer, more mirrors",
        meaning="number of mirrors around the middle of the picture, rounded: 0 none",
    ),
)
