"""`python -m tests.docs docs`: write every page that is made from code."""

import sys
from pathlib import Path

from tests.docs.pages import write

if __name__ == "__main__":
    write(Path(sys.argv[1]))
