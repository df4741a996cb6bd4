"""What a simple value of the schema 1.04_01 may be: base type, length, pattern, word lists."""

from functools import cache

from fiscus.grammars.values import SimpleType, one_of

_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA
    ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())

_CURRENCIES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN
    BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD
    EEK EGP ERN ETB FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD
    IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD
    MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB
    PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SKK SLE SLL SOS SRD
    SSP STD STN SVC SYP SZL THB TJS TMM TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU
    UZS VED VEF VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XFU XOF XPD XPF XPT XSU XUA
    YER ZAR ZMK ZMW ZWD ZWL ZWR
"""
CURRENCIES = frozenset(_CURRENCIES.split())


_REGIONS = "|".join(sorted(COUNTRIES | {"PT-AC", "PT-MA"}))

LEAVES = {
    "version": SimpleType(base="string", pattern=r"1\.04_01"),
    "company-id": SimpleType(
        base="string", low="1", high="50", pattern="([0-9]{9})+|([^^]+ [0-9/]+)"
    ),
    "vat-number": SimpleType(base="integer", low="100000000", high="999999999"),
    "year": SimpleType(base="integer", low="2000", high="9999"),
    "month": SimpleType(base="integer", low="1", high="12"),
    "flag": SimpleType(base="integer", low="0", high="1"),
    "count": SimpleType(base="integer", low="0"),
    "decimal": SimpleType(base="decimal", low="0"),
    "date": SimpleType(base="date"),
    "span": SimpleType(base="date", low="2000-01-01", high="9999-12-31"),
    "time": SimpleType(base="dateTime"),
    "euro": one_of("EUR"),
    "country": SimpleType(base="string", pattern="|".join(sorted(COUNTRIES))),
    "customer-country": SimpleType(
        base="string", pattern="|".join([*sorted(COUNTRIES), "Desconhecido"])
    ),
    "currency": SimpleType(base="string", pattern="|".join(sorted(CURRENCIES))),
    "region": SimpleType(base="string", pattern=_REGIONS),
    "account": SimpleType(base="string", low="1", high="30", pattern="(([^^]*)|Desconhecido)"),
    "program": SimpleType(base="string", low="3", high="255", pattern="[^/]+/[^/]+"),
    "basis": one_of("C E F I P R S T"),
    "product-type": one_of("P S O E I"),
    "description": SimpleType(base="string", low="2", high="200"),
    "customs-code": SimpleType(base="string", pattern="[0-9]{8}"),
    "un-code": SimpleType(base="string", pattern="[0-9]{4}"),
    "number": SimpleType(base="string", low="1", high="60", pattern="[^ ]+ [^/^ ]+/[0-9]+"),
    "hash-control": SimpleType(
        base="string",
        low="1",
        high="70",
        pattern=r"[0-9]+|[0-9]+[\.][0-9]+|[0-9]+-[A-Z]{2}(M )([^/^ ]+[/][0-9]+)"
        "|[0-9]+-[A-Z]{2}(D )([^ ]+ [^/^ ]+[/][0-9]+)",
    ),
    "activity": SimpleType(base="string", low="5", high="5", pattern="(([0-9]*))"),
    "transaction": SimpleType(
        base="string",
        low="1",
        high="70",
        pattern="[1-9][0-9]{3}-[01][0-9]-[0-3][0-9] [^ ]{1,30} [^ ]{1,20}",
    ),
    "origin": one_of("P I M"),
    "invoice-status": one_of("N S A R F"),
    "movement-status": one_of("N T A F R"),
    "work-status": one_of("N A F"),
    "payment-status": one_of("N A"),
    "invoice-type": one_of("FT FS FR ND NC VD TV TD AA DA RP RE CS LD RA"),
    "movement-type": one_of("GR GT GA GC GD"),
    "work-type": one_of("CM CC FC FO NE OU OR PF DC RP RE CS LD RA"),
    "payment-type": one_of("RC RG"),
    "mechanism": one_of("CC CD CH CI CO CS DE LC MB NU OU PR TB TR"),
    "withholding": one_of("IRS IRC IS"),
    "tax-type": one_of("IVA IS NS"),
    "movement-tax-type": one_of("IVA NS"),
    "tax-code": SimpleType(
        base="string", low="1", high="10", pattern=r"RED|INT|NOR|ISE|OUT|([a-zA-Z0-9\.])*|NS"
    ),
    "table-tax-code": SimpleType(
        base="string", low="1", high="10", pattern=r"RED|INT|NOR|ISE|OUT|([a-zA-Z0-9\.])*|NS|NA"
    ),
    "payment-tax-code": SimpleType(
        base="string", low="1", high="10", pattern=r"RED|INT|NOR|ISE|OUT|([a-zA-Z0-9\.])*|NA"
    ),
    "movement-tax-code": one_of("RED INT NOR ISE OUT NS"),
    "exemption-reason": SimpleType(base="string", low="6", high="60"),
    "exemption-code": SimpleType(base="string", pattern="(M[0-9]{2})+"),
}


@cache
def leaf(kind: str) -> SimpleType:
    """What a simple value may be; `text 30` is one to thirty characters."""
    if kind.startswith("text "):
        return SimpleType(base="string", low="1", high=kind[5:])
    return LEAVES[kind]
