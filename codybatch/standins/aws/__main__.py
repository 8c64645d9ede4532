"""Makes the environment of the stand-in: ``python -m codybatch.standins.aws FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from codybatch.standins.aws.environment import EnvironmentNotMade, ensure

if __name__ == "__main__":
    try:
        ensure(Path(sys.argv[1]))
    except EnvironmentNotMade as error:
        sys.exit(str(error))
