"""Play a film's last seconds, and then what a network that has seen nothing else goes on dreaming."""

from live.app import main

if __name__ == "__main__":
    raise SystemExit(main())
