"""What the schema 1.04_01 allows: order and occurrence of elements, as tables.

Rows are as in `fiscus.grammars.tables`; a kind is another table or a row of `values.LEAVES`. The
general ledger is left out: this program keeps no books.
"""

from fiscus.formats.saft.values import leaf
from fiscus.grammars.tables import Grammar

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"

_ADDRESS = """
    BuildingNumber? text 10
    StreetName? text 200
    AddressDetail text 210
    City text 50
    PostalCode text 20
    Region? text 50
"""

_PARTNER = """
    Telephone? text 20
    Fax? text 20
    Email? text 254
    Website? text 60
"""

_STATUS = """
    Reason? text 50
    SourceID text 30
"""

_SIGNED = """
    Hash text 172
    HashControl hash-control
    Period? month
"""

_GOODS = """
    ProductCode text 60
    ProductDescription description
    Quantity decimal
    UnitOfMeasure text 20
    UnitPrice decimal
"""

_EXEMPTION = """
    TaxExemptionReason? exemption-reason
    TaxExemptionCode? exemption-code
"""

_SUMS = """
    TaxPayable decimal
    NetTotal decimal
    GrossTotal decimal
"""

_TOTALS = """
    NumberOfEntries count
    TotalDebit decimal
    TotalCredit decimal
"""

TABLES = {
    "AuditFile": """
        Header Header
        MasterFiles MasterFiles
        GeneralLedgerEntries? unread
        SourceDocuments? SourceDocuments
    """,
    "Header": f"""
        AuditFileVersion version
        CompanyID company-id
        TaxRegistrationNumber vat-number
        TaxAccountingBasis basis
        CompanyName text 100
        BusinessName? text 60
        CompanyAddress Address
        FiscalYear year
        StartDate span
        EndDate span
        CurrencyCode euro
        DateCreated span
        TaxEntity text 20
        ProductCompanyTaxID text 30
        SoftwareCertificateNumber count
        ProductID program
        ProductVersion text 30
        HeaderComment? text 255
        {_PARTNER}
    """,
    "Address": f"""
        {_ADDRESS}
        Country country
    """,
    "CustomerAddress": f"""
        {_ADDRESS}
        Country customer-country
    """,
    "MasterFiles": """
        GeneralLedgerAccounts? unread
        Customer* Customer
        Supplier* Supplier
        Product* Product
        TaxTable? TaxTable
    """,
    "Customer": f"""
        CustomerID text 30
        AccountID account
        CustomerTaxID text 30
        CompanyName text 100
        Contact? text 50
        BillingAddress CustomerAddress
        ShipToAddress* CustomerAddress
        {_PARTNER}
        SelfBillingIndicator flag
    """,
    "Supplier": f"""
        SupplierID text 30
        AccountID account
        SupplierTaxID text 30
        CompanyName text 100
        Contact? text 50
        BillingAddress Address
        ShipFromAddress* Address
        {_PARTNER}
        SelfBillingIndicator flag
    """,
    "Product": """
        ProductType product-type
        ProductCode text 60
        ProductGroup? text 50
        ProductDescription description
        ProductNumberCode text 60
        CustomsDetails? CustomsDetails
    """,
    "CustomsDetails": """
        CNCode* customs-code
        UNNumber* un-code
    """,
    "TaxTable": """
        TaxTableEntry+ TaxTableEntry
    """,
    "TaxTableEntry": """
        TaxType tax-type
        TaxCountryRegion region
        TaxCode table-tax-code
        Description text 255
        TaxExpirationDate? date
        TaxPercentage|TaxAmount decimal
    """,
    "SourceDocuments": """
        SalesInvoices? SalesInvoices
        MovementOfGoods? MovementOfGoods
        WorkingDocuments? WorkingDocuments
        Payments? Payments
    """,
    "SalesInvoices": f"""
        {_TOTALS}
        Invoice* Invoice
    """,
    "Invoice": f"""
        InvoiceNo number
        ATCUD text 100
        DocumentStatus InvoiceStatus
        {_SIGNED}
        InvoiceDate date
        InvoiceType invoice-type
        SpecialRegimes SpecialRegimes
        SourceID text 30
        EACCode? activity
        SystemEntryDate time
        TransactionID? transaction
        CustomerID text 30
        ShipTo? Shipping
        ShipFrom? Shipping
        MovementEndTime? time
        MovementStartTime? time
        Line+ InvoiceLine
        DocumentTotals InvoiceTotals
        WithholdingTax* WithholdingTax
    """,
    "InvoiceStatus": f"""
        InvoiceStatus invoice-status
        InvoiceStatusDate time
        {_STATUS}
        SourceBilling origin
    """,
    "SpecialRegimes": """
        SelfBillingIndicator flag
        CashVATSchemeIndicator flag
        ThirdPartiesBillingIndicator flag
    """,
    "Shipping": """
        DeliveryID* text 255
        DeliveryDate? date
        WarehouseID|LocationID* text 50|text 30
        Address? CustomerAddress
    """,
    "OrderReferences": """
        OriginatingON? text 60
        OrderDate? date
    """,
    "References": """
        Reference? text 60
        Reason? text 50
    """,
    "ProductSerialNumber": """
        SerialNumber+ text 100
    """,
    "InvoiceLine": f"""
        LineNumber count
        OrderReferences* OrderReferences
        {_GOODS}
        TaxBase? decimal
        TaxPointDate date
        References* References
        Description text 200
        ProductSerialNumber? ProductSerialNumber
        DebitAmount|CreditAmount decimal
        Tax Tax
        {_EXEMPTION}
        SettlementAmount? decimal
        CustomsInformation? CustomsInformation
    """,
    "Tax": """
        TaxType tax-type
        TaxCountryRegion region
        TaxCode tax-code
        TaxPercentage|TaxAmount decimal
    """,
    "CustomsInformation": """
        ARCNo* text 21
        IECAmount? decimal
    """,
    "InvoiceTotals": f"""
        {_SUMS}
        Currency? Currency
        Settlement* Settlement
        Payment* PaymentMethod
    """,
    "Currency": """
        CurrencyCode currency
        CurrencyAmount decimal
        ExchangeRate decimal
    """,
    "Settlement": """
        SettlementDiscount? text 30
        SettlementAmount? decimal
        SettlementDate? date
        PaymentTerms? text 100
    """,
    "PaymentMethod": """
        PaymentMechanism? mechanism
        PaymentAmount decimal
        PaymentDate date
    """,
    "WithholdingTax": """
        WithholdingTaxType? withholding
        WithholdingTaxDescription? text 60
        WithholdingTaxAmount decimal
    """,
    "MovementOfGoods": """
        NumberOfMovementLines count
        TotalQuantityIssued decimal
        StockMovement* StockMovement
    """,
    "StockMovement": f"""
        DocumentNumber number
        ATCUD text 100
        DocumentStatus MovementStatus
        {_SIGNED}
        MovementDate date
        MovementType movement-type
        SystemEntryDate time
        TransactionID? transaction
        CustomerID|SupplierID text 30
        SourceID text 30
        EACCode? activity
        MovementComments? text 60
        ShipTo? Shipping
        ShipFrom? Shipping
        MovementEndTime? time
        MovementStartTime time
        ATDocCodeID? text 200
        Line+ MovementLine
        DocumentTotals MovementTotals
    """,
    "MovementStatus": f"""
        MovementStatus movement-status
        MovementStatusDate time
        {_STATUS}
        SourceBilling origin
    """,
    "MovementLine": f"""
        LineNumber count
        OrderReferences* OrderReferences
        {_GOODS}
        Description text 200
        ProductSerialNumber? ProductSerialNumber
        DebitAmount|CreditAmount decimal
        Tax? MovementTax
        {_EXEMPTION}
        SettlementAmount? decimal
        CustomsInformation? CustomsInformation
    """,
    "MovementTax": """
        TaxType movement-tax-type
        TaxCountryRegion region
        TaxCode movement-tax-code
        TaxPercentage decimal
    """,
    "MovementTotals": f"""
        {_SUMS}
        Currency? Currency
    """,
    "WorkingDocuments": f"""
        {_TOTALS}
        WorkDocument* WorkDocument
    """,
    "WorkDocument": f"""
        DocumentNumber number
        ATCUD text 100
        DocumentStatus WorkStatus
        {_SIGNED}
        WorkDate date
        WorkType work-type
        SourceID text 30
        EACCode? activity
        SystemEntryDate time
        TransactionID? transaction
        CustomerID text 30
        Line+ WorkLine
        DocumentTotals MovementTotals
    """,
    "WorkStatus": f"""
        WorkStatus work-status
        WorkStatusDate time
        {_STATUS}
        SourceBilling origin
    """,
    "WorkLine": f"""
        LineNumber count
        OrderReferences* OrderReferences
        {_GOODS}
        TaxBase? decimal
        TaxPointDate date
        References* References
        Description text 200
        ProductSerialNumber? ProductSerialNumber
        DebitAmount|CreditAmount decimal
        Tax? Tax
        {_EXEMPTION}
        SettlementAmount? decimal
        CustomsInformation? CustomsInformation
    """,
    "Payments": f"""
        {_TOTALS}
        Payment* Payment
    """,
    "Payment": """
        PaymentRefNo number
        ATCUD text 100
        Period? month
        TransactionID? transaction
        TransactionDate date
        PaymentType payment-type
        Description? text 200
        SystemID? text 60
        DocumentStatus PaymentStatus
        PaymentMethod* PaymentMethod
        SourceID text 30
        SystemEntryDate time
        CustomerID text 30
        Line+ PaymentLine
        DocumentTotals PaymentTotals
        WithholdingTax* WithholdingTax
    """,
    "PaymentStatus": f"""
        PaymentStatus payment-status
        PaymentStatusDate time
        {_STATUS}
        SourcePayment origin
    """,
    "PaymentLine": f"""
        LineNumber count
        SourceDocumentID+ SourceDocumentID
        SettlementAmount? decimal
        DebitAmount|CreditAmount decimal
        Tax? PaymentTax
        {_EXEMPTION}
    """,
    "SourceDocumentID": """
        OriginatingON text 60
        InvoiceDate date
        Description? text 200
    """,
    "PaymentTax": """
        TaxType tax-type
        TaxCountryRegion region
        TaxCode payment-tax-code
        TaxPercentage|TaxAmount decimal
    """,
    "PaymentTotals": f"""
        {_SUMS}
        Settlement? PaymentSettlement
        Currency? Currency
    """,
    "PaymentSettlement": """
        SettlementAmount decimal
    """,
}

SAFT = Grammar(tables=TABLES, simple_type=leaf, namespace=NAMESPACE)
