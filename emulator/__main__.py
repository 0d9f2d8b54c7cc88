"""`python -m emulator` is `emulator`."""

from emulator.interfaces.cli import main

if __name__ == "__main__":
    main()
