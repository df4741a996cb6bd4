"""What the services' own descriptions (WSDL) allow: order, occurrence and values, as tables.

Rows are as in `fiscus.grammars.tables`. The children of series and transport messages have no
namespace, those of documents have.
"""

from functools import cache

from fiscus.grammars.tables import Grammar
from fiscus.grammars.values import SimpleType, one_of

SERIES = "http://at.gov.pt/"
DOCUMENTS = "http://factemi.at.min_financas.pt/documents"
TRANSPORT = "https://servicos.portaldasfinancas.gov.pt/sgdtws/documentosTransporte/"

_SERIES_TABLES = {
    "registarSerie": """
        serie text 0 35
        tipoSerie text 1 1
        classeDoc text 2 2
        tipoDoc text 2 2
        numInicialSeq sequence
        dataInicioPrevUtiliz date
        numCertSWFatur certificate
        meioProcessamento text 2 2
    """,
    "anularSerie": """
        serie text 0 35
        classeDoc text 2 2
        tipoDoc text 2 2
        codValidacaoSerie text 8 8
        motivo text 2 2
        declaracaoNaoEmissao boolean
    """,
    "finalizarSerie": """
        serie text 0 35
        classeDoc text 2 2
        tipoDoc text 2 2
        codValidacaoSerie text 8 8
        seqUltimoDocEmitido sequence
        justificacao? text 0 4000
    """,
    "consultarSeries": """
        serie? text 0 35
        tipoSerie? text 1 1
        classeDoc? text 2 2
        tipoDoc? text 2 2
        codValidacaoSerie? text 8 8
        dataRegistoDe? date
        dataRegistoAte? date
        estado? text 1 1
        meioProcessamento? text 2 2
    """,
}

_REGISTERING = """
    eFaturaMDVersion service-version
    AuditFileVersion file-version
    TaxRegistrationNumber nif
    TaxEntity text 1 20
    SoftwareCertificateNumber count
"""
_INVOICE = """
    InvoiceNo number
    ATCUD text 1 100
    InvoiceDate date
    InvoiceType invoice-type
    SelfBillingIndicator flag
    CustomerTaxID text 1 30
    CustomerTaxIDCountry country
"""
_WORK = """
    DocumentNumber number
    ATCUD text 1 100
    WorkDate date
    WorkType work-type
    CustomerTaxID text 1 30
    CustomerTaxIDCountry country
"""
_PAYMENT = """
    PaymentRefNo number
    ATCUD text 1 100
    TransactionDate date
    PaymentType payment-type
    CustomerTaxID text 1 30
    CustomerTaxIDCountry country
"""
_LINE = """
    OrderReferences* OrderReferences
    TaxPointDate date
    Reference* text 1 60
    DebitCreditIndicator side
    TotalTaxBase|Amount money
"""
_DELETING = """
    reason text 10 500
    CanalRegisto? CanalRegisto
"""

_DOCUMENT_TABLES = {
    "RegisterInvoiceRequest": f"""
        {_REGISTERING}
        InvoiceData InvoiceData
        CanalRegisto? CanalRegisto
    """,
    "InvoiceData": f"""
        {_INVOICE}
        DocumentStatus InvoiceStatus
        HashCharacters hash-characters
        CashVATSchemeIndicator flag
        PaperLessIndicator paperless
        EACCode? activity
        SystemEntryDate time
        LineSummary+ InvoiceLine
        DocumentTotals DocumentTotals
        WithholdingTax* WithholdingTax
    """,
    "InvoiceHeader": _INVOICE,
    "InvoiceStatus": """
        InvoiceStatus invoice-status
        InvoiceStatusDate time
    """,
    "InvoiceLine": f"""
        {_LINE}
        Tax Tax
        TaxExemptionCode? exemption-code
    """,
    "ChangeInvoiceStatusRequest": """
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        InvoiceHeader InvoiceHeader
        InvoiceStatus NewInvoiceStatus
        CanalRegisto? CanalRegisto
    """,
    "NewInvoiceStatus": """
        InvoiceStatus work-status
        InvoiceStatusDate time
    """,
    "DeleteInvoiceRequest": f"""
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        documentsList|dateRange InvoiceList|DateRange
        {_DELETING}
    """,
    "InvoiceList": """
        invoice+ InvoiceHeader
    """,
    "RegisterWorkRequest": f"""
        {_REGISTERING}
        WorkData WorkData
        CanalRegisto? CanalRegisto
    """,
    "WorkData": f"""
        {_WORK}
        DocumentStatus WorkStatus
        HashCharacters hash-characters
        EACCode? activity
        SystemEntryDate time
        LineSummary+ WorkLine
        DocumentTotals DocumentTotals
    """,
    "WorkHeader": _WORK,
    "WorkStatus": """
        WorkStatus work-status
        WorkStatusDate time
    """,
    "WorkLine": f"""
        {_LINE}
        Tax? Tax
        TaxExemptionCode? exemption-code
    """,
    "ChangeWorkStatusRequest": """
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        WorkHeader WorkHeader
        WorkStatus WorkStatus
        CanalRegisto? CanalRegisto
    """,
    "DeleteWorkRequest": f"""
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        documentsList|dateRange WorkList|DateRange
        {_DELETING}
    """,
    "WorkList": """
        work+ WorkHeader
    """,
    "RegisterPaymentRequest": f"""
        {_REGISTERING}
        PaymentData PaymentData
        CanalRegisto? CanalRegisto
    """,
    "PaymentData": f"""
        {_PAYMENT}
        DocumentStatus PaymentStatus
        SystemEntryDate time
        LineSummary+ PaymentLine
        DocumentTotals DocumentTotals
        WithholdingTax* WithholdingTax
    """,
    "PaymentHeader": _PAYMENT,
    "PaymentStatus": """
        PaymentStatus payment-status
        PaymentStatusDate time
    """,
    "PaymentLine": """
        SourceDocumentID+ SourceDocumentID
        SettlementAmount? money
        DebitCreditIndicator side
        Amount money
        Tax? Tax
        TaxExemptionCode? exemption-code
    """,
    "ChangePaymentStatusRequest": """
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        PaymentHeader PaymentHeader
        PaymentStatus PaymentStatus
        CanalRegisto? CanalRegisto
    """,
    "DeletePaymentRequest": f"""
        eFaturaMDVersion service-version
        TaxRegistrationNumber nif
        documentsList|dateRange PaymentList|DateRange
        {_DELETING}
    """,
    "PaymentList": """
        payment+ PaymentHeader
    """,
    "CanalRegisto": """
        Sistema any
        Versao? any
    """,
    "SourceDocumentID": """
        OriginatingON text 1 60
        InvoiceDate date
    """,
    "OrderReferences": """
        OriginatingON? text 1 60
        OrderDate? date
    """,
    "Tax": """
        TaxType tax-type
        TaxCountryRegion region
        TaxCode tax-code
        TaxPercentage|TotalTaxAmount percentage|money
    """,
    "DocumentTotals": """
        TaxPayable money
        NetTotal money
        GrossTotal money
    """,
    "WithholdingTax": """
        WithholdingTaxType? withholding
        WithholdingTaxAmount money
    """,
    "DateRange": """
        StartDate date
        EndDate date
    """,
}

_TRANSPORT_TABLES = {
    "StockMovement": """
        TaxRegistrationNumber nif
        CompanyName text 1 100
        CompanyAddress Address
        DocumentNumber text 1 60
        ATCUD? text 1 100
        ATDocCodeID? text 1 200
        MovementStatus movement-status
        MovementDate date
        MovementType movement-type
        CustomerTaxID|SupplierTaxID? text 1 20
        CustomerAddress? Address
        CustomerName? text 1 100
        AddressTo? Address
        AddressFrom Address
        MovementEndTime? time
        MovementStartTime time
        VehicleID? text 1 32
        Line+ Line
    """,
    "Address": """
        Addressdetail? text 1 210
        City? text 1 50
        PostalCode? postal-code
        Country? portugal
    """,
    "Line": """
        OrderReferences* OrderReferences
        ProductDescription text 1 200
        Quantity decimal
        UnitOfMeasure text 1 20
        UnitPrice decimal
    """,
    "OrderReferences": """
        OriginatingON? text 1 60
    """,
}

_TYPES = {
    "any": SimpleType(base="string"),
    "date": SimpleType(base="date"),
    "time": SimpleType(base="dateTime"),
    "boolean": SimpleType(base="boolean"),
    "decimal": SimpleType(base="decimal"),
    "sequence": SimpleType(base="integer", low="1", digits=25),
    "certificate": SimpleType(base="integer", low="0", digits=4),
    "count": SimpleType(base="integer", low="0"),
    "nif": SimpleType(base="integer", low="100000000", high="999999999"),
    "flag": SimpleType(base="integer", low="0", high="1"),
    "paperless": SimpleType(base="integer", low="0", high="1", default="0"),
    "money": SimpleType(base="decimal", low="0.00", high="9999999999999.99"),
    "percentage": SimpleType(base="decimal", low="0.00", high="100.00"),
    "service-version": SimpleType(base="string", pattern="0[^\n\r]0[^\n\r]1"),
    "file-version": one_of("1.04_01 1.03_01 1.02_01 1.01_01 1.00_01 inexistente"),
    "number": SimpleType(base="string", low="1", high="60", pattern="[^ ]+ [^/^ ]+/[0-9]+"),
    "country": SimpleType(base="string", pattern="[A-Z]{2}|Desconhecido"),
    "region": SimpleType(base="string", pattern="[A-Z]{2}|PT-MA|PT-AC"),
    "hash-characters": SimpleType(base="string", pattern=r"0|[^\^]{4}"),
    "activity": SimpleType(base="string", low="5", high="5", pattern="[0-9]*"),
    "side": one_of("D C"),
    "invoice-type": one_of("FT NC ND FS FR RP RE CS LD RA"),
    "work-type": one_of("CM CC FC FO NE OU OR PF RP RE CS LD RA"),
    "payment-type": one_of("RC"),
    "movement-type": one_of("GR GT GA GC GD"),
    "invoice-status": one_of("N A F S"),
    "work-status": one_of("N A F"),
    "payment-status": one_of("N A"),
    "movement-status": one_of("N T A"),
    "tax-type": one_of("IVA IS NS"),
    "tax-code": SimpleType(base="string", low="1", high="10", pattern="[a-zA-Z0-9.]*"),
    "exemption-code": SimpleType(base="string", pattern="(M[0-9]{2})+"),
    "withholding": one_of("IRS IRC IS"),
    "postal-code": SimpleType(base="string", pattern="[0-9]{4}-[0-9]{3}"),
    "portugal": SimpleType(base="string", pattern="PT", default="PT"),
}


@cache
def _type(kind: str) -> SimpleType:
    """`text 1 30` is one to thirty characters."""
    if kind.startswith("text "):
        _, low, high = kind.split()
        return SimpleType(base="string", low=low, high=high)
    return _TYPES[kind]


SERIES_GRAMMAR = Grammar(tables=_SERIES_TABLES, simple_type=_type)
DOCUMENTS_GRAMMAR = Grammar(
    tables=_DOCUMENT_TABLES, simple_type=_type, namespace=f"{{{DOCUMENTS}}}"
)
TRANSPORT_GRAMMAR = Grammar(tables=_TRANSPORT_TABLES, simple_type=_type)
