"""Play a film's last seconds, and then what a network that has seen nothing else goes on dreaming."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the show, or its supervisor, and end the process."""
    # The show's own processes import this file too; they need nothing of the rest.
    from live.process.ending import run_to_the_end

    if "--supervise" in sys.argv and "--doctor" not in sys.argv:
        # The supervisor loads no library.
        from live.supervision.supervisor import main as supervise

        run_to_the_end(supervise)
    run_to_the_end(_play)


def _play() -> int:
    # A machine short of memory cannot load it.
    from live.app import main as play

    return play()


if __name__ == "__main__":
    main()
