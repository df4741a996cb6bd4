"""The verifier as a program: `python -m fiscus.journal.verify FILE`."""

import sys

from fiscus.journal.verify.command import main

sys.exit(main())
