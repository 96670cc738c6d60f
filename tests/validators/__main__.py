"""python3 tests/validators FOLDER… [--link URL] [--now SECONDS]: checks every output under the folders; exit code 1 where
anything is to be complained of. Installs what it uses under target/ci."""
import argparse
import sys
import time

import tools

tools.inside(sys.argv)
from validity import Validity  # noqa: E402: html5lib is only there in the environment

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", nargs="+")
parser.add_argument("--link", help="where the outputs are public")
parser.add_argument("--now", type=float, default=time.time(), help="when they were published")
options = parser.parse_args()
validity = Validity()
for folder in options.folder:
    validity.look(folder, options.now, options.link)
sys.exit(validity.finish() > 0)
