"""An address of each page, written by hand: who looks at it, and with which things in it."""

from dataclasses import dataclass

from fiscus.registry.roles import Role
from tests.browser.shops import Shops, Tenant

STRANGER, OPERATOR = "stranger", "operator"

TABLE = """
welcome       stranger  /
welcome       manager   /
sign-in       stranger  /console/sign-in
sign-in       stranger  /console/sign-in?back=%2Fconsole%2Funits
units         owner     /console/units
today         manager   /console/today
today         manager   /console/today?day=2026-01-01
documents     manager   /console/documents
documents     manager   /console/documents?text=nothing-of-this-name
document      manager   /console/documents/{receipt}
document      manager   /console/documents/{newest}
document      manager   /console/documents/{correction}
document      manager   /console/documents/{cancellation}
explain       manager   /console/documents/{receipt}/explain
explain       manager   /console/documents/{correction}/explain
exports       manager   /console/exports
export        manager   /console/exports/{export}
jobs          owner     /console/jobs
job           owner     /console/jobs/{job}
books         manager   /console/books
booked        owner     /console/books/documents/{receipt}
sent          manager   /console/requests?q={receipt}
registers     manager   /console/registers
series        manager   /console/registers/series
reports       manager   /console/registers/reports
register      manager   /console/registers/{register}
exchange      manager   /console/registers/{register}/exchange
decommission  manager   /console/registers/{register}/decommission
close-day     manager   /console/registers/{register}/close
series-end    manager   /console/registers/series/{series}/end
board         manager   /console/board
board         owner     /console/board?of=all
proof         manager   /console/proof
proof         operator  /console/proof
sent          manager   /console/requests
sent          manager   /console/requests?q=nothing
sent_open     manager   /console/requests/open
keys          manager   /console/keys
keys          operator  /console/keys
persons       manager   /console/keys/persons
key           manager   /console/keys/{subject}
sessions      manager   /console/sessions
check         stranger  /check
check         manager   /check
receipt       stranger  /r/{token}
"""
"""Page, who looks, address. What stands in braces is a thing of the shop (`things`)."""

_NO_PAGES = """
documents-live documents-file document-proof document-print export_progress export_file
export_signature job_act job_progress job_file z-report notification receipt-file receipt-proof
verification consistency policy root-key log-key check-one check-state link
"""
"""What answers with a file, with a part of a page, or is looked at elsewhere."""

TROUBLES = """
404  manager    /console/nowhere
404  stranger   /console/nowhere
404  manager    /console/units?below=nobody
404  stranger   /r/aaaaaaaaaaaaaaaaaaaaaaaaaa
422  manager    /console/documents?first=2026-05-05&last=2026-05-04&amount=x
403  till       /console/exports
403  stranger   /console/link/nobody.has-it
405  manager    /console/sign-out
"""
"""Status, who looks, address: what a page says that cannot be shown."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """A page as one visitor looks at it. `path` has names of things in braces; `status` is what
    the answer must have."""

    page: str
    visitor: str
    path: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.visitor} {self.path}"

    def of(self, shops: Shops, tenant: Tenant) -> str:
        return self.path.format(**things(shops, tenant))

    def key(self, shops: Shops, tenant: Tenant) -> str:
        own = {STRANGER: "", OPERATOR: shops.owner}
        return own[self.visitor] if self.visitor in own else tenant.key(Role(self.visitor))


def things(shops: Shops, tenant: Tenant) -> dict[str, str]:
    """Ids of what a shop has, by the names in the table."""
    return {"key": str(tenant.subjects[Role.TILL]["id"]), **tenant.things}


def _rows(table: str) -> list[list[str]]:
    return [row.split() for row in table.strip().splitlines()]


NO_PAGES = set(_NO_PAGES.split())
ADDRESSES = [Address(page=name, visitor=who, path=path) for name, who, path in _rows(TABLE)]
TROUBLED = [
    Address(page="", visitor=who, path=path, status=int(status))
    for status, who, path in _rows(TROUBLES)
]
