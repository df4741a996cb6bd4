"""The service of series: registered, asked for, finished, cancelled (portugal.md 5.3)."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from lxml import etree

from fiscus.channels.at_portugal.simulator import permissions, values
from fiscus.channels.at_portugal.simulator.envelope import element
from fiscus.channels.at_portugal.simulator.grammar import SERIES, SERIES_GRAMMAR
from fiscus.channels.at_portugal.simulator.login import AtUser
from fiscus.channels.at_portugal.simulator.operations import OperationAnswer
from fiscus.channels.at_portugal.simulator.world import TIMEZONE, Now
from fiscus.grammars.reading import Flaw, ReadElement, read
from fiscus.model.times import day, instant, micros_z, seconds_z

TYPES: dict[str, frozenset[str]] = {
    "SI": frozenset({"FT", "FS", "FR", "ND", "NC"}),
    "MG": frozenset({"GR", "GT", "GA", "GC", "GD"}),
    "WD": frozenset(["CM", "CC", "FC", "FO", "NE", "OU", "OR", "PF", "RP", "RE", "CS", "LD", "RA"]),
    "PY": frozenset({"RC", "RG"}),
}
PURPOSES = frozenset("NFR")
PROCESSING = frozenset({"PI", "PF", "OM"})
STATES = frozenset("ANF")
CANCELLING = frozenset({"ER"})

OPERATIONS = ("registarSerie", "consultarSeries", "finalizarSerie", "anularSerie")

_NAME = re.compile(r"(?=.{1,35}\Z)[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_CODE_LENGTH = 8
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_MESSAGE_MAX = 250
_TRUE = frozenset({"true", "1"})
_STRUCTURE = frozenset({Flaw.UNKNOWN, Flaw.MISPLACED, Flaw.REPEATED, Flaw.STRAY_TEXT})

_SELECT = (
    "SELECT name, series_type, class, document_type, first_number, starts_on, last_number,"
    " processing, certificate, code, registered_at, coalesce(state, 'A') AS state, reason,"
    " justification, coalesce(nullif(ended_at, ''), registered_at) AS state_at, taxpayer,"
    " folded_name FROM series LEFT JOIN ended USING (taxpayer, document_type, folded_name)"
)


class SeriesRefusal(Exception):
    """The service refuses, with its number and a text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, kw_only=True)
class SeriesRow:
    """A series as the authority has it; dates as texts, numbers as texts of up to 25 digits."""

    name: str
    purpose: str
    class_: str
    document_type: str
    first_number: str
    starts_on: str
    last_number: str
    processing: str
    certificate: str
    code: str
    registered_at: str
    state: str
    reason: str
    justification: str
    state_at: str
    taxpayer: str
    folded_name: str

    @property
    def registered_on(self) -> date:
        return day(instant(self.registered_at), TIMEZONE)


def answered(
    db: sqlite3.Connection, user: AtUser, operation: str, body: etree._Element, now: Now
) -> OperationAnswer:
    """Work one operation and answer it."""
    try:
        wanted = _read(body, operation)
        match operation:
            case "registarSerie":
                rows, code, text = _registered(db, user, wanted, now)
            case "consultarSeries":
                rows, code, text = _consulted(db, user, wanted)
            case "finalizarSerie":
                rows, code, text = _finished(db, user, wanted, now)
            case _:
                rows, code, text = _cancelled(db, user, wanted, now)
    except SeriesRefusal as refusal:
        return refused(operation, refusal.code, refusal.text)
    return _told(operation, rows, code, text)


def refused(operation: str, code: int, text: str, now: Now | None = None) -> OperationAnswer:
    """An answer that refuses and tells of no series."""
    return _told(operation, [], code, text)


def by_code(db: sqlite3.Connection, taxpayer: str, code: str) -> SeriesRow | None:
    """The series of a validation code; the code of another taxpayer's series is unknown."""
    found = db.execute(_SELECT + " WHERE taxpayer = ? AND code = ?", (taxpayer, code)).fetchone()
    return _row(found) if found else None


def all_series(db: sqlite3.Connection, taxpayer: str = "") -> list[SeriesRow]:
    """All series of a taxpayer, or of the world, in the order of their registration."""
    where = " WHERE ? IN ('', taxpayer) ORDER BY registered_at, code"
    return [_row(one) for one in db.execute(_SELECT + where, (taxpayer,))]


def _read(body: etree._Element, operation: str) -> ReadElement:
    """The message's fields. Its structure is judged first, then what is missing, then the rest."""
    structure: list[str] = []
    missing: list[str] = []
    wrong: list[str] = []

    def complain(flaw: Flaw, path: str) -> None:
        name = path.removeprefix(f"{operation}/")
        if flaw is Flaw.MISSING:
            missing.append(name)
        elif flaw in _STRUCTURE:
            structure.append(name)
        else:
            wrong.append(name)

    wanted = read(body, SERIES_GRAMMAR, operation, operation, complain)
    required = {name for row in SERIES_GRAMMAR.rows(operation) if row.least for name in row.kinds}
    empty = [name for name, text in wanted.texts.items() if name in required and not text.strip()]
    if structure:
        raise SeriesRefusal(4000, f"A estrutura XML não é válida: {', '.join(structure)}")
    if missing or empty:
        raise SeriesRefusal(4002, f"Falta preencher: {', '.join([*missing, *empty])}")
    if wrong:
        raise SeriesRefusal(4003, f"É preciso corrigir: {', '.join(wrong)}")
    return wanted


Done = tuple[list[SeriesRow], int, str]


def _registered(db: sqlite3.Connection, user: AtUser, wanted: ReadElement, now: Now) -> Done:
    if wrong := list(_wrong(wanted)):
        raise SeriesRefusal(4003, f"É preciso corrigir: {', '.join(wrong)}")
    if not permissions.is_active(db, user.nif):
        raise SeriesRefusal(4043, "O sujeito passivo não tem atividade aberta")
    class_, kind = wanted.text("classeDoc"), wanted.text("tipoDoc")
    if class_ not in TYPES:
        raise SeriesRefusal(4045, "A classe do documento não é um valor predefinido")
    if kind not in TYPES[class_]:
        raise SeriesRefusal(4046, "O tipo de documento não pertence à classe indicada")
    if values.day(wanted.text("dataInicioPrevUtiliz")) < now.today:
        raise SeriesRefusal(4049, "O início previsto de utilização é anterior à data atual")
    name = wanted.text("serie")
    key = (user.nif, kind, name.lower())
    if _found(db, key):
        raise SeriesRefusal(
            4001, f"A Série {name} para o tipo de documento {kind} já foi registada"
        )
    code = next(code for code in _codes(key) if by_code_of_anyone(db, code) is None)
    db.execute(
        "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key,
            name,
            class_,
            wanted.text("tipoSerie"),
            str(int(wanted.text("numInicialSeq"))),
            values.day(wanted.text("dataInicioPrevUtiliz")).isoformat(),
            str(int(wanted.text("numCertSWFatur"))),
            code,
            micros_z(now.at),
            wanted.text("meioProcessamento"),
        ),
    )
    text = f"Série registada com sucesso e ativa, com o seguinte código de validação : {code}"
    return _found(db, key), 2001, text


def _wrong(wanted: ReadElement) -> Iterator[str]:
    if not _NAME.fullmatch(wanted.text("serie")):
        yield "serie"
    if wanted.text("tipoSerie") not in PURPOSES:
        yield "tipoSerie"
    if wanted.text("meioProcessamento") not in PROCESSING:
        yield "meioProcessamento"


def _consulted(db: sqlite3.Connection, user: AtUser, wanted: ReadElement) -> Done:
    since, until = (_day_or_none(wanted.text(f"dataRegisto{end}")) for end in ("De", "Ate"))
    if since and until and until < since:
        raise SeriesRefusal(4048, "A data fim é anterior à data início")
    rows = [
        row
        for row in all_series(db, user.nif)
        if _fits(wanted, row)
        and (since is None or since <= row.registered_on)
        and (until is None or row.registered_on <= until)
    ]
    return rows, 2002, "Consulta efetuada com sucesso"


def _fits(wanted: ReadElement, row: SeriesRow) -> bool:
    asked = {
        "serie": row.folded_name,
        "tipoSerie": row.purpose,
        "classeDoc": row.class_,
        "tipoDoc": row.document_type,
        "codValidacaoSerie": row.code,
        "estado": row.state,
        "meioProcessamento": row.processing,
    }
    given = {name: text for name, text in wanted.texts.items() if name in asked and text}
    if "serie" in given:
        given["serie"] = given["serie"].lower()
    return all(asked[name] == text for name, text in given.items())


def _finished(db: sqlite3.Connection, user: AtUser, wanted: ReadElement, now: Now) -> Done:
    row = _active(db, user, wanted, 4005, "finalizar")
    last = int(wanted.text("seqUltimoDocEmitido"))
    if last < int(row.first_number):
        raise SeriesRefusal(4047, "O último documento é inferior ao início da sequência")
    seen = _last_seen(db, row.code)
    if last < seen:
        raise SeriesRefusal(
            4005, f"A Série não pode ser finalizada: o documento {seen} foi comunicado"
        )
    _end(db, row, "F", now, last=str(last), justification=wanted.text("justificacao"))
    return _found(db, _key(row)), 2004, "Série finalizada com sucesso"


def _cancelled(db: sqlite3.Connection, user: AtUser, wanted: ReadElement, now: Now) -> Done:
    if wanted.text("motivo") not in CANCELLING:
        raise SeriesRefusal(4051, "O motivo de anulação não é um valor predefinido")
    if wanted.text("declaracaoNaoEmissao").strip() not in _TRUE:
        raise SeriesRefusal(4004, "A Série não pode ser anulada: falta declarar que não foi usada")
    row = _active(db, user, wanted, 4004, "anular")
    if now.today > row.registered_on + timedelta(days=1):
        raise SeriesRefusal(
            4004, "A Série não pode ser anulada: passou o dia seguinte ao do registo"
        )
    if _last_seen(db, row.code):
        raise SeriesRefusal(4004, "A Série não pode ser anulada: já tem documentos comunicados")
    _end(db, row, "N", now, reason=wanted.text("motivo"))
    return _found(db, _key(row)), 2003, "Comunicação da Série anulada com sucesso"


def _active(
    db: sqlite3.Connection, user: AtUser, wanted: ReadElement, code: int, doing: str
) -> SeriesRow:
    key = (user.nif, wanted.text("tipoDoc"), wanted.text("serie").lower())
    found = _found(db, key)
    same = found and (found[0].class_, found[0].code) == (
        wanted.text("classeDoc"),
        wanted.text("codValidacaoSerie"),
    )
    if not same:
        raise SeriesRefusal(code, f"Não é possível {doing} a Série: não existe com esses dados")
    if found[0].state != "A":
        raise SeriesRefusal(code, f"Não é possível {doing} a Série: já não está ativa")
    return found[0]


def _end(
    db: sqlite3.Connection,
    row: SeriesRow,
    state: str,
    now: Now,
    *,
    last: str = "",
    reason: str = "",
    justification: str = "",
) -> None:
    db.execute(
        "INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*_key(row), state, micros_z(now.at), last, reason, justification),
    )


def _key(row: SeriesRow) -> tuple[str, str, str]:
    return (row.taxpayer, row.document_type, row.folded_name)


def _found(db: sqlite3.Connection, key: tuple[str, str, str]) -> list[SeriesRow]:
    where = " WHERE taxpayer = ? AND document_type = ? AND folded_name = ?"
    return [_row(one) for one in db.execute(_SELECT + where, key)]


def _row(found: tuple[str | None, ...]) -> SeriesRow:
    fields = list(SeriesRow.__dataclass_fields__)
    return SeriesRow(**{name: text or "" for name, text in zip(fields, found, strict=True)})


def by_code_of_anyone(db: sqlite3.Connection, code: str) -> str | None:
    """The taxpayer whose series has this code; None: nobody's."""
    found = db.execute("SELECT taxpayer FROM series WHERE code = ?", (code,)).fetchone()
    return found[0] if found else None


def _last_seen(db: sqlite3.Connection, code: str) -> int:
    """The highest number of a series that was ever reported, deleted ones too."""
    numbers = db.execute("SELECT sequence FROM documents WHERE code = ?", (code,))
    return max((int(one[0]) for one in numbers), default=0)


def _codes(key: tuple[str, str, str]) -> Iterator[str]:
    """Candidates, each from eight bytes of a digest; the first that is free is given.

    The same series has the same code in every fresh world: tests and demos stay comparable.
    """
    digest = sha256("|".join(key).encode()).digest()
    while True:
        for start in range(0, len(digest), _CODE_LENGTH):
            part = digest[start : start + _CODE_LENGTH]
            yield "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in part)
        digest = sha256(digest).digest()


def _day_or_none(text: str) -> date | None:
    return values.day(text) if text else None


def _told(operation: str, rows: list[SeriesRow], code: int, text: str) -> OperationAnswer:
    message = text if len(text) <= _MESSAGE_MAX else text[: _MESSAGE_MAX - 1] + "…"
    content = (
        f'<ns0:{operation}Response xmlns:ns0="{SERIES}"><{operation}Resp>'
        + "".join(_info(row) for row in rows)
        + f"<infoResultOper><codResultOper>{code}</codResultOper>"
        + element("msgResultOper", message)
        + f"</infoResultOper></{operation}Resp></ns0:{operation}Response>"
    )
    subject = rows[0].name if len(rows) == 1 else ""
    return OperationAnswer(content=content, code=str(code), subject=subject)


def _info(row: SeriesRow) -> str:
    """As the real service tells it: the first number is that of the series, the last one used
    only once it is finished; the day of registration is Lisbon's."""
    return (
        "<infoSerie>"
        + element("serie", row.name)
        + element("tipoSerie", row.purpose)
        + element("classeDoc", row.class_)
        + element("tipoDoc", row.document_type)
        + element("numInicialSeq", row.first_number)
        + element("dataInicioPrevUtiliz", row.starts_on)
        + element("seqUltimoDocEmitido", row.last_number)
        + element("meioProcessamento", row.processing)
        + element("numCertSWFatur", row.certificate)
        + element("codValidacaoSerie", row.code)
        + element("dataRegisto", row.registered_on.isoformat())
        + element("estado", row.state)
        + element("motivoEstado", row.reason)
        + element("justificacao", row.justification)
        + element("dataEstado", seconds_z(instant(row.state_at)).replace("+00:00", "Z"))
        + element("nifComunicou", row.taxpayer)
        + "</infoSerie>"
    )
