"""Colours of the film, and the light of each hour from dawn to dusk."""

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""(red, green, blue), each 0 to 255."""

INK: Colour = (33, 30, 58)
CREAM: Colour = (255, 243, 220)
SKIN: Colour = (247, 196, 160)
CORAL: Colour = (226, 78, 62)
BLUSH: Colour = (240, 140, 120)
MUSTARD: Colour = (244, 180, 56)
TEAL: Colour = (34, 138, 142)
SKY_BLUE: Colour = (128, 196, 214)
PLUM: Colour = (116, 62, 112)
PETAL: Colour = (250, 176, 190)
ROSE: Colour = (226, 120, 146)
BARK: Colour = (110, 68, 62)
BLACK: Colour = (0, 0, 0)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours: share 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Light:
    """Colours of the landscape at one hour of the day.

    `tint` multiplies every colour drawn under this light (1 leaves a channel as it is). So people and hats,
    which have fixed colours, match the hour too.
    """

    sky_top: Colour
    sky_low: Colour
    sun: Colour
    cloud: Colour
    sea: Colour
    sea_deep: Colour
    glint: Colour
    far: Colour
    middle: Colour
    near: Colour
    near_shade: Colour
    tint: tuple[float, float, float]


DAWN = Light(
    sky_top=(146, 150, 206), sky_low=(255, 214, 182), sun=(255, 226, 150), cloud=(255, 232, 214),
    sea=(128, 158, 200), sea_deep=(100, 130, 180), glint=(255, 226, 190),
    far=(150, 130, 176), middle=(136, 172, 162), near=(98, 152, 126), near_shade=(66, 114, 108),
    tint=(1.0, 0.95, 0.95),
)  # fmt: skip
MORNING = Light(
    sky_top=(136, 204, 222), sky_low=(240, 246, 224), sun=(255, 236, 160), cloud=(255, 252, 240),
    sea=(92, 176, 196), sea_deep=(64, 148, 176), glint=(236, 250, 246),
    far=(130, 182, 178), middle=(142, 190, 120), near=(108, 166, 88), near_shade=(74, 130, 78),
    tint=(1.0, 1.0, 0.98),
)  # fmt: skip
FORENOON = Light(
    sky_top=(76, 186, 194), sky_low=(226, 242, 214), sun=(255, 240, 176), cloud=(255, 255, 246),
    sea=(60, 150, 176), sea_deep=(40, 122, 156), glint=(230, 248, 248),
    far=(110, 170, 170), middle=(150, 196, 106), near=(120, 176, 78), near_shade=(78, 132, 68),
    tint=(1.0, 1.0, 1.0),
)  # fmt: skip
NOON = Light(
    sky_top=(46, 142, 190), sky_low=(150, 214, 224), sun=(255, 244, 190), cloud=(255, 255, 250),
    sea=(28, 112, 160), sea_deep=(18, 86, 136), glint=(220, 246, 250),
    far=(92, 156, 170), middle=(120, 176, 104), near=(94, 158, 76), near_shade=(58, 118, 70),
    tint=(1.0, 1.0, 1.0),
)  # fmt: skip
AFTERNOON = Light(
    sky_top=(248, 214, 132), sky_low=(255, 238, 194), sun=(255, 250, 220), cloud=(255, 248, 226),
    sea=(104, 172, 172), sea_deep=(76, 144, 152), glint=(255, 246, 214),
    far=(176, 182, 124), middle=(170, 176, 82), near=(132, 152, 66), near_shade=(92, 116, 58),
    tint=(1.0, 0.98, 0.92),
)  # fmt: skip
GOLDEN = Light(
    sky_top=(240, 142, 84), sky_low=(255, 214, 128), sun=(255, 242, 190), cloud=(255, 226, 170),
    sea=(196, 128, 104), sea_deep=(166, 100, 94), glint=(255, 232, 160),
    far=(178, 104, 96), middle=(150, 104, 78), near=(118, 98, 62), near_shade=(86, 72, 58),
    tint=(1.0, 0.95, 0.86),
)  # fmt: skip
EVENING = Light(
    sky_top=(40, 76, 116), sky_low=(112, 152, 168), sun=(255, 222, 170), cloud=(150, 172, 188),
    sea=(46, 84, 122), sea_deep=(34, 66, 104), glint=(200, 210, 220),
    far=(70, 96, 128), middle=(58, 92, 104), near=(50, 84, 86), near_shade=(38, 64, 76),
    tint=(1.0, 0.93, 0.95),
)  # fmt: skip
DUSK = Light(
    sky_top=(92, 74, 138), sky_low=(255, 178, 146), sun=(255, 228, 150), cloud=(228, 146, 160),
    sea=(122, 98, 156), sea_deep=(98, 78, 138), glint=(255, 214, 160),
    far=(110, 80, 138), middle=(84, 78, 122), near=(76, 114, 110), near_shade=(50, 82, 92),
    tint=(0.98, 0.92, 0.96),
)  # fmt: skip
