"""The cache of TensorRT's engines. TensorRT itself is not needed for it."""

from pathlib import Path

import pytest

from live.inference import tensorrt


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tensorrt.cache_folder()


def test_an_engine_is_kept_for_the_next_show(cache: Path) -> None:
    found = []

    def build(options: dict[str, str]) -> str:
        folder = Path(options["trt_engine_cache_path"])
        found.append([each.name for each in folder.iterdir()])
        (folder / "engine").write_text("whole")
        return "session"

    for _ in range(2):
        assert tensorrt.open_session(b"network", open_with=build) == "session"
    assert found == [[], ["engine"]]
    assert len([*cache.iterdir()]) == 1
    tensorrt.open_session(b"another", open_with=build)
    assert len([*cache.iterdir()]) == 2, "each network has its own"


def test_a_broken_engine_is_deleted_and_built_again(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def build(options: dict[str, str]) -> str:
        engine = Path(options["trt_engine_cache_path"]) / "engine"
        if engine.exists() and engine.read_text() != "whole":
            raise RuntimeError("could not deserialize engine")
        engine.write_text("whole")
        return "session"

    tensorrt.open_session(b"network", open_with=build)
    (folder,) = cache.iterdir()
    (folder / "engine").write_text("half of it")
    assert tensorrt.open_session(b"network", open_with=build) == "session"
    assert (folder / "engine").read_text() == "whole"
    assert "was broken; it is built again" in capsys.readouterr().out


def test_another_failure_deletes_no_engine(cache: Path) -> None:
    def fail(options: dict[str, str]) -> str:
        raise RuntimeError("out of memory")

    folder = cache / tensorrt.key(b"network")
    folder.mkdir(parents=True)
    (folder / "engine").write_text("whole")
    with pytest.raises(RuntimeError, match="out of memory"):
        tensorrt.open_session(b"network", open_with=fail)
    assert (folder / "engine").read_text() == "whole"
