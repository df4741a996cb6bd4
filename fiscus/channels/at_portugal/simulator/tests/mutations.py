"""Small faults in whole messages, by operation."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from fiscus.channels.at_portugal.simulator.tests import messages

TRANSPORT_OPERATION = "envioDocumentoTransporte"

Mutation = Callable[[etree._Element], None]


def at(message: etree._Element, path: str) -> etree._Element:
    """The element at a path of local names."""
    found = message.xpath("/".join(f"*[local-name()='{name}']" for name in path.split("/")))
    assert found, path
    return found[0]


def parent(one: etree._Element) -> etree._Element:
    above = one.getparent()
    assert above is not None
    return above


def drop(path: str) -> Mutation:
    return lambda message: parent(at(message, path)).remove(at(message, path))


def twice(path: str) -> Mutation:
    return lambda message: at(message, path).addnext(deepcopy(at(message, path)))


def last(path: str) -> Mutation:
    return lambda message: parent(at(message, path)).append(at(message, path))


def value(path: str, text: str) -> Mutation:
    def mutate(message: etree._Element) -> None:
        at(message, path).text = text

    return mutate


def stranger(path: str) -> Mutation:
    return lambda message: at(message, path).addnext(etree.Element("Estranho"))


def child(path: str) -> Mutation:
    return lambda message: at(message, path).insert(0, etree.Element("Estranho"))


def attribute(path: str) -> Mutation:
    return lambda message: at(message, path).set("lang", "pt")


def nil(path: str) -> Mutation:
    name = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    return lambda message: at(message, path).set(name, "true")


def text_after(path: str) -> Mutation:
    def mutate(message: etree._Element) -> None:
        at(message, path).tail = "solto"

    return mutate


def other_namespace(path: str) -> Mutation:
    def mutate(message: etree._Element) -> None:
        one = at(message, path)
        local = etree.QName(one).localname
        one.tag = local if etree.QName(one).namespace else f"{{urn:outro}}{local}"

    return mutate


LONG = "x" * 5000

MUTATIONS: dict[str, list[Mutation]] = {
    "registarSerie": [
        *(drop(name) for name, _ in messages.REGISTER_SERIES),
        *(twice(name) for name in ("serie", "tipoDoc", "numInicialSeq")),
        *(last(name) for name in ("serie", "classeDoc")),
        *(value("serie", text) for text in ("", "x" * 35, "x" * 36, " a ", "é" * 35)),
        *(value("tipoSerie", text) for text in ("", "NN", "X")),
        *(value("classeDoc", text) for text in ("S", "SII", "  ")),
        *(value("numInicialSeq", text) for text in ("0", "-1", "+1", "1.0", " 7 ", "", "x")),
        *(value("numInicialSeq", text) for text in ("9" * 25, "9" * 26, "0" * 30 + "1", "1e3")),
        *(value("dataInicioPrevUtiliz", text) for text in ("2026-02-29", "2024-02-29", "2026-5-4")),
        *(value("dataInicioPrevUtiliz", text) for text in ("2026-05-04Z", "2026-05-04+14:00")),
        *(value("dataInicioPrevUtiliz", text) for text in ("2026-05-04+14:01", "12026-05-04", "")),
        *(
            value("dataInicioPrevUtiliz", text)
            for text in ("-0044-03-15", "0000-01-01", "04-05-26")
        ),
        *(
            value("dataInicioPrevUtiliz", text)
            for text in ("2026-13-01", " 2026-05-04\n", "026-1-1")
        ),
        *(value("numCertSWFatur", text) for text in ("0", "9999", "10000", "-1", "-0", "00001")),
        *(value("meioProcessamento", text) for text in ("P", "PIX", "??")),
        other_namespace("serie"),
        stranger("serie"),
        child("serie"),
        attribute("serie"),
        nil("serie"),
        text_after("serie"),
    ],
    "finalizarSerie": [
        *(drop(name) for name, _ in messages.FINISH_SERIES),
        last("codValidacaoSerie"),
        *(value("codValidacaoSerie", text) for text in ("ABCDEFG", "ABCDEFGHI", "")),
        *(value("justificacao", text) for text in ("", "x" * 4000, "x" * 4001)),
        value("seqUltimoDocEmitido", "0"),
    ],
    "anularSerie": [
        *(drop(name) for name, _ in messages.CANCEL_SERIES),
        *(value("declaracaoNaoEmissao", text) for text in ("1", "0", "false", "TRUE", "sim", "")),
        value("declaracaoNaoEmissao", " true "),
        value("motivo", "E"),
    ],
    "consultarSeries": [
        *(drop(name) for name, _ in messages.CONSULT_SERIES),
        twice("estado"),
        last("dataRegistoDe"),
        value("dataRegistoAte", "amanhã"),
        value("codValidacaoSerie", ""),
        value("estado", ""),
    ],
    TRANSPORT_OPERATION: [
        *(drop(name) for name, _ in messages.MOVEMENT),
        *(drop(f"CompanyAddress/{name}") for name, _ in messages._ADDRESS),
        *(
            twice(name)
            for name in ("CustomerTaxID", "Line", "CompanyAddress", "Line/OrderReferences")
        ),
        *(last(name) for name in ("Line", "AddressFrom", "ATCUD", "Line/Quantity")),
        *(value("CompanyAddress/Country", text) for text in ("ES", "", "PT", " PT")),
        *(value("CompanyAddress/PostalCode", text) for text in ("1200", "1200-0933", "12oo-093")),
        *(value("DocumentNumber", text) for text in ("", "livre", "x" * 61)),
        *(value("ATCUD", text) for text in ("0", "", "x" * 101)),
        *(value("MovementStatus", text) for text in ("T", "A", "F", "n")),
        *(value("MovementType", text) for text in ("GR", "GA", "GC", "GD", "FT")),
        *(value("CustomerTaxID", text) for text in ("", "x" * 20, "x" * 21)),
        *(value("MovementStartTime", text) for text in ("2026-05-04", "2026-05-04T24:00:00")),
        *(value("MovementStartTime", text) for text in ("2026-05-04T24:00:01", "2026-05-04T12:00")),
        *(
            value("MovementStartTime", text)
            for text in ("2026-05-04T12:00:60", "2026-05-04T9:00:00")
        ),
        *(value("MovementStartTime", text) for text in ("2026-05-04T12:00:00.5+01:00", "x")),
        *(value("Line/Quantity", text) for text in ("-1", ".5", "5.", "1e3", "1,5", "")),
        *(value("VehicleID", text) for text in ("", "x" * 32, "x" * 33)),
        value("Line/ProductDescription", "x" * 201),
        value("Line/OrderReferences/OriginatingON", ""),
        other_namespace("ATCUD"),
        attribute("Line"),
        stranger("Line"),
    ],
}


def _in_messages(kind: str) -> list[Mutation]:
    """Of what is told of a document as a whole."""
    data = f"{kind}Data"
    names = [name for name, _ in messages._DATA[kind]]
    number, dated, type_ = names[0], names[2], names[3]
    line, totals = f"{data}/LineSummary", f"{data}/DocumentTotals"
    status = f"{data}/DocumentStatus/{kind}Status"
    return [
        *(drop(name) for name, _ in messages.registering(kind)),
        *(drop(f"{data}/{name}") for name in names),
        *(drop(f"{line}/{name}") for name in ("DebitCreditIndicator", "Amount", "Tax")),
        *(drop(f"{line}/Tax/{name}") for name in ("TaxType", "TaxCode", "TaxPercentage")),
        *(drop(f"{totals}/{name}") for name in ("TaxPayable", "NetTotal", "GrossTotal")),
        *(twice(f"{data}/{name}") for name in ("ATCUD", "CustomerTaxID", "LineSummary")),
        *(last(f"{data}/{name}") for name in (number, "LineSummary", "DocumentStatus")),
        *(value("eFaturaMDVersion", text) for text in ("0.0.2", "0x0y1", "0.0.1 ", "1.0.0")),
        *(value("AuditFileVersion", text) for text in ("1.04_01", "inexistente", "1.05_01")),
        *(
            value("TaxRegistrationNumber", text)
            for text in ("99999999", "1000000000", "x", " 599999993 ")
        ),
        *(value("TaxEntity", text) for text in ("", "x" * 20, "x" * 21)),
        *(
            value("SoftwareCertificateNumber", text)
            for text in ("0030", "-1", "99999", "-0", "1.0")
        ),
        *(value(f"{data}/{number}", text) for text in ("FT/1", "FT A/", "FT A/B/1", "FT A /1")),
        *(value(f"{data}/{number}", text) for text in ("F A/" + "1" * 56, "F A/" + "1" * 57, "")),
        *(value(f"{data}/{dated}", text) for text in ("2026-02-30", "2026-05-04T00:00:00", "")),
        *(value(f"{data}/{type_}", text) for text in ("VD", "RG", "", "ft", "GT")),
        *(
            value(f"{data}/CustomerTaxIDCountry", text)
            for text in ("ZZ", "pt", "PRT", "desconhecido")
        ),
        *(value(f"{data}/CustomerTaxID", text) for text in ("", "x" * 30, "x" * 31)),
        *(value(status, text) for text in ("N", "A", "F", "S", "R", "")),
        *(value(f"{status}Date", text) for text in ("2026-05-04", "2026-05-04T10:15:00Z")),
        *(value(f"{data}/SystemEntryDate", text) for text in ("", "2026-05-04 10:15:00")),
    ]


def _in_lines(kind: str) -> list[Mutation]:
    """Of its lines, and of the message around it."""
    data = f"{kind}Data"
    line = f"{data}/LineSummary"
    found = [
        *(value(f"{line}/DebitCreditIndicator", text) for text in ("D", "X", "d")),
        *(value(f"{line}/Amount", text) for text in ("0", "-0.00", "-0.01", "23.393800", "")),
        *(value(f"{line}/Amount", text) for text in ("9999999999999.99", "9999999999999.991")),
        *(value(f"{line}/Tax/TaxPercentage", text) for text in ("100", "100.01", "-1", "NaN")),
        *(value(f"{line}/Tax/TaxCode", text) for text in ("17.3.4", "", "x" * 10, "x" * 11, "a-b")),
        *(value(f"{line}/Tax/TaxCountryRegion", text) for text in ("PT-AC", "PT-XX", "ESP", "ES")),
        *(value(f"{line}/Tax/TaxType", text) for text in ("IS", "NS", "VAT")),
        *(value("CanalRegisto/Sistema", text) for text in ("", LONG)),
        drop("CanalRegisto/Versao"),
        drop("CanalRegisto/Sistema"),
        other_namespace(data),
        other_namespace(f"{data}/ATCUD"),
        stranger(f"{data}/ATCUD"),
        child(f"{data}/ATCUD"),
        attribute(f"{data}/ATCUD"),
        nil(f"{data}/ATCUD"),
        text_after(f"{data}/ATCUD"),
    ]
    if kind != "Payment":
        found += [
            *(
                value(f"{data}/HashCharacters", text)
                for text in ("0", "00", "abc", "abcde", "ab^d")
            ),
            value(f"{data}/HashCharacters", "a\nbc"),
            drop(f"{line}/TaxPointDate"),
        ]
    if kind == "Invoice":
        found += [
            *(value(f"{data}/PaperLessIndicator", text) for text in ("", "2", "01", "true", " ")),
            *(value(f"{data}/SelfBillingIndicator", text) for text in ("1", "2", "+0", "00", "")),
            *(value(f"{data}/EACCode", text) for text in ("4711", "471111", "4711x")),
            *(
                value(f"{data}/WithholdingTax/WithholdingTaxType", text)
                for text in ("IRC", "IVA", "")
            ),
            drop(f"{data}/WithholdingTax/WithholdingTaxType"),
            drop(f"{data}/WithholdingTax/WithholdingTaxAmount"),
        ]
    return found


def _in_changes(kind: str) -> list[Mutation]:
    header = f"{kind}Header"
    return [
        *(drop(name) for name, _ in messages.changing(kind)),
        *(drop(f"{header}/{name}") for name, _ in messages._HEADERS[kind]),
        *(value(f"{kind}Status/{kind}Status", text) for text in ("N", "A", "F", "S", "")),
        drop(f"{kind}Status/{kind}StatusDate"),
        last(header),
        twice(header),
    ]


def _in_deletions(kind: str) -> list[Mutation]:
    item = f"documentsList/{kind.lower()}"
    return [
        *(drop(name) for name, _ in messages.deleting(kind)),
        *(drop(f"{item}/{name}") for name, _ in messages._HEADERS[kind]),
        *(value("reason", text) for text in ("x" * 9, "x" * 10, "x" * 500, "x" * 501, "")),
        drop(item),
        twice(item),
        twice("documentsList"),
        last("documentsList"),
    ]


for _kind in ("Invoice", "Work", "Payment"):
    MUTATIONS |= {
        f"Register{_kind}": [*_in_messages(_kind), *_in_lines(_kind)],
        f"Change{_kind}Status": _in_changes(_kind),
        f"Delete{_kind}": _in_deletions(_kind),
    }
