"""Run as `python -m mobility`."""

from mobility.cli import main

if __name__ == "__main__":
    main(prog_name="mobility")
