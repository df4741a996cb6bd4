"""A file that takes a while to judge on any machine: much in it, and little wrong with it."""

_CUSTOMER = (
    "<Customer><CustomerID>{0}</CustomerID><AccountID>Desconhecido</AccountID>"
    "<CustomerTaxID>999999990</CustomerTaxID><CompanyName>Consumidor final</CompanyName>"
    "<BillingAddress><AddressDetail>Desconhecido</AddressDetail><City>Desconhecido</City>"
    "<PostalCode>Desconhecido</PostalCode><Country>PT</Country></BillingAddress>"
    "<SelfBillingIndicator>0</SelfBillingIndicator></Customer>"
)

HEAD = b"<AuditFile xmlns='urn:OECD:StandardAuditFile-Tax:PT_1.04_01'>"
SLOW = (
    HEAD
    + b"<Header/><MasterFiles>"
    + "".join(_CUSTOMER.format(number) for number in range(80_000)).encode()
    + b"</MasterFiles></AuditFile>"
)
"""An audit file of Portugal with 80,000 customers, about 30 MB: seconds of work."""
