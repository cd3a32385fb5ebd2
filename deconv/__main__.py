"""Run the program as `python -m deconv`."""

import sys

from deconv.main import main

if __name__ == "__main__":
    sys.exit(main(program="python -m deconv"))
