"""The sound of a film's tail, from the film's file through the bundle into a recording: in step all the way."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.bundle.seed_film import SeedFilm, read_seed_film
from live.frame import Frame
from live.outputs.soundtrack import TailSoundtrack
from tests.live.sounds import clicks, heard
from train.data.film import Film, load_film
from train.data.film_tail import film_tail, tail_sound
from train.data.film_windows import FilmWindows
from train.data.films import join_films
from train.data.shots import Shot, Story
from train.images.video import write_film_tail
from train.runtime.run_folder import Run

RATE, SECONDS = 12, 14
CLICKS = [1.0, 5.0, 7.5, 11.25, 13.5]
SIZE = (64, 48)


def write_sounding_film(path: Path, late: float = 0.0) -> None:
    """Write a film whose picture is light where its sound clicks. Its clock may begin late."""
    with av.open(path, "w") as container:
        pictures = container.add_stream("libx264", rate=RATE)
        pictures.width, pictures.height, pictures.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=44_100, layout="stereo")
        for number in range(RATE * SECONDS):
            light = 255 if number / RATE in CLICKS else number
            frame = av.VideoFrame.from_ndarray(np.full((*SIZE[::-1], 3), light, np.uint8), "rgb24")
            frame.pts, frame.time_base = number + round(late * RATE), Fraction(1, RATE)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        samples = np.ascontiguousarray(clicks(SECONDS, CLICKS, 44_100).reshape(1, -1))
        whole = av.AudioFrame.from_ndarray(samples, format="flt", layout="stereo")
        whole.sample_rate, whole.pts, whole.time_base = 44_100, round(late * 44_100), Fraction(1, 44_100)
        container.mux(sound.encode(whole))
        container.mux(sound.encode(None))


def load(path: Path) -> Film:
    return load_film(path, SIZE, "crop", path.parent / "cache")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("films") / "film.mkv"
    write_sounding_film(path)
    return load(path)


def exported(film: Film, shots: list[tuple[int, int]], stride: int, folder: Path) -> SeedFilm:
    """Return the tail as the stage reads it."""
    story = Story(tuple(Shot(*each) for each in shots), len(film.frames))
    windows = FilmWindows(film, story, context_frames=2, stride=stride)
    run = Run(folder)
    frames, starts = film_tail(film, story, windows)
    run.save_tail(frames, starts)
    run.save_sound(tail_sound(film, story, windows))
    rate = film.step_rate(stride)
    write_film_tail(folder / "seed.mkv", *run.load_tail()[:1], rate, 2, {}, run.load_sound())
    return read_seed_film(
        folder / "seed.mkv",
        width=SIZE[0],
        height=SIZE[1],
        context_frames=2,
        frame_rate=rate,
        shot_starts=starts,
        keep=len(frames),
    )


def recorded(seed: SeedFilm, rate: Fraction) -> list[float]:
    """Return the seconds, since the tail began, at which a recording of the tail clicks."""
    soundtrack, count = TailSoundtrack(rate), len(seed.frames)
    for number in range(count):
        soundtrack.see(Frame(seed.frames[number], number, float((number + 1 - count) / rate), sound=seed.sound))
    return heard(soundtrack.read(round(count / rate * 48_000)), above=0.2)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_tail_keeps_its_sound(film: Film, tmp_path: Path, stride: int) -> None:
    seed = exported(film, [(0, RATE * SECONDS)], stride, tmp_path)
    begins = SECONDS - 10.0 + (stride - 1) / RATE  # the last frame is the film's last
    assert recorded(seed, film.step_rate(stride)) == pytest.approx([each - begins for each in CLICKS[1:]], abs=0.003)


def test_a_clock_that_begins_late_is_no_delay(tmp_path: Path) -> None:
    write_sounding_film(tmp_path / "late.mkv", late=5.0)
    seed = exported(load(tmp_path / "late.mkv"), [(0, RATE * SECONDS)], 1, tmp_path)
    assert recorded(seed, Fraction(RATE)) == pytest.approx([each - 4.0 for each in CLICKS[1:]], abs=0.003)


def test_what_the_tail_leaves_out_is_not_heard(film: Film, tmp_path: Path) -> None:
    # Seconds 4 to 9 and 12 to 14; a click at 11.25 lies between.
    seed = exported(film, [(4 * RATE, 9 * RATE), (12 * RATE, 14 * RATE)], 1, tmp_path)
    assert recorded(seed, Fraction(RATE)) == pytest.approx([1.0, 3.5, 6.5], abs=0.003)


def test_a_tail_may_lie_in_two_films(film: Film, tmp_path: Path) -> None:
    joined = join_films([film, replace(film, frames=film.frames, times=film.times)], "two")
    story = Story((Shot(0, RATE * SECONDS), Shot(RATE * SECONDS, RATE * (SECONDS + 4))), len(joined.frames))
    windows = FilmWindows(joined, story, context_frames=2, stride=1)
    sound = tail_sound(joined, story, windows)
    assert sound is not None
    # The last six seconds of the first, and the first four of the second.
    found = heard(sound / np.float32(32768), above=0.2)
    assert found == pytest.approx([11.25 - 8, 13.5 - 8, 7.0], abs=0.003)


def test_a_film_without_sound_has_none(tmp_path: Path, film: Film) -> None:
    with av.open(tmp_path / "silent.mkv", "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(3 * RATE):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    seed = exported(load(tmp_path / "silent.mkv"), [(0, 3 * RATE)], 1, tmp_path)
    assert seed.sound is None
    assert not (tmp_path / "sound.npz").exists()
    with av.open(tmp_path / "seed.mkv") as container:
        assert len(container.streams) == 2
