"""Play a film's last seconds, and then what a network that has seen nothing else goes on dreaming."""

if __name__ == "__main__":
    # The show's own processes import this file too; they need nothing of the rest.
    from live.app import main
    from live.process.ending import run_to_the_end

    run_to_the_end(main)
