"""Small real bundles for the tests: networks of known arithmetic, and films of which no two frames are alike."""

import json
from pathlib import Path

import av
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

HEIGHT, WIDTH, K = 48, 64, 2
RATE = 12
FILM_FRAMES = 60
SHOT_STARTS = [0, 20, 45]

METADATA = {
    "format_version": "1",
    "title": "A Test",
    "rights": "none",
    "frame_rate": str(RATE),
    "stride": "2",
    "context_frames": str(K),
    "camera_use": "none",
    "seed_shot_starts": json.dumps(SHOT_STARTS),
}

PUSH, MIX, NOISE_GAIN = 3, 0.9, 0.1
VISITS, LIGHT = 3, 0.02
MOVEMENT = (1, 2, 3, 4)  # shape


def next_state(
    context: NDArray[np.float32],
    noise: NDArray[np.float32],
    temperature: float,
    camera: NDArray[np.uint8] | None = None,
    camera_mix: float = 0.0,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return (frame, next_context) of the test network, computed in numpy.

    The newest frame moves to the right by PUSH pixels, is mixed with the one before it and gets some noise. Then it is
    mixed with the camera's negative.
    """
    older, newest = context[:, -6:-3], context[:, -3:]
    pushed = np.roll(newest, PUSH, axis=3)
    new = np.float32(MIX) * pushed + np.float32(1 - MIX) * older
    new = new + np.float32(NOISE_GAIN) * np.float32(temperature) * noise
    if camera is not None:
        negative = 1 - camera.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(127.5)
        new = new + np.float32(camera_mix) * (negative - new)
    new = np.clip(new, -1, 1).astype(np.float32)
    frame = np.rint((new[0].transpose(1, 2, 0) + 1) * np.float32(127.5)).astype(np.uint8)
    return frame, np.concatenate([context[:, 3:], new], axis=1)


def same_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Return True if two pictures are equal but for rounding: the order of the additions is ONNX Runtime's own."""
    difference = np.abs(one.astype(int) - other)
    return bool(difference.max() <= 1 and difference.mean() < 0.01)


def to_context(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the context of frames, uint8 [K, H, W, 3] → float32 [1, 3K, H, W], −1…1, in another way than the stage."""
    planes = [frame[:, :, channel] for frame in frames for channel in range(3)]
    return (np.stack(planes)[None].astype(np.float32) / np.float32(127.5)) - np.float32(1)


def make_model(
    *,
    height: int = HEIGHT,
    width: int = WIDTH,
    camera: bool = False,
    metadata: dict[str, str] | None = None,
) -> onnx.ModelProto:
    """Return the network of `next_state` as a graph that keeps the contract."""
    state = [1, 3 * K, height, width]

    def ints(name: str, *values: int) -> TensorProto:
        return numpy_helper.from_array(np.array(values, np.int64), name)

    def number(name: str, value: float) -> TensorProto:
        return numpy_helper.from_array(np.array(value, np.float32), name)

    constants = [
        *(ints(*item) for item in [("c", 1), ("w", 3), ("zero", 0), ("end", 2**31), ("three", 3)]),
        *(ints(*item) for item in [("minus3", -3), ("minus6", -6), ("minus_push", -PUSH)]),
        *(number(*item) for item in [("mix", MIX), ("rest", 1 - MIX), ("gain", NOISE_GAIN)]),
        *(number(*item) for item in [("low", -1.0), ("high", 1.0), ("one", 1.0), ("half", 127.5)]),
    ]
    node = helper.make_node
    nodes = [
        node("Slice", ["context", "minus6", "minus3", "c"], ["older"]),
        node("Slice", ["context", "minus3", "end", "c"], ["newest"]),
        node("Slice", ["newest", "minus_push", "end", "w"], ["right"]),
        node("Slice", ["newest", "zero", "minus_push", "w"], ["left"]),
        node("Concat", ["right", "left"], ["pushed"], axis=3),
        node("Mul", ["pushed", "mix"], ["mixed"]),
        node("Mul", ["older", "rest"], ["rested"]),
        node("Add", ["mixed", "rested"], ["blended"]),
        node("Mul", ["gain", "temperature"], ["level"]),
        node("Mul", ["level", "noise"], ["disturbance"]),
        node("Add", ["blended", "disturbance"], ["open"]),
        node("Clip", ["open", "low", "high"], ["new"]),
        node("Slice", ["context", "three", "end", "c"], ["kept"]),
        node("Concat", ["kept", "new"], ["next_context"], axis=1),
        node("Squeeze", ["new", "zero"], ["planes"]),
        node("Transpose", ["planes"], ["picture"], perm=[1, 2, 0]),
        node("Add", ["picture", "one"], ["positive"]),
        node("Mul", ["positive", "half"], ["scaled"]),
        node("Round", ["scaled"], ["rounded"]),
        node("Cast", ["rounded"], ["frame"], to=TensorProto.UINT8),
    ]
    value = helper.make_tensor_value_info
    inputs = [
        value("context", TensorProto.FLOAT, state),
        value("noise", TensorProto.FLOAT, [1, 1, height, width]),
        value("temperature", TensorProto.FLOAT, [1]),
    ]
    if camera:
        following = [
            node("Sub", ["negative", "open"], ["difference"]),
            node("Mul", ["difference", "camera_mix"], ["pull"]),
            node("Add", ["open", "pull"], ["followed"]),
            node("Clip", ["followed", "low", "high"], ["new"]),
        ]
        clip = next(place for place, each in enumerate(nodes) if each.op_type == "Clip")
        nodes[clip : clip + 1] = [*negative(), *following]
        inputs += [
            value("camera", TensorProto.UINT8, [height, width, 3]),
            value("camera_mix", TensorProto.FLOAT, [1]),
        ]
    outputs = [
        value("frame", TensorProto.UINT8, [height, width, 3]),
        value("next_context", TensorProto.FLOAT, state),
    ]
    graph = helper.make_graph(nodes, "test", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, METADATA if metadata is None else metadata)
    return model


def negative() -> list[onnx.NodeProto]:
    """Return nodes that make `negative`, float32 [1, 3, H, W], −1…1, of `camera`."""
    node = helper.make_node
    return [
        node("Cast", ["camera"], ["seen"], to=TensorProto.FLOAT),
        node("Transpose", ["seen"], ["seen_planes"], perm=[2, 0, 1]),
        node("Unsqueeze", ["seen_planes", "zero"], ["seen_batch"]),
        node("Div", ["seen_batch", "half"], ["seen_scaled"]),
        node("Sub", ["one", "seen_scaled"], ["negative"]),
    ]


def make_half_model() -> onnx.ModelProto:
    """Return the test network with a state of half floats."""
    model = make_model()
    for put in (*model.graph.input, *model.graph.output):
        if put.name in ("context", "next_context"):
            put.type.tensor_type.elem_type = TensorProto.FLOAT16
    for node in model.graph.node:
        node.input[:] = ["whole" if name == "context" else name for name in node.input]
        node.output[:] = ["whole_next" if name == "next_context" else name for name in node.output]
    model.graph.node.insert(0, helper.make_node("Cast", ["context"], ["whole"], to=TensorProto.FLOAT))
    model.graph.node.append(helper.make_node("Cast", ["whole_next"], ["next_context"], to=TensorProto.FLOAT16))
    return model


def make_visits_model(metadata: dict[str, str] | None = None) -> onnx.ModelProto:
    """Return the test network with notes: visits, which count its steps, and movement, which does the same.

    Each step that the visits count makes the following frames lighter by LIGHT.
    """
    model = make_model(metadata=metadata)
    for note, shape in (("visits", [1, VISITS]), ("movement", [*MOVEMENT])):
        for name, values in ((note, model.graph.input), (f"next_{note}", model.graph.output)):
            values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    model.graph.initializer.append(numpy_helper.from_array(np.array(LIGHT, np.float32), "light"))
    clip = next(place for place, each in enumerate(model.graph.node) if each.op_type == "Clip")
    model.graph.node[clip].input[0] = "lit"
    for made in (
        helper.make_node("Slice", ["visits", "zero", "c", "c"], ["count"]),
        helper.make_node("Mul", ["count", "light"], ["lightening"]),
        helper.make_node("Add", ["open", "lightening"], ["lit"]),
        helper.make_node("Add", ["visits", "one"], ["next_visits"]),
        helper.make_node("Add", ["movement", "one"], ["next_movement"]),
    ):
        model.graph.node.insert(clip, made)
        clip += 1
    return model


def make_pairs_model() -> onnx.ModelProto:
    """Return a network without memory: its frame is the camera's negative."""
    model = make_model(metadata=METADATA | {"context_frames": "0", "camera_use": "pairs", "seed_shot_starts": "[]"})
    picture = helper.make_tensor_value_info("camera", TensorProto.UINT8, [HEIGHT, WIDTH, 3])
    nodes = list(model.graph.node)
    kept = nodes[next(place for place, each in enumerate(nodes) if each.op_type == "Squeeze") :]
    kept[0].input[0] = "negative"
    for field, values in (
        (model.graph.node, [*negative(), *kept]),
        (model.graph.input, [picture]),
        (model.graph.output, [model.graph.output[0]]),
    ):
        del field[:]
        field.extend(values)
    return model


def write_pairs_bundle(folder: Path) -> Path:
    """Write a whole bundle without memory, and so without a film, and return its folder."""
    folder.mkdir(parents=True)
    onnx.save(make_pairs_model(), folder / "generator.onnx")
    return folder


def make_film(count: int = FILM_FRAMES, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """Return a film uint8 [count, height, width, 3]: no two frames and no two quarters of the picture are alike."""
    y, x = np.mgrid[:height, :width]
    frames = []
    for index in range(count):
        picture = np.stack([x * 3 + index * 4, y * 4, (x + y) * 2 + index * 2], axis=2) % 256
        picture[: height // 4, : width // 4] = (index * 4) % 256
        frames.append(picture.astype(np.uint8))
    return np.stack(frames)


def write_film(path: Path, *tracks: NDArray[np.uint8], rate: int = RATE) -> None:
    """Write a film, FFV1 in Matroska. One track alone is what exports of version 0.1.0 wrote."""
    with av.open(path, "w") as container:
        streams = []
        for frames in tracks:
            stream = container.add_stream("ffv1", rate=rate)
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "bgr0"
            streams.append(stream)
        for stream, frames in zip(streams, tracks, strict=True):
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="bgr0")))
            container.mux(stream.encode(None))


def write_bundle(
    folder: Path,
    model: onnx.ModelProto | None = None,
    film: NDArray[np.uint8] | None = None,
    **others: onnx.ModelProto | bytes,
) -> Path:
    """Write a whole bundle and return its folder; `others` are its networks by precision, such as fp16."""
    folder.mkdir(parents=True)
    onnx.save(model or make_model(), folder / "generator.onnx")
    write_film(folder / "seed.mkv", make_film() if film is None else film)
    for precision, other in others.items():
        data = other if isinstance(other, bytes) else other.SerializeToString()
        (folder / f"generator.{precision}.onnx").write_bytes(data)
    return folder


def read_film(path: Path) -> list[NDArray[np.uint8]]:
    """Return every frame of a video file, uint8 [H, W, 3] RGB. As in a player, a truncated last frame is no error."""
    frames = []
    with av.open(path) as container:
        packets = list(container.demux(video=0))
        for number, packet in enumerate(packets):
            try:
                frames += [frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False) for frame in packet.decode()]
            except av.InvalidDataError:
                # The very last one is empty: it flushes the decoder.
                if number < len(packets) - 2:
                    raise
    return frames
