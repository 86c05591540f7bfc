"""A bundle as the studio sees it: a graph to be rolled out, and how its film was read.

No other room of the studio runs ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import onnxruntime as ort

from train.data.film import ResizeMode
from train.errors import BundleError

Provider = Literal["cpu", "cuda", "tensorrt"]
PROVIDERS: dict[Provider, list[str]] = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}


def _open_session(path: Path, threads: int, provider: Provider = "cpu") -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 4  # errors come as exceptions
    options.intra_op_num_threads = threads
    # Workers that spin between two layers take the cores from the measuring, and from trainings beside.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A rollout that fades to black ends in denormal numbers, which are up to a hundred times slower.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    if not path.is_file():
        raise BundleError(f"{path} is missing; give a folder that `python -m train export` wrote")
    wanted = PROVIDERS[provider]
    offered = ort.get_available_providers()
    if wanted[0] not in offered:
        raise BundleError(f"this ONNX Runtime has no {provider}, only {', '.join(offered)}; leave out --provider")
    if provider != "cpu":
        with redirect_stdout(StringIO()):  # it prints what it does not find
            ort.preload_dlls()
    ort.set_default_logger_severity(4)
    try:
        session = ort.InferenceSession(str(path), options, providers=wanted, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions have no common parent of their own
        if provider == "cpu":
            raise BundleError(f"{path} is no network that can be run; export it again") from error
        raise BundleError(f"{provider} cannot run {path} here (--debug says why); leave out --provider") from error
    finally:
        ort.set_default_logger_severity(2)
    # Where libraries are missing another provider is taken without a word.
    if wanted[0] not in session.get_providers():
        raise BundleError(f"{provider} does not work on this machine (its libraries do not load); leave out --provider")
    return session


class CameraGraph:
    """A generator without memory, as exported: a picture for what the camera sees."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        """Open generator.onnx.

        Raises:
            BundleError: ONNX Runtime cannot open it, or it takes more than a camera.
        """
        self._session = _open_session(path, threads)
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        shapes = {value.name: value.shape for value in self._session.get_inputs()}
        if set(shapes) != {"camera"}:
            raise BundleError(f"{path} goes on from its own pictures; evaluate it with its film")
        height, width, _ = shapes["camera"]
        self.size: tuple[int, int] = width, height

    def picture(self, camera: np.ndarray) -> np.ndarray:
        """What is shown, for what is seen: both uint8 RGB [H, W, 3]."""
        return self._session.run(["frame"], {"camera": camera})[0]


class Graph:
    """One step of the show, as exported."""

    def __init__(self, path: Path, threads: int = 2, provider: Provider = "cpu") -> None:
        """Open generator.onnx.

        Raises:
            BundleError: ONNX Runtime cannot open it there, or it has no memory that could be rolled out.
        """
        self._session = _open_session(path, threads, provider)
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._shapes = {value.name: value.shape for value in self._session.get_inputs()}
        halves = any(value.type == "tensor(float16)" for value in self._session.get_inputs())
        self._state = np.float16 if halves else np.float32
        if "context" not in self._shapes:
            raise BundleError(
                f"{path} has no memory; only a model that goes on from its own pictures can be rolled out"
            )

    @property
    def context_shape(self) -> tuple[int, int, int, int]:
        """(1, 3K, H, W)."""
        batch, channels, height, width = self._shapes["context"]
        return batch, channels, height, width

    @property
    def takes_camera(self) -> bool:
        """Whether a camera can play it."""
        return "camera" in self._shapes

    def step(
        self,
        context: np.ndarray,
        noise: np.ndarray,
        temperature: np.ndarray,
        camera: np.ndarray | None = None,
        camera_mix: float = 0.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The next frame uint8 RGB [H, W, 3], and the next context like `context`; arguments as of `inputs`."""
        return self.run(self.inputs(context, noise, temperature, camera, camera_mix))

    def inputs(
        self,
        context: np.ndarray,
        noise: np.ndarray,
        temperature: np.ndarray,
        camera: np.ndarray | None,
        camera_mix: float,
    ) -> dict[str, np.ndarray]:
        """What the graph takes of these, by name.

        Args:
            context: float32 or float16 [1, 3K, H, W], −1…1, oldest frame first.
            noise: float32 [1, 1, H, W], standard normal.
            temperature: float32 [1], ≥ 0.
            camera: uint8 RGB [H, W, 3]; None is black. A model that no camera can play ignores it.
            camera_mix: 0…1, how closely that is followed; at 0 not at all.
        """
        _, _, height, width = self.context_shape
        offered = {
            "context": context.astype(self._state, copy=False),
            "noise": noise,
            "temperature": temperature,
            "camera": np.zeros((height, width, 3), np.uint8) if camera is None else camera,
            "camera_mix": np.full(1, camera_mix, np.float32),
        }
        return {name: offered[name] for name in self._shapes}

    def run(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Frame and next context for what `inputs` returned."""
        frame, following = self._session.run(["frame", "next_context"], inputs)
        return frame, following


@dataclass(frozen=True)
class Bundle:
    """A bundle that can be rolled out."""

    name: str
    graph: Graph
    title: str
    frame_rate: Fraction  # steps a second
    stride: int  # film frames a step
    film_sha256: str | None  # in hex; older bundles do not tell, nor the next two
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
        """The continuation, frame by frame, each uint8 RGB [H, W, 3]; the noise is drawn as the stage draws it.

        Args:
            context: float32 [1, 3K, H, W], −1…1, oldest frame first.
            camera: what a camera sees at each step, uint8 RGB [H, W, 3].
            camera_mix: 0…1, how closely that is followed.
        """
        rng = np.random.default_rng(seed)
        level = np.full(1, temperature, np.float32)
        _, _, height, width = self.graph.context_shape
        for step in range(steps):
            noise = rng.standard_normal((1, 1, height, width), dtype=np.float32)
            seen = camera(step) if camera else None
            frame, context = self.graph.step(context, noise, level, seen, camera_mix)
            yield frame


def open_bundle(path: Path, provider: Provider = "cpu") -> Bundle:
    """Open a bundle by its folder, or by one of the networks in it: models/hats, models/hats/generator.int8.onnx.

    Raises:
        BundleError: it is not there, not as `export` writes it, or does not run on this provider.
    """
    if not (path.is_dir() or (path.is_file() and path.suffix == ".onnx")):
        raise BundleError(f"there is no bundle {path}; give a folder that `python -m train export` wrote")
    folder, network = (path, path / "generator.onnx") if path.is_dir() else (path.parent, path)
    graph = Graph(network, provider=provider)
    told = graph.metadata
    try:
        fit = told.get("fit")
        if fit is not None and fit not in get_args(ResizeMode):
            raise ValueError(fit)
        return Bundle(
            name=" ".join([folder.resolve().name, *network.stem.split(".")[1:]]),
            graph=graph,
            title=told["title"],
            frame_rate=Fraction(told["frame_rate"]),
            stride=int(told["stride"]),
            film_sha256=told.get("film_sha256"),
            fit=fit,  # type: ignore[arg-type]  # one of them, as was just seen
            end=float(told["end"]) if "end" in told else None,
        )
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise BundleError(f"{network} lacks metadata, or has other than `export` writes ({error})") from error
