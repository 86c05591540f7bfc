"""Play a film's last seconds, and then what a network that has seen nothing else goes on dreaming."""

if __name__ == "__main__":
    # Here, because the process of a webcam loads this file, too, and needs none of it.
    from live.app import main

    raise SystemExit(main())
