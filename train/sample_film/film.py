"""Write the film to a file."""

from collections.abc import Callable
from pathlib import Path

import av

from live.paths import ffmpeg_path
from train.sample_film.shots import FRAME_COUNT, FRAME_RATE, render

TITLE = "Ninety Seconds After a Pile of Hats"
# "ultrafast", because with better presets x264 does not give the same bytes twice, even with one thread.
_ENCODING = {"crf": "10", "preset": "ultrafast", "threads": "1"}
_METADATA = {
    "title": TITLE,
    "comment": "A hatmaker, the wind, and a hill by the sea. Drawn in code by train/sample_film.",
}


def draw_film(
    path: Path,
    *,
    size: tuple[int, int] = (768, 432),
    frame_count: int = FRAME_COUNT,
    on_frame: Callable[[int, int], None] | None = None,
) -> None:
    """Draw the film and write it to a file (Matroska, H.264, full colour resolution).

    The file appears under its name only when it is complete.

    Args:
        path: file to write.
        size: (width, height), 16 to 9.
        frame_count: number of frames from the start of the film.
        on_frame: called as on_frame(done, total) after every frame.
    """
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        # The file has the same bytes everywhere: no random identifiers, and no encoding that depends on threads.
        with av.open(ffmpeg_path(unfinished), "w", format="matroska", options={"fflags": "+bitexact"}) as film:
            film.metadata.update(_METADATA)
            stream = film.add_stream("libx264", rate=FRAME_RATE, options=_ENCODING)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv444p"
            for index in range(frame_count):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(render(index, size), format="rgb24")))
                if on_frame is not None:
                    on_frame(index + 1, frame_count)
            film.mux(stream.encode())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
