"""How a generator can be trained: named recipes, from the ancestor's to the one that holds.

Each adds one thing to the one before it, so that `docs/continuation.md` can say what that thing is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from train.training.rollout_pool import PoolConfig


@dataclass(frozen=True)
class Recipe:
    """What is asked of the generator, and of what it is made to see."""

    context_frames: int = 1  # K
    judges: tuple[str, ...] = ("pair",)  # of train.models.discriminators.JUDGES
    lambda_l1: float = 100.0  # weight of the mean absolute difference to the true frame, where there is one
    moving: bool = False  # whether what moves weighs as much in it as all of the picture
    lambda_features: float = 0.0  # weight of feature matching
    lambda_perceptual: float = 0.0  # weight of the difference that a network of the wide world sees
    noise: float = 0.0  # highest temperature that the context is trained with
    pool: PoolConfig = field(default_factory=lambda: PoolConfig(pool=0))
    guided: bool = False  # whether the generator knows the film's course by heart
    turns: float = 0.0  # share of samples that are guided to the moment most like theirs elsewhere
    cameras: float = 0.0  # share of samples that an imagined camera plays
    lambda_camera: float = 0.0  # weight of what such a camera sees, where there is no truth for it, times the L1


# pix2pix (Isola et al. 2017) from one frame to the next.
_paper = Recipe()
_noise = replace(_paper, noise=2.0)
# Drifted context, true target (Magenta): rollouts that end with their truth.
_rollouts = replace(_noise, lambda_l1=30.0, lambda_features=6.0, pool=PoolConfig(after="renew"))
# Rollouts of any age, never told a truth.
_pool = replace(_rollouts, pool=PoolConfig(truth=0))
_young = replace(_rollouts, pool=PoolConfig())
_clip = replace(_young, context_frames=2, judges=("frame", "clip"))
# Truth for life: when a state has lost its own, it is given that of the film's moment most like it.
_anchors = replace(_clip, pool=PoolConfig(after="anchor"))
# The same at every step, so that what is asked of a state depends on nothing but what it looks like.
_course = replace(_anchors, pool=PoolConfig(truth=1, after="anchor"))
# What moves counts.
_moving = replace(_course, moving=True)
# The film's course is known by heart, band by band, and chance turns it. The memory says what a state is taken for.
_guided = replace(_moving, guided=True, turns=0.1, pool=PoolConfig(after="keep"))
# A camera can play it: the guide then also says where things are.
_camera = replace(_guided, cameras=0.5, lambda_camera=48.0)

RECIPES = {
    "paper": _paper,
    "noise": _noise,
    "rollouts": _rollouts,
    "pool": _pool,
    "young": _young,
    "clip": _clip,
    "anchors": _anchors,
    "course": _course,
    "moving": _moving,
    "guided": _guided,
    "camera": _camera,
    "guided-k1": replace(_guided, context_frames=1),
    "guided-k4": replace(_guided, context_frames=4),
    "guided-perceptual": replace(_guided, lambda_perceptual=10.0),
}
DEFAULT = "guided"
