"""What the process has loaded that commands of tests are forks of: everything that a command would
load or find out before it does its work, so that it is not done anew for each of hundreds. That a
command does it itself is told by those that start `anew`.
"""

from importlib import import_module

from fiscus import channels, formats, regimes, signers
from fiscus.api import families
from fiscus.cli import LISTED
from fiscus.store import migrate

for one in LISTED:
    import_module(one.module)

# How the command line reads, explains itself and prints.
for name in ("typer._adapters", "typer.rich_utils", "rich.markdown", "rich._emoji_codes"):
    import_module(name)

for installed in (
    channels.installed,
    families.installed,
    formats.installed,
    regimes.installed,
    signers.devices,
    signers.installed,
    migrate.newest,
):
    installed()
