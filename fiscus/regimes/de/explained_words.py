"""What the explanation of a German record says, in the languages of the pages."""

from fiscus.model.explained import PageText

OUTAGE = PageText("Not signed by a TSE", "Nicht durch eine TSE signiert", "Não assinado por um TSE")
OUTAGE_TEXT = PageText(
    "The TSE did not answer. The sale may go on; the receipt says so, and the outage is recorded "
    "with its beginning, its end and its reason.",
    "Die TSE antwortete nicht. Verkauft werden darf weiter; der Beleg sagt es, und der Ausfall "
    "ist mit Beginn, Ende und Grund aufgezeichnet.",
    "O TSE não respondeu. A venda pode continuar; o talão indica-o, e a falha fica registada com "
    "início, fim e motivo.",
)
REASON = PageText("why", "Grund", "motivo")

TOTALS = PageText("The totals", "Die Summen", "Os totais")
TOTALS_TEXT = PageText(
    "The VAT of a line is what the caller printed, its net value the rest, both with five "
    "decimals. What lowers the total (returns, discounts, redeemed vouchers, what is owed) counts "
    "with a minus. VAT is rounded once for each rate, halves up, and then added; the net total is "
    "what remains.",
    "Die Steuer einer Zeile ist, was der Aufrufer gedruckt hat, ihr Nettowert der Rest, beides "
    "mit fünf Nachkommastellen. Was die Summe mindert (Rücknahmen, Rabatte, eingelöste "
    "Gutscheine, Forderungen), zählt mit Minus. Die Steuer wird je Satz einmal kaufmännisch "
    "gerundet und dann addiert; netto ist, was übrig bleibt.",
    "O IVA de uma linha é o que o emissor imprimiu, o valor sem IVA é o resto, ambos com cinco "
    "casas decimais. O que reduz o total (devoluções, descontos, vales usados, valores em dívida) "
    "conta com sinal menos. O IVA é arredondado uma vez por taxa, meio cêntimo para cima, e "
    "depois somado; o total sem IVA é o que resta.",
)
GROSS = PageText("gross", "brutto", "com IVA")
NET = PageText("net", "netto", "sem IVA")
VAT = PageText("VAT", "Umsatzsteuer", "IVA")


def of_rate(what: PageText, name: str) -> PageText:
    """`1 · 19 %: VAT`; the key is that of the DSFinV-K."""
    return PageText(f"{name}: {what.en}", f"{name}: {what.de}", f"{name}: {what.pt}")


PROCESS = PageText(
    "What the TSE was told", "Was der TSE mitgeteilt wurde", "O que foi comunicado ao TSE"
)
PROCESS_TEXT = PageText(
    "The data of the operation (processData) stand in the signed log message, byte for byte. For "
    "a receipt: its kind, five gross amounts by VAT key, and the payments. Further digits than "
    "cents are cut, not rounded.",
    "Die Daten des Vorgangs (processData) stehen Byte für Byte in der signierten Log-Nachricht. "
    "Beim Kassenbeleg: der Vorgangstyp, fünf Bruttobeträge nach Umsatzsteuerschlüssel und die "
    "Zahlungen. Weitere Stellen nach den Cent werden abgeschnitten, nicht gerundet.",
    "Os dados da operação (processData) constam, byte a byte, da mensagem de registo assinada. "
    "Num talão: o tipo de operação, cinco valores com IVA por chave de imposto e os pagamentos. "
    "As casas além dos cêntimos são truncadas, não arredondadas.",
)
PROCESS_TYPE = PageText(
    "which form the data have", "welche Form die Daten haben", "a forma que os dados têm"
)
KIND = PageText(
    "kind of the operation (DSFinV-K, annex B)",
    "Art des Vorgangs (DSFinV-K, Anhang B)",
    "tipo de operação (DSFinV-K, anexo B)",
)
PAYMENT = PageText(
    "paid in cash (Bar) or otherwise (Unbar); another currency is named",
    "bar oder unbar gezahlt; eine andere Währung ist genannt",
    "pago em numerário (Bar) ou de outro modo (Unbar); outra moeda é indicada",
)
WHOLE = PageText(
    "a line of an order: quantity, text, unit price; or the name of the operation",
    "eine Zeile einer Bestellung: Menge, Text, Einzelpreis; oder der Name des Vorgangs",
    "uma linha de um pedido: quantidade, texto, preço unitário; ou o nome da operação",
)

_SLOTS = {
    1: PageText("standard rate", "Regelsteuersatz", "taxa normal"),
    2: PageText("reduced rate", "ermäßigter Steuersatz", "taxa reduzida"),
    3: PageText(
        "average rate, § 24 (1) no. 3 UStG",
        "Durchschnittssatz, § 24 Abs. 1 Nr. 3 UStG",
        "taxa média, § 24 (1) n.º 3 UStG",
    ),
    4: PageText(
        "average rate, § 24 (1) no. 1 UStG",
        "Durchschnittssatz, § 24 Abs. 1 Nr. 1 UStG",
        "taxa média, § 24 (1) n.º 1 UStG",
    ),
    5: PageText("no tax", "ohne Steuer", "sem imposto"),
}


def slot(number: int) -> PageText:
    """The place of an amount in the data of a receipt."""
    name = _SLOTS[number]
    return PageText(
        f"Amount {number}, {name.en}", f"Betrag {number}, {name.de}", f"Valor {number}, {name.pt}"
    )


QR = PageText("The QR code", "Der QR-Code", "O código QR")
QR_TEXT = PageText(
    "Twelve fields, joined with semicolons. From them the signed log message can be put together "
    "again, so the signature of the TSE can be checked with the paper alone. That the key is a "
    "certified TSE's is a question for its certificates.",
    "Zwölf Felder, durch Semikolon getrennt. Aus ihnen lässt sich die signierte Log-Nachricht "
    "wieder zusammensetzen, die Signatur der TSE also allein mit dem Papier prüfen. Ob der "
    "Schlüssel der einer zertifizierten TSE ist, sagen deren Zertifikate.",
    "Doze campos, separados por ponto e vírgula. Com eles reconstitui-se a mensagem de registo "
    "assinada, pelo que a assinatura do TSE se verifica só com o papel. Se a chave é de um TSE "
    "certificado, dizem-no os seus certificados.",
)
QR_FIELDS = (
    ("qr-code-version", PageText("version: V0", "Version: V0", "versão: V0")),
    (
        "kassen-seriennummer",
        PageText(
            "id of the register, which is the client of the TSE",
            "Kennung der Kasse, die Client der TSE ist",
            "identificador da caixa, que é cliente do TSE",
        ),
    ),
    (
        "processType",
        PageText("form of the data", "Form der Daten", "forma dos dados"),
    ),
    (
        "processData",
        PageText("data of the operation", "Daten des Vorgangs", "dados da operação"),
    ),
    (
        "transaktions-nummer",
        PageText(
            "number of the transaction in the TSE",
            "Nummer der Transaktion in der TSE",
            "número da transação no TSE",
        ),
    ),
    (
        "signatur-zaehler",
        PageText(
            "how many signatures the TSE had made with this one",
            "die wievielte Signatur der TSE es ist",
            "contador de assinaturas do TSE",
        ),
    ),
    (
        "start-zeit",
        PageText(
            "when the transaction began, by the clock of the TSE, UTC",
            "Beginn der Transaktion nach der Uhr der TSE, UTC",
            "início da transação pelo relógio do TSE, UTC",
        ),
    ),
    (
        "log-time",
        PageText(
            "when it was finished and signed, by the clock of the TSE, UTC",
            "Ende und Signatur nach der Uhr der TSE, UTC",
            "fim e assinatura pelo relógio do TSE, UTC",
        ),
    ),
    (
        "sig-alg",
        PageText("signature algorithm", "Signaturalgorithmus", "algoritmo de assinatura"),
    ),
    (
        "log-time-format",
        PageText(
            "how the time stands in the message",
            "wie die Zeit in der Nachricht steht",
            "formato da hora na mensagem",
        ),
    ),
    (
        "signatur",
        PageText(
            "signature of the TSE, r and s, Base64",
            "Signatur der TSE, r und s, Base64",
            "assinatura do TSE, r e s, Base64",
        ),
    ),
    (
        "public-key",
        PageText(
            "public key of the TSE, Base64",
            "öffentlicher Schlüssel der TSE, Base64",
            "chave pública do TSE, Base64",
        ),
    ),
)
