"""The files of ONNX Runtime Web that a page needs. They come from its npm package; nothing is fetched."""

import shutil
from pathlib import Path

from live.errors import OutputError, SettingsError

PACKAGE = "onnxruntime-web"
FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.jspi.min.mjs",
    "ort-wasm-simd-threaded.jspi.mjs",
    "ort-wasm-simd-threaded.jspi.wasm",
)
"""A browser loads the first three, or the others where it has WebGPU and lets WASM wait for it (JSPI)."""


def find_runtime(folder: Path) -> Path:
    """Return the folder of the files within an unpacked npm package.

    Raises:
        SettingsError: They are not there.
    """
    for inner in (folder, folder / "dist", folder / "package" / "dist", folder / "node_modules" / PACKAGE / "dist"):
        if all((inner / name).is_file() for name in FILES):
            return inner
    raise SettingsError(
        f"--runtime {folder} does not hold {FILES[0]} and its likes; give the folder of the npm package {PACKAGE}, "
        f"version 1.30 or later: npm pack {PACKAGE}, and unpack it"
    )


def copy_runtime(source: Path, target: Path) -> None:
    """Copy the files of `find_runtime` into a new folder.

    Raises:
        OutputError: They cannot be copied.
    """
    try:
        target.mkdir()
        for name in FILES:
            shutil.copyfile(source / name, target / name)
    except OSError as error:
        raise OutputError(f"cannot write {target} ({error.strerror}); choose another folder") from error
