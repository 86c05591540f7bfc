"""All kinds of faults, in the order of the report."""

from tests.campaign.faults import display, endings, files, inputs, outputs, process, waiting
from tests.campaign.runner import Fault

FAULTS: tuple[Fault, ...] = (
    *process.FAULTS,
    *files.FAULTS,
    *display.FAULTS,
    *inputs.FAULTS,
    *outputs.FAULTS,
    *waiting.FAULTS,
    *endings.FAULTS,
)
