import pytest

from live.outputs.virtual_camera_messages import advice, first_sentences


@pytest.mark.parametrize(
    ("system", "remedy"), [("linux", "modprobe"), ("win32", "install OBS"), ("darwin", "install OBS 30")]
)
def test_the_advice_is_for_the_system(system: str, remedy: str) -> None:
    assert remedy in advice("Device x does not exist", system)


def test_a_message_keeps_the_first_sentence_of_each_backend() -> None:
    message = (
        "'obs' backend: OBS Virtual Camera device not found! Did you install OBS?\n"
        "'unitycapture' backend: No camera registered. Did you install any camera?"
    )
    expected = "OBS Virtual Camera device not found, No camera registered"
    assert first_sentences(message) == expected
