"""Where commands find the premises that a test has opened, and on which day it sold there."""

from tests.support.premises import MONDAY, Premises

DAY = MONDAY.date().isoformat()
PERIOD = ("--from", DAY, "--to", DAY)


def place_of(premises: Premises) -> dict[str, str]:
    """Where the command line finds the same installation."""
    url = premises.services.engine.url.render_as_string(hide_password=False)
    settings = premises.services.settings
    return {
        "data_dir": str(settings.data_dir),
        "state_dir": str(settings.state_dir),
        "database_url": url,
    }
