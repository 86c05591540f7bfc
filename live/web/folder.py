"""Write the folder of a page: its own files, the network, the film's tail, and the runtime if it is given."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from live.bundle.bundle import Bundle, read_bundle
from live.bundle.graph_contract import NOTES
from live.errors import BundleError, OutputError
from live.inference.trial.trial import try_networks
from live.paths import whole_folder
from live.web.graph import folded
from live.web.packing import packed, with_byte_weights
from live.web.runtime import copy_runtime, find_runtime
from live.web.tail_video import write_picture, write_tail

TAIL_SECONDS = 10.0
FACTS = "film.json"
RUNTIME = "runtime"
PAGE = Path(__file__).parent / "page"
TYPES = {TensorProto.FLOAT: "float32", TensorProto.UINT8: "uint8"}


def write_page(bundle_folder: Path, out: Path, runtime: Path | None, *, overwrite: bool) -> bool:
    """Write the page of a bundle.

    Args:
        bundle_folder: A folder that `python -m train export` wrote.
        out: Folder to write, whole or not at all.
        runtime: Folder of ONNX Runtime Web; None for a page without it, which keeps what a page that is replaced has.
        overwrite: True to replace a page that exists.

    Returns:
        True if the page has the runtime.

    Raises:
        ShowError: The bundle or the runtime is none, or the folder cannot be written.
    """
    source = find_runtime(runtime) if runtime else None
    _check_replaceable(out, overwrite=overwrite)
    bundle = read_bundle(bundle_folder, TAIL_SECONDS)
    # Folding computes with what a file says.
    try_networks(bundle)
    if source is None and (out / RUNTIME).is_dir():
        source = out / RUNTIME
    try:
        with whole_folder(out) as folder:
            for path in PAGE.iterdir():
                shutil.copyfile(path, folder / path.name)
            facts = _write_networks(bundle, folder) | _write_film(bundle, folder)
            if source:
                copy_runtime(source, folder / RUNTIME)
            (folder / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {out.absolute()} ({error.strerror}); choose another folder") from error
    return source is not None


def _write_networks(bundle: Bundle, folder: Path) -> dict[str, Any]:
    networks = {}
    for name, model_bytes, coarse in _networks(bundle):
        data, tables = packed(folded(model_bytes, name), coarse=coarse)
        file = f"generator.{name}.onnx.gz"
        (folder / file).write_bytes(data)
        networks[name] = {"file": file, "tables": [asdict(table) for table in tables]}
    graph = onnx.load_model_from_string(bundle.model_bytes).graph
    inputs = {}
    for info in graph.input:
        tensor = info.type.tensor_type
        if tensor.elem_type not in TYPES:
            raise BundleError(f"generator.onnx: `{info.name}` is no float; export it again")
        inputs[info.name] = {"type": TYPES[tensor.elem_type], "shape": [dim.dim_value for dim in tensor.shape.dim]}
    return {
        "title": bundle.title,
        "size": [bundle.graph.height, bundle.graph.width],
        "rate": float(bundle.frame_rate),
        "inputs": inputs,
        "notes": [name for name in NOTES if name in inputs],
        "networks": networks,
    }


def _networks(bundle: Bundle) -> Iterator[tuple[str, bytes, bool]]:
    """Yield name, content and coarseness of a page's networks: for WASM, and for WebGPU, which knows no integers.

    Where 8 bits are enough, both are stored in 8 bits.
    """
    if bundle.has("int8"):
        yield "int8", bundle.in_precision("int8").model_bytes, True
        yield "w8", with_byte_weights(bundle.model_bytes), True
    else:
        yield "fp32", bundle.model_bytes, False


def _write_film(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """Write the tail, its poster and the last frames; return their names."""
    frames = bundle.film.frames
    if not len(frames):
        return {"tail": None, "poster": None, "last": []}
    tail = frames[-bundle.film.tail_length(TAIL_SECONDS, bundle.frame_rate) :]
    write_tail(folder / "tail.webm", tail, bundle.frame_rate)
    write_picture(folder / "poster.jpg", tail[0])
    last = [f"last-{number}.webp" for number in range(bundle.graph.context_frames)]
    for name, pixels in zip(last, frames[-len(last) :], strict=True):
        write_picture(folder / name, pixels)
    return {"tail": "tail.webm", "poster": "poster.jpg", "last": last}


def _check_replaceable(out: Path, *, overwrite: bool) -> None:
    """Check that `out` is free, or a page that may be replaced. Raises `OutputError`."""
    if not out.exists():
        return
    if not (out / FACTS).is_file() or not (out / "index.html").is_file():
        raise OutputError(f"{out} is no page and will not be replaced; give another folder")
    if not overwrite:
        raise OutputError(f"{out} exists already; give another folder, or --overwrite to replace it")
