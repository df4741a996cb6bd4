"""Merchants: a unit of its own below the key's organization, and the taxpayer it stands for."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.reporting import ids, translate_registry
from fiscus.api.families.reporting.access import visible
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import OTHER_REALM
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.wire.countries import regime_of
from fiscus.api.families.reporting.wire.lists import ListQuery
from fiscus.api.families.reporting.wire.merchants import (
    Merchant,
    MerchantCreate,
    Merchants,
    MerchantUpdate,
)
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.issuing import periods
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.places import Taxpayer
from fiscus.registry import locations, organizations, taxpayers
from fiscus.registry.roles import Scope
from fiscus.registry.taxpayers import TaxpayerChange
from fiscus.registry.views import LifecycleState, OperatingMode, TaxpayerView
from fiscus.services import Services

NO_LAW = Code("REPORTING-MERCHANT-01", "no law is installed for this country")
UNKNOWN = Code("REPORTING-MERCHANT-02", "no merchant with this id is visible to you")
OTHER_COUNTRY = Code("REPORTING-MERCHANT-03", "the country of a merchant does not change")
INACTIVE = Code("REPORTING-MERCHANT-04", "this merchant is inactive for good")
KEY_OF_MERCHANT = Code(
    "REPORTING-MERCHANT-05", "a merchant's own API key makes no further merchants"
)
NOT_IN_LIVE = Code("REPORTING-MERCHANT-06", "this country is served in the test environment only")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_LAW.id: (422, "validation_error"),
    NOT_IN_LIVE.id: (422, "validation_error"),
    UNKNOWN.id: (404, "not_found"),
    OTHER_COUNTRY.id: (422, "validation_error"),
    INACTIVE.id: (409, "operation_invalid_state"),
    KEY_OF_MERCHANT.id: (403, "forbidden"),
}


def create(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """Below the key's organization; in service at once if the law has nothing against it."""
    wanted: MerchantCreate = call.body
    if organizations.read(tx, call.caller.organization).type == organizations.UNIT:
        raise Conflict(KEY_OF_MERCHANT)
    regime = _regime(services, call, wanted.country_code)
    unit = organizations.create(
        tx,
        id_=services.uuid4(),
        parent=call.caller.organization,
        type_=organizations.UNIT,
        name=wanted.legal_name,
        metadata={},
        at=call.at,
        by=call.caller.subject,
    )
    content = Taxpayer(
        id=services.uuid7(),
        version=1,
        organization=unit.id,
        regime=regime,
        legal_name=wanted.legal_name,
        address=translate_registry.address(wanted.address),
        facts=translate_registry.facts(wanted.fiscal_identities, regime),
    )
    details = translate_registry.merchant_details({}, wanted.legal_name, wanted.address)
    made = taxpayers.create(
        tx,
        services.vault,
        taxpayer=content,
        details=details,
        secrets={},
        metadata={},
        subject=call.caller.subject,
        at=call.at,
        sole_number=regimes.sole_number(regime, content.facts),
    )
    if is_lawful(services, content):
        made = moved(services, tx, call, made, TaxpayerChange(state=LifecycleState.COMMISSIONED))
    return ReportingAnswer(201, translate_registry.merchant(made))


def _regime(services: Services, call: ReportingCall, country: str) -> str:
    code = regime_of(country)
    if call.regime and code != call.regime:
        raise Missing(OTHER_REALM)
    regime = regimes.installed().get(code)
    if regime is None:
        raise Refused(NO_LAW, "country_code")
    if regime.is_test_only and services.settings.is_live:
        raise Refused(NOT_IN_LIVE, "country_code")
    return code


def is_lawful(services: Services, taxpayer: Taxpayer) -> bool:
    """Whether the law knows all of a taxpayer that it wants to know."""
    regime = regimes.find(taxpayer.regime)
    return not any(regime.identity(taxpayer.facts, services.settings.is_live))


def moved(
    services: Services,
    tx: Connection,
    call: ReportingCall,
    now: TaxpayerView,
    change: TaxpayerChange,
) -> TaxpayerView:
    frozen = regimes.find(now.taxpayer.regime).frozen_facts
    return taxpayers.update(
        tx,
        services.vault,
        now,
        change,
        frozen_facts=frozen,
        subject=call.caller.subject,
        at=call.at,
    )


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    found = taxpayers.below(
        tx,
        call.caller.organization,
        regime=call.regime,
        after=after(call),
        limit=call.query.limit + 1,
    )
    return ReportingAnswer(
        200, page(call, [(one.taxpayer.id, translate_registry.merchant(one)) for one in found])
    )


def read(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    return ReportingAnswer(200, translate_registry.merchant(_merchant(tx, call)))


def _merchant(tx: Connection, call: ReportingCall) -> TaxpayerView:
    """The merchant of the path; one of another country than the key's is none of its business."""
    try:
        found = visible(tx, call.caller, ids.read("merchant", call.path["merchant_id"]))
    except Missing:
        raise Missing(UNKNOWN) from None
    if call.regime and found.taxpayer.regime != call.regime:
        raise Missing(OTHER_REALM)
    return found


def update(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """The last writer wins: what is in service rests for the moment of the change."""
    now, wanted = _merchant(tx, call), call.body
    owner = now.taxpayer
    if now.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(INACTIVE)
    if wanted.country_code and regime_of(wanted.country_code) != owner.regime:
        raise Refused(OTHER_COUNTRY, "country_code")
    content = msgspec.structs.replace(
        owner,
        legal_name=wanted.legal_name or owner.legal_name,
        address=translate_registry.address(wanted.address) if wanted.address else owner.address,
        facts=_facts(owner, wanted),
    )
    details = translate_registry.merchant_details(now.details, wanted.legal_name, wanted.address)
    was = now.mode
    if was is OperatingMode.OPERATIVE:
        now = moved(services, tx, call, now, TaxpayerChange(mode=OperatingMode.SUSPENDED))
    back = OperatingMode.OPERATIVE if was is OperatingMode.OPERATIVE else None
    change = TaxpayerChange(
        content=content,
        details=details,
        mode=back,
        sole_number=regimes.sole_number(content.regime, content.facts),
    )
    now = moved(services, tx, call, now, change)
    if now.state is LifecycleState.ACQUIRED and is_lawful(services, content):
        now = moved(services, tx, call, now, TaxpayerChange(state=LifecycleState.COMMISSIONED))
    later = periods.running(tx, taxpayer=owner.id) if content != owner else []
    return ReportingAnswer(
        200, translate_registry.merchant(now) | translate_registry.effective(later)
    )


def _facts(owner: Taxpayer, wanted: MerchantUpdate) -> dict[str, str]:
    """Facts that another family has noted stay."""
    if wanted.fiscal_identities is None:
        return dict(owner.facts)
    others = {
        name: value
        for name, value in owner.facts.items()
        if not translate_registry.is_ours(name, owner.regime)
    }
    return others | translate_registry.facts(wanted.fiscal_identities, owner.regime)


def delete(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """Out of service for good, with its locations. Raises `Conflict` while a register is not."""
    now = _merchant(tx, call)
    if now.state is LifecycleState.ACQUIRED:
        # There is no way past service; nothing was sold on it.
        now = moved(services, tx, call, now, TaxpayerChange(state=LifecycleState.COMMISSIONED))
    if now.state is LifecycleState.COMMISSIONED:
        _close_locations(tx, call, now)
        now = moved(services, tx, call, now, TaxpayerChange(state=LifecycleState.DECOMMISSIONED))
    return ReportingAnswer(200, translate_registry.merchant(now))


def _close_locations(tx: Connection, call: ReportingCall, owner: TaxpayerView) -> None:
    place = ""
    organization = owner.taxpayer.organization
    while found := locations.of(
        tx, organization, taxpayer=owner.taxpayer.id, after=place, limit=100
    ):
        for one in found:
            place = one.location.id
            if one.state is LifecycleState.COMMISSIONED and not one.is_head_office:
                change = locations.LocationChange(state=LifecycleState.DECOMMISSIONED)
                locations.update(
                    tx, organization, one, change, subject=call.caller.subject, at=call.at
                )


_CHANGES = (200, 404, 409, 422)

ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createMerchant",
            method="POST",
            path="/v1/merchants",
            summary="Create a merchant",
            statuses=(201, 409, 422),
            request=MerchantCreate,
            answer=Merchant,
            needs_merchant=False,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.ORGANIZATIONS,
        ),
        WriteOperation(create),
    ),
    (
        ReportingOperation(
            id="listMerchants",
            method="GET",
            path="/v1/merchants",
            summary="List merchants",
            statuses=(200,),
            query=ListQuery,
            answer=Merchants,
            needs_merchant=False,
            scope=Scope.PLACES,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveMerchant",
            method="GET",
            path="/v1/merchants/{merchant_id}",
            summary="Retrieve a merchant",
            statuses=(200, 404),
            answer=Merchant,
            needs_merchant=False,
            scope=Scope.PLACES,
        ),
        ReadOperation(read),
    ),
    (
        ReportingOperation(
            id="updateMerchant",
            method="PATCH",
            path="/v1/merchants/{merchant_id}",
            summary="Update a merchant",
            statuses=_CHANGES,
            request=MerchantUpdate,
            answer=Merchant,
            needs_merchant=False,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(update),
    ),
    (
        ReportingOperation(
            id="deleteMerchant",
            method="DELETE",
            path="/v1/merchants/{merchant_id}",
            summary="Make a merchant inactive",
            statuses=_CHANGES,
            answer=Merchant,
            needs_merchant=False,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(delete),
    ),
)
