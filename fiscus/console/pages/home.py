"""Where a visitor begins, and which unit's documents are looked at."""

from starlette.responses import Response

from fiscus.console.pages.welcome import own_path
from fiscus.console.visit import Form, Page, Visit
from fiscus.registry import organizations
from fiscus.registry.roles import Scope

PER_PAGE = 50


def show_units(visit: Visit) -> Response:
    """The organizations directly below one that the visitor may see, the oldest first."""
    assert visit.session is not None, "strangers were asked to sign in"
    own = visit.session.organization
    with visit.reading() as tx:
        above = organizations.visible(tx, own, visit.query.get("below", own))
        after = visit.query.get("after", "")
        found = organizations.below(tx, above.id, after=after, limit=PER_PAGE + 1)
        outer = organizations.read(tx, above.parent) if above.id != own else None
    more = organizations.cursor(found[PER_PAGE - 1]) if len(found) > PER_PAGE else ""
    return visit.render("units.html", above=above, outer=outer, found=found[:PER_PAGE], more=more)


def choose_unit(visit: Visit, form: Form) -> Response:
    """Look at another organization below the own one."""
    assert visit.session is not None, "strangers were asked to sign in"
    with visit.reading() as tx:
        wanted = form.get("organization", "")
        found = organizations.visible(tx, visit.session.organization, wanted)
    return visit.looking_at(found.id, own_path(form.get("back", ""), "/console"))


PAGES = (
    Page(name="units", path="/console/units", scope=Scope.OWN, show=show_units, submit=choose_unit),
)
