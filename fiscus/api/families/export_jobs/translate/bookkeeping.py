"""The books of a company, between the words of the API and our own."""

from datetime import date, datetime
from decimal import Decimal

from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.api.families.export_jobs.translate.scalars import Json, moment
from fiscus.api.families.export_jobs.wire import bookkeeping as wire
from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax, StarterChart
from fiscus.model.amounts import plain


def content(said: wire.BookkeepingContent) -> BooksContent:
    return BooksContent(
        chart=said.chart,
        coverage=Coverage(said.coverage),
        since=day(said.since),
        accounts=tuple(
            ChartAccount(
                code=one.code,
                name=one.name,
                is_automatic=one.is_automatic,
                identifier=one.identifier,
            )
            for one in said.accounts
        ),
        taxes=tuple(
            ChartTax(
                code=one.code,
                name=one.name,
                percentage=Decimal(one.percentage),
                account=one.account,
                posting_key=one.posting_key,
            )
            for one in said.taxes
        ),
        rules=tuple(
            ChartRule(key=one.key, account=one.account, tax=one.tax, doubt=one.doubt)
            for one in said.rules
        ),
        types=said.types,
        expires_in=said.expires_in,
        formats=said.formats,
    )


def day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def shown(company: str, version: int, kept: BooksContent, derived_to: datetime | None) -> Json:
    return {
        "companyId": company,
        "version": version,
        "derivedTo": moment(derived_to),
        "chart": kept.chart,
        "coverage": kept.coverage,
        "since": None if kept.since is None else kept.since.isoformat(),
        **_chart(kept.accounts, kept.taxes, kept.rules),
        "types": dict(kept.types),
        "expiresIn": kept.expires_in,
        "formats": {code: dict(settings) for code, settings in kept.formats.items()},
    }


def chart(one: StarterChart) -> Json:
    return {
        "code": one.code,
        "name": one.name,
        "sources": list(one.sources),
        **_chart(one.accounts, one.taxes, one.rules),
        "unmapped": dict(one.unmapped),
    }


def _chart(
    accounts: tuple[ChartAccount, ...], taxes: tuple[ChartTax, ...], rules: tuple[ChartRule, ...]
) -> Json:
    return {
        "accounts": [
            {
                "code": one.code,
                "name": one.name,
                "isAutomatic": one.is_automatic,
                "identifier": one.identifier,
            }
            for one in accounts
        ],
        "taxes": [
            {
                "code": one.code,
                "name": one.name,
                "percentage": plain(one.percentage),
                "account": one.account,
                "postingKey": one.posting_key,
            }
            for one in taxes
        ],
        "rules": [
            {"key": one.key, "account": one.account, "tax": one.tax, "doubt": one.doubt}
            for one in rules
        ],
    }
