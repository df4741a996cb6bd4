"""What stands at `/`: what this is, whether it works, and where to go on."""

from starlette.responses import Response

from fiscus import __version__
from fiscus.console import languages, requests
from fiscus.console.visit import Form, Page, Visit


def show(visit: Visit) -> Response:
    return visit.render("welcome.html", version=__version__)


def choose_language(visit: Visit, form: Form) -> Response:
    """This browser gets pages in that language from now on; the page it was on is shown again."""
    answer = visit.redirect(own_path(form.get("back", "")))
    wanted = form.get("language", "")
    if wanted in languages.LANGUAGES:
        requests.keep(
            answer,
            visit.services,
            visit.request,
            requests.LANGUAGE,
            wanted,
            requests.YEAR_SECONDS,
        )
    return answer


def own_path(said: str, otherwise: str = "/") -> str:
    """The path of one of our pages, whatever a form says: never another site's address."""
    is_ours = said.startswith("/") and not said.startswith(("//", "/\\"))
    return said if is_ours and said.isprintable() and "\\" not in said else otherwise


PAGES = (
    Page(name="welcome", path="/", scope=None, show=show),
    Page(name="language", path="/console/language", scope=None, submit=choose_language),
)
