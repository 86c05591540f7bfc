"""`python -m live.web`: write a page that plays a bundle in any browser."""

import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError

from live.console import accept_any_text, report, say
from live.errors import SettingsError, ShowError
from live.option_types import Flag
from live.web.folder import RUNTIME, write_page
from live.web.runtime import FILES, PACKAGE

USER_ERROR_EXIT_CODE = 2
EXAMPLE = f"""\
Example, the shipped model, with the runtime from npm:
  npm pack {PACKAGE} && tar xzf {PACKAGE}-*.tgz
  python -m live.web models/hats page --runtime package
  python -m live.web.serve page
"""

app = App(
    name="python -m live.web",
    help="Write a folder of static files that any browser plays.",
    help_format="plaintext",
    help_epilogue=EXAMPLE,
    version_flags=(),
    result_action="return_value",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a page with command line arguments, by default those of the process.

    Returns:
        The exit code: 0, or 2 after an error that the user can fix.
    """
    accept_any_text()
    try:
        app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        report(SettingsError(f"{' '.join(str(error).split()).rstrip('.')}; see --help"))
        return USER_ERROR_EXIT_CODE
    except ShowError as error:
        report(error)
        return USER_ERROR_EXIT_CODE
    return 0


@app.default
def web(bundle: Path, folder: Path, /, *, runtime: Path | None = None, overwrite: Flag = False) -> None:
    """Write the page of a bundle.

    Parameters
    ----------
    bundle:
        Bundle: a folder that `python -m train export` wrote.
    folder:
        Folder to write.
    runtime:
        Unpacked npm package onnxruntime-web, which computes the network. Its files are copied.
    overwrite:
        Replace a page that exists.
    """
    complete = write_page(bundle, folder, runtime, overwrite=overwrite)
    say(f"page: {folder}")
    if not complete:
        say(f"put {', '.join(FILES)} of the npm package {PACKAGE} into {folder / RUNTIME}, or give --runtime")
    say(f"next: python -m live.web.serve {folder}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
