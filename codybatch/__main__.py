"""``python -m codybatch``: the command line."""

from codybatch.cli.main import main

if __name__ == "__main__":
    main()
