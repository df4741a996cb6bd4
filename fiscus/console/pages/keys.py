"""The pages of organizations and keys: who may do what, since when, and how that is changed."""

from collections.abc import Sequence
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from fiscus.console import keys_facts, role_words
from fiscus.console.fields import FieldFault
from fiscus.console.keys_facts import ShownKey, TypedKey
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.model.faults import Conflict, Trouble
from fiscus.registry import bootstrap, keys, organizations, roles
from fiscus.registry.roles import Role, Scope
from fiscus.registry.views import KeyState

PATH = "/console/keys"

ROLES = {
    Role.OWNER: N_("owner: everything"),
    Role.MANAGER: N_("manager: registers, keys and settings of a unit, selling and auditing"),
    Role.TILL: N_("till: sell, close, read documents"),
    Role.AUDITOR: N_("auditor: read and export"),
    Role.CONNECTOR: N_("connector: carry export jobs into an accounting system"),
}


def own(visit: Visit) -> tuple[str, Role]:
    """The visitor's own organization, below which all is visible, and the role."""
    assert visit.session is not None, "strangers were asked to sign in"
    return visit.session.organization, visit.session.role


def chosen(visit: Visit) -> str:
    """The organization that is looked at."""
    return visit.query.get("organization") or visit.organization


def show(visit: Visit) -> Response:
    """An organization, those below it, and its keys."""
    return _shown(visit, chosen(visit), TypedKey(), ())


def _shown(
    visit: Visit, organization: str, said: TypedKey, faults: Sequence[FieldFault]
) -> Response:
    root, role = own(visit)
    query = visit.query
    with visit.reading() as tx:
        level = keys_facts.level(tx, root, organization, after=query.get("below", ""))
        found, more = keys_facts.keys_of(
            tx,
            visit.services.subjects,
            level.one.id,
            role,
            after=query.get("after", ""),
            at=visit.at,
        )
        tills = keys_facts.tills(tx, level.one.id) if level.is_unit else []
        switched_off = organizations.switched_off(tx, level.one.id)
    here = {"organization": level.one.id}
    return visit.render(
        "keys.html",
        status=422 if faults else 200,
        level=level,
        found=found,
        tills=tills,
        is_off_above=bool(switched_off) and switched_off != level.one.id,
        said=said,
        faults=faults,
        wrong={fault.field: fault for fault in reversed(faults)},
        roles=ROLES,
        role_names=role_words.ROLES,
        offered=keys_facts.roles_for(role),
        older=f"{PATH}?{urlencode({**here, 'after': more})}" if more else "",
        further=f"{PATH}?{urlencode({**here, 'below': level.more})}" if level.more else "",
    )


def create(visit: Visit, form: Form) -> Response:
    """A new key, whose secret is shown on the answer to this form and never again."""
    root, role = own(visit)
    said = keys_facts.typed(form)
    with visit.writing() as tx:
        unit = organizations.visible(tx, root, form.get("organization", ""))
        if unit.type != organizations.UNIT:
            raise Conflict(keys_facts.NOT_A_UNIT)
        tills = [view.register.id for view in keys_facts.tills(tx, unit.id)]
        is_taken = keys.is_taken(tx, unit.id, said.name)
        faults = keys_facts.faults_of(said, role, tills, is_taken=is_taken)
        if not faults:
            return _created(visit, tx, unit.id, said)
    return _shown(visit, unit.id, said, faults)


def _created(visit: Visit, tx: Connection, organization: str, said: TypedKey) -> Response:
    services = visit.services
    _, role = own(visit)
    wanted = Role(said.role)
    roles.expect_no_more(role, wanted)
    systems = keys.limits(tx, organization, wanted, said.registers)
    subject, secret = keys.create(
        tx,
        services.macs.credentials,
        keys.NewKey(organization=organization, name=said.name, role=wanted, systems=systems),
        id_=services.uuid4(),
        environment=services.settings.environment.value,
        entropy=services.entropy,
        by=visit.by,
        at=visit.at,
    )
    return _with_secret(visit, subject.id, subject.name, subject.key, secret)


def _with_secret(visit: Visit, id_: str, name: str, key: str, secret: str) -> Response:
    return visit.render(
        "secret.html",
        id=id_,
        name=name,
        key=key,
        secret=secret,
        word=keys.in_one_word(bootstrap.PLATFORM, key, secret),
    )


def switch_receipts(visit: Visit, form: Form) -> Response:
    """Whether receipts of an organization, and of all below it, have a page for customers."""
    root, _ = own(visit)
    if form.get("receipts") not in ("on", "off"):
        visit.missing()
    with visit.writing() as tx:
        one = organizations.visible(tx, root, form.get("organization", ""))
        organizations.switch_receipts(
            tx, one.id, is_on=form["receipts"] == "on", at=visit.at, by=visit.by
        )
    return visit.redirect(f"{PATH}?{urlencode({'organization': one.id})}")


def show_one(visit: Visit) -> Response:
    """One key, and what can be done with it."""
    return _one(visit, None)


def _one(visit: Visit, trouble: Trouble | None) -> Response:
    with visit.reading() as tx:
        found = _found(visit, tx)
        organization = organizations.read(tx, found.subject.organization)
    return visit.render(
        "key.html",
        status=409 if trouble else 200,
        found=found,
        organization=organization,
        roles=ROLES,
        graces=keys_facts.GRACES,
        trouble=trouble,
    )


def _found(visit: Visit, tx: Connection) -> ShownKey:
    root, role = own(visit)
    return keys_facts.one(tx, visit.services.subjects, root, visit.path["id"], role, visit.at)


def move(visit: Visit, form: Form) -> Response:
    """Stop a key, or let it open again."""
    _, role = own(visit)
    try:
        state = KeyState(form.get("state", ""))
    except ValueError:
        visit.missing()
    try:
        with visit.writing() as tx:
            subject = _found(visit, tx).subject
            keys_facts.move(tx, subject, state, own=role, by=visit.by, at=visit.at)
    except Conflict as trouble:
        return _one(visit, trouble)
    return visit.redirect(f"{PATH}/{subject.id}")


def rotate(visit: Visit, form: Form) -> Response:
    """Another secret, which is shown on the answer to this form and never again."""
    services = visit.services
    _, role = own(visit)
    if form.get("grace") not in keys_facts.GRACES:
        visit.missing()
    _, grace = keys_facts.GRACES[form["grace"]]
    try:
        with visit.writing() as tx:
            subject = _found(visit, tx).subject
            roles.expect_no_more(role, subject.role)
            made, secret = keys.rotate(
                tx,
                services.macs.credentials,
                subject.id,
                until=visit.at + grace,
                entropy=services.entropy,
                by=visit.by,
                at=visit.at,
            )
            keys_facts.expect_generation(made, form.get("generation", ""))
    except Conflict as trouble:
        return _one(visit, trouble)
    return _with_secret(visit, made.id, made.name, made.key, secret)


def show_persons(visit: Visit) -> Response:
    """The persons at the tills of an organization."""
    root, _ = own(visit)
    with visit.reading() as tx:
        one = organizations.visible(tx, root, chosen(visit))
        found, more = keys_facts.persons_of(tx, one.id, after=visit.query.get("after", ""))
    here = urlencode({"organization": one.id, "after": more})
    older = f"{PATH}/persons?{here}" if more else ""
    return visit.render("persons.html", one=one, found=found, roles=ROLES, older=older)


PAGES = (
    Page(
        name="keys",
        path=PATH,
        scope=Scope.KEYS,
        show=show,
        submit=create,
        tab=N_("Organizations and keys"),
    ),
    Page(
        name="receipts_switch",
        path=f"{PATH}/receipts",
        scope=Scope.REGISTRY,
        submit=switch_receipts,
    ),
    Page(name="persons", path=f"{PATH}/persons", scope=Scope.KEYS, show=show_persons),
    Page(name="key", path=f"{PATH}/{{id}}", scope=Scope.KEYS, show=show_one),
    Page(name="key_state", path=f"{PATH}/{{id}}/state", scope=Scope.KEYS, submit=move),
    Page(name="key_rotate", path=f"{PATH}/{{id}}/rotate", scope=Scope.KEYS, submit=rotate),
)
