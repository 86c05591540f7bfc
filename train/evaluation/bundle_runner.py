"""Bundles in the studio: the graph, run by ONNX Runtime, and how its film was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import onnxruntime as ort

from live.bundle.bounds import FRAME_RATES, LARGEST_MODEL_BYTES, LARGEST_STRIDE, LONGEST_TITLE
from live.process.cores import usable_cores
from live.reading.regular_file import check_regular_file
from live.reading.text import one_line, printable
from live.reading.values import read_fraction, read_whole_number
from train.errors import BundleError
from train.images.resizing import ResizeMode
from train.models.show_step import draw_noise

State = dict[str, np.ndarray]  # inputs of a graph that its step before gave, by name: `context`, and maybe `NOTES`
LATEST_END = Fraction(10**6)  # seconds
NOTES = ("visits", "movement")  # parts of the state beside the pictures, where a graph has them
Provider = Literal["cpu", "cuda", "tensorrt"]
PROVIDERS: dict[Provider, list[str]] = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}


def _open_session(path: Path, threads: int, provider: Provider = "cpu") -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 4  # errors are raised as exceptions
    options.intra_op_num_threads = min(threads, usable_cores())
    # Threads that spin between two layers would take the cores from the measurement and from other processes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A rollout that fades to black computes with denormal numbers, which are up to a hundred times slower.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    try:
        check_regular_file(path, LARGEST_MODEL_BYTES)
    except FileNotFoundError as error:
        raise BundleError(f"{path} is missing; give a folder that `python -m train export` wrote") from error
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}); export it again") from error
    providers = PROVIDERS[provider]
    available = ort.get_available_providers()
    if providers[0] not in available:
        raise BundleError(f"this ONNX Runtime has no {provider}, only {', '.join(available)}; leave out --provider")
    if provider != "cpu":
        with redirect_stdout(StringIO()):  # it prints the names of missing libraries
            ort.preload_dlls()
    ort.set_default_logger_severity(4)
    try:
        session = ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions have no common parent
        if provider == "cpu":
            raise BundleError(f"{path} is no network that can be run; export it again") from error
        raise BundleError(f"{provider} cannot run {path} here (--debug says why); leave out --provider") from error
    finally:
        ort.set_default_logger_severity(2)
    # Where libraries are missing, ONNX Runtime takes another provider silently.
    if providers[0] not in session.get_providers():
        raise BundleError(f"{provider} does not work on this machine (its libraries do not load); leave out --provider")
    return session


class CameraGraph:
    """Exported generator without memory: camera in, picture out."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        """Open generator.onnx.

        Raises:
            BundleError: ONNX Runtime cannot open it, or it takes more than a camera.
        """
        self._session = _open_session(path, threads)
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        shapes = {value.name: value.shape for value in self._session.get_inputs()}
        if set(shapes) != {"camera"}:
            raise BundleError(f"{path} continues a film; evaluate it with that film")
        height, width, _ = shapes["camera"]
        self.size: tuple[int, int] = width, height

    def picture(self, camera: np.ndarray) -> np.ndarray:
        """Return the picture for a camera picture; both uint8 RGB [H, W, 3]."""
        frame: np.ndarray = self._session.run(["frame"], {"camera": camera})[0]
        return frame


class Graph:
    """Exported step of the show."""

    def __init__(self, path: Path, threads: int = 2, provider: Provider = "cpu") -> None:
        """Open generator.onnx.

        Raises:
            BundleError: ONNX Runtime cannot open it there, or it has no memory to roll out.
        """
        self._session = _open_session(path, threads, provider)
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._shapes = {value.name: value.shape for value in self._session.get_inputs()}
        halves = any(value.type == "tensor(float16)" for value in self._session.get_inputs())
        self._state = np.float16 if halves else np.float32
        if "context" not in self._shapes:
            raise BundleError(
                f"{path} has no memory and cannot be rolled out; evaluate a bundle of pairs with --pairs DIR"
            )

    @property
    def context_shape(self) -> tuple[int, int, int, int]:
        """Shape (1, 3K, H, W)."""
        batch, channels, height, width = self._shapes["context"]
        return batch, channels, height, width

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """Shape of the noise; (0,) if it takes none."""
        return tuple(self._shapes.get("noise", (0,)))

    @property
    def takes_camera(self) -> bool:
        """True if a camera can play it."""
        return "camera" in self._shapes

    def begin(self, context: np.ndarray) -> State:
        """Return the state of a continuation that begins with a context, float32 [1, 3K, H, W], −1…1, oldest first."""
        notes = {name: np.zeros(self._shapes[name], np.float32) for name in NOTES if name in self._shapes}
        return {"context": context.astype(self._state, copy=False), **notes}

    def step(
        self,
        state: State,
        noise: np.ndarray,
        temperature: np.ndarray,
        camera: np.ndarray | None = None,
        camera_mix: float = 0.0,
    ) -> tuple[np.ndarray, State]:
        """Compute one step; the arguments are those of `inputs`.

        Returns:
            the next frame, uint8 RGB [H, W, 3], and the next state.
        """
        return self.run(self.inputs(state, noise, temperature, camera, camera_mix))

    def inputs(
        self,
        state: State,
        noise: np.ndarray,
        temperature: np.ndarray,
        camera: np.ndarray | None,
        camera_mix: float,
    ) -> dict[str, np.ndarray]:
        """Return those arguments that the graph takes, by name.

        Args:
            state: of `begin` or of the step before.
            noise: float32 of `noise_shape`, standard normal.
            temperature: float32 [1], ≥ 0.
            camera: uint8 RGB [H, W, 3]; None is black.
            camera_mix: 0…1; at 0 the camera has no effect.
        """
        _, _, height, width = self.context_shape
        offered = state | {
            "noise": noise,
            "temperature": temperature,
            "camera": np.zeros((height, width, 3), np.uint8) if camera is None else camera,
            "camera_mix": np.full(1, camera_mix, np.float32),
        }
        return {name: offered[name] for name in self._shapes}

    def run(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, State]:
        """Compute the frame and the next state from the result of `inputs`."""
        states = [name for name in ("context", *NOTES) if name in self._shapes]
        frame, *following = self._session.run(["frame", *(f"next_{name}" for name in states)], inputs)
        return frame, dict(zip(states, following, strict=True))

    def roll_out(
        self,
        context: np.ndarray,
        steps: int,
        *,
        temperature: float,
        seed: int,
        camera: Callable[[int], np.ndarray] | None = None,
        camera_mix: float = 0.0,
    ) -> Iterator[np.ndarray]:
        """Yield the continuation of a film, frame by frame, each uint8 RGB [H, W, 3].

        Args:
            context: float32 [1, 3K, H, W], −1…1, oldest frame first.
            steps: number of frames.
            temperature: 0 is deterministic.
            seed: of the noise, which is the stage's of the same seed.
            camera: returns the camera picture at each step, uint8 RGB [H, W, 3].
            camera_mix: 0…1; at 0 the camera has no effect.
        """
        level = np.full(1, temperature, np.float32)
        state = self.begin(context)
        for step, noise in enumerate(islice(draw_noise(self.noise_shape, seed), steps)):
            picture = camera(step) if camera else None
            frame, state = self.step(state, noise, level, picture, camera_mix)
            yield frame


@dataclass(frozen=True)
class Bundle:
    """A bundle that can be rolled out."""

    name: str
    graph: Graph
    title: str
    frame_rate: Fraction  # steps a second
    stride: int  # film frames a step
    film_sha256: str | None  # in hex; None, like the next two, in an older bundle
    fit: ResizeMode | None
    end: float | None  # seconds: the time of the last film frame

    @property
    def context_frames(self) -> int:
        """K."""
        return self.graph.context_shape[1] // 3

    @property
    def size(self) -> tuple[int, int]:
        """(W, H) in pixels."""
        return self.graph.context_shape[3], self.graph.context_shape[2]


def is_bundle(path: Path) -> bool:
    """Return whether a path has the form of a bundle, or of a network in one."""
    return path.suffix == ".onnx" or (path / "generator.onnx").is_file()


def open_bundle(path: Path, provider: Provider = "cpu") -> Bundle:
    """Open a bundle by its folder, or by one of the networks in it: models/hats, models/hats/generator.int8.onnx.

    Raises:
        BundleError: it is missing, is not as `export` writes it, or does not run on this provider.
    """
    if not (path.is_dir() or (path.is_file() and path.suffix == ".onnx")):
        raise BundleError(f"there is no bundle {path}; give a folder that `python -m train export` wrote")
    folder, network = (path, path / "generator.onnx") if path.is_dir() else (path.parent, path)
    graph = Graph(network, provider=provider)
    metadata = graph.metadata
    try:
        fit = metadata.get("fit")
        if fit is not None and fit not in get_args(ResizeMode):
            raise ValueError(fit)
        return Bundle(
            name=" ".join([printable(folder.resolve().name), *network.stem.split(".")[1:]]),
            graph=graph,
            title=one_line(metadata["title"], LONGEST_TITLE),
            frame_rate=read_fraction(metadata["frame_rate"], *FRAME_RATES),
            stride=read_whole_number(metadata["stride"], 1, LARGEST_STRIDE),
            film_sha256=metadata.get("film_sha256"),
            fit=fit,  # type: ignore[arg-type]  # a ResizeMode, as checked above
            end=float(read_fraction(metadata["end"], Fraction(0), LATEST_END)) if "end" in metadata else None,
        )
    except (KeyError, ValueError) as error:
        raise BundleError(f"{network} lacks metadata or has wrong metadata ({error}); export it again") from error
