"""Steps of fresh generators with the memory of a short film."""

import pytest
import torch

from train.data.film_course import FilmCourse
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import ShowStep


@pytest.fixture
def generator(hats_course: FilmCourse) -> Generator:
    """A generator with something to paint and to draw."""
    torch.manual_seed(0)
    made = Generator(GeneratorConfig(scale=2), hats_course.memory, hats_course.dramaturgy).eval()
    torch.nn.init.normal_(made.enlarger.head.weight, std=0.1)
    return made


@pytest.fixture
def show(hats_course: FilmCourse) -> ShowStep:
    """A step of a fresh generator."""
    torch.manual_seed(0)
    return ShowStep(Generator(GeneratorConfig(scale=2), hats_course.memory, hats_course.dramaturgy)).eval()
