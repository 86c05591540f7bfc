import numpy as np
import pytest
from numpy.typing import NDArray

from live.frame import Frame


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 6, 3), np.float32), np.zeros((4, 6), np.uint8), np.zeros((4, 6, 4), np.uint8)],
)
def test_an_array_that_is_no_picture_is_refused_with_its_shape(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=rf"{pixels.dtype} \[4, 6"):
        Frame(pixels, 0, 0.0)
