"""What the explanation of a Portuguese document says, in the languages of the pages."""

from collections.abc import Mapping

from fiscus.model.explained import PageText
from fiscus.regimes.pt.qr import LETTERS

SIGNED = PageText(
    "What was signed for the law",
    "Was für das Gesetz signiert wurde",
    "O que foi assinado por força da lei",
)
SIGNED_TEXT = PageText(
    "Five values, joined with semicolons: the day, the time of entry on the Lisbon clock, the "
    "number, the total with tax, and the signature of the document before it in the same series "
    "(nothing for the first). The text is signed with the key of the program's producer: RSA with "
    "SHA-1 and PKCS#1 v1.5 padding.",
    "Fünf Werte, durch Semikolon getrennt: der Tag, die Zeit der Erfassung nach der Uhr in "
    "Lissabon, die Nummer, der Gesamtbetrag mit Steuer und die Signatur des vorigen Belegs "
    "derselben Serie (beim ersten nichts). Der Text ist mit dem Schlüssel des Programmherstellers "
    "signiert: RSA mit SHA-1 und PKCS#1 v1.5.",
    "Cinco valores, separados por ponto e vírgula: a data, a hora de gravação pelo relógio de "
    "Lisboa, o número, o total com impostos e a assinatura do documento anterior da mesma série "
    "(nada no primeiro). O texto é assinado com a chave do produtor do programa: RSA com SHA-1 e "
    "PKCS#1 v1.5.",
)
SIGNED_PARTS = (
    PageText("the day of the document", "der Tag des Belegs", "a data do documento"),
    PageText(
        "when it was entered, Lisbon time; it never goes back within a series",
        "wann er erfasst wurde, Lissabonner Zeit; sie geht innerhalb einer Serie nie zurück",
        "quando foi gravado, hora de Lisboa; nunca recua dentro de uma série",
    ),
    PageText(
        "type, series and number", "Art, Serie und Nummer", "tipo, série e número do documento"
    ),
    PageText(
        "the total with tax, two decimals",
        "der Gesamtbetrag mit Steuer, zwei Nachkommastellen",
        "o total com impostos, com duas casas decimais",
    ),
    PageText(
        "the signature of the document before it in the series; empty for the first",
        "die Signatur des vorigen Belegs der Serie; beim ersten leer",
        "a assinatura do documento anterior da série; vazia no primeiro",
    ),
)

PRINTED = PageText("What is printed of it", "Was davon gedruckt wird", "O que dela é impresso")
PRINTED_TEXT = PageText(
    "Four characters of the signature in Base64 stand on paper, before the certificate number. "
    "They tell which signature it is; they prove nothing by themselves.",
    "Vier Zeichen der Signatur in Base64 stehen auf dem Papier, vor der Zertifikatsnummer. Sie "
    "sagen, welche Signatur es ist; für sich allein beweisen sie nichts.",
    "Quatro caracteres da assinatura em Base64 são impressos antes do número do certificado. "
    "Indicam de que assinatura se trata; por si só nada provam.",
)
CHARACTER = PageText(
    "the character at this place of the signature",
    "das Zeichen an dieser Stelle der Signatur",
    "o carácter nesta posição da assinatura",
)
ATCUD = PageText(
    "the code that the authority gave to the series, a hyphen, the number in the series",
    "der Code, den die Behörde der Serie gab, ein Bindestrich, die Nummer in der Serie",
    "o código de validação que a AT deu à série, um hífen, o número na série",
)

LINES = PageText("The lines", "Die Zeilen", "As linhas")
LINES_TEXT = PageText(
    "The gross value of a line is what the caller states. The net value is taken out of it at the "
    "rate of the line and kept with eight decimals, because the law wants more than two in the "
    "computation; the VAT is the rest.",
    "Der Bruttowert einer Zeile ist, was der Aufrufer angibt. Der Nettowert wird mit dem Satz der "
    "Zeile herausgerechnet und mit acht Nachkommastellen behalten, weil das Gesetz in der "
    "Rechnung mehr als zwei verlangt; die Steuer ist der Rest.",
    "O valor de uma linha com IVA é o que o emissor indicou. O valor sem IVA é extraído à taxa da "
    "linha e guardado com oito casas decimais, porque a lei exige mais de duas no cálculo; o IVA "
    "é o resto.",
)
TAXES = PageText("The shares of the taxes", "Die Anteile der Steuern", "As parcelas por imposto")
TAXES_TEXT = PageText(
    "The lines of one tax are added up, and net value and VAT are taken out of the sum. Each "
    "share is cut to the cent or goes up to the next one, so that the shares add up to the totals "
    "of the document: the largest remainders go up.",
    "Die Zeilen einer Steuer werden addiert, Nettowert und Steuer aus der Summe herausgerechnet. "
    "Jeder Anteil wird auf den Cent abgeschnitten oder auf den nächsten angehoben, so dass die "
    "Anteile die Summen des Belegs ergeben: die größten Reste werden angehoben.",
    "As linhas de um imposto são somadas, e da soma extraem-se o valor sem IVA e o IVA. Cada "
    "parcela é truncada ao cêntimo ou sobe para o seguinte, para que as parcelas somem os totais "
    "do documento: sobem os restos maiores.",
)
TOTALS = PageText("The totals", "Die Summen", "Os totais")
TOTALS_TEXT = PageText(
    "The total with tax is what is paid, and does not move. The VAT is the exact one of all rates "
    "together, rounded once to the cent, a half cent up unless the caller stated it rounded down. "
    "The net value is what remains.",
    "Der Gesamtbetrag mit Steuer ist, was gezahlt wird, und bleibt. Die Steuer ist die genaue "
    "aller Sätze zusammen, einmal auf den Cent gerundet, ein halber Cent nach oben, wenn der "
    "Aufrufer ihn nicht abgerundet angab. Der Nettowert ist der Rest.",
    "O total com impostos é o que se paga, e não muda. O IVA é o valor exato de todas as taxas em "
    "conjunto, arredondado uma só vez ao cêntimo, meio cêntimo para cima salvo se o emissor o "
    "indicou arredondado para baixo. O valor sem IVA é o que resta.",
)

GROSS = PageText("with tax", "brutto", "com IVA")
NET = PageText("net", "netto", "sem IVA")
VAT = PageText("VAT", "Umsatzsteuer", "IVA")
NET_OF_TAXES = PageText(
    "net, the shares added up", "netto, die Anteile addiert", "sem IVA, soma das parcelas"
)
VAT_OF_TAXES = PageText(
    "VAT, the shares added up", "Umsatzsteuer, die Anteile addiert", "IVA, soma das parcelas"
)


def of_line(what: PageText, number: int, text: str) -> PageText:
    """`1 · Bica: net`."""
    return of_tax(what, f"{number} · {text}")


def of_tax(what: PageText, name: str) -> PageText:
    """`PT IVA NOR 23 %: net`."""
    return PageText(f"{name}: {what.en}", f"{name}: {what.de}", f"{name}: {what.pt}")


QR = PageText("The QR code", "Der QR-Code", "O código QR")
QR_TEXT = PageText(
    "Each field is a letter, a colon and a value; an asterisk stands between fields. It names the "
    "document and holds four characters of its signature: form, sums and digits can be checked "
    "with it, and it is no proof.",
    "Jedes Feld ist ein Buchstabe, ein Doppelpunkt und ein Wert; zwischen Feldern steht ein "
    "Stern. Er benennt den Beleg und enthält vier Zeichen seiner Signatur: Form, Summen und "
    "Ziffern lassen sich damit prüfen, ein Beweis ist er nicht.",
    "Cada campo é uma letra, dois pontos e um valor; entre campos há um asterisco. Identifica o "
    "documento e contém quatro caracteres da sua assinatura: permite verificar forma, somas e "
    "dígitos, mas não é uma prova.",
)

_FIELDS: Mapping[str, PageText] = {
    "A": PageText(
        "tax number of the issuer: the taxpayer's",
        "Steuernummer des Ausstellers: die des Steuerpflichtigen",
        "NIF do emitente: o do sujeito passivo",
    ),
    "B": PageText(
        "tax number of the buyer; 999999990 is the final consumer without one",
        "Steuernummer des Käufers; 999999990 ist der Endverbraucher ohne Nummer",
        "NIF do adquirente; 999999990 é o consumidor final sem número",
    ),
    "C": PageText("country of the buyer", "Land des Käufers", "país do adquirente"),
    "D": PageText("type of the document", "Art des Belegs", "tipo de documento"),
    "E": PageText(
        "state when it was issued: N, normal",
        "Zustand bei der Ausstellung: N, normal",
        "estado na emissão: N, normal",
    ),
    "F": PageText("day of the document", "Tag des Belegs", "data do documento"),
    "G": PageText(
        "type, series and number: the third part of the signed text",
        "Art, Serie und Nummer: der dritte Teil des signierten Textes",
        "tipo, série e número: a terceira parte do texto assinado",
    ),
    "H": PageText(
        "ATCUD: the validation code of the series, a hyphen, the number",
        "ATCUD: der Prüfcode der Serie, ein Bindestrich, die Nummer",
        "ATCUD: o código de validação da série, um hífen, o número",
    ),
    "L": PageText(
        "not subject to VAT: the share of what is not taxable",
        "nicht steuerbar: der Anteil, der keiner Steuer unterliegt",
        "não sujeito a IVA: a parcela não tributável",
    ),
    "M": PageText("stamp duty", "Stempelsteuer", "imposto do selo"),
    "N": PageText(
        "all taxes: the VAT of the document",
        "alle Steuern: die Umsatzsteuer des Belegs",
        "total de impostos: o IVA do documento",
    ),
    "O": PageText(
        "total with tax: the fourth part of the signed text",
        "Gesamtbetrag mit Steuer: der vierte Teil des signierten Textes",
        "total com impostos: a quarta parte do texto assinado",
    ),
    "P": PageText("withheld taxes", "einbehaltene Steuern", "retenções na fonte"),
    "Q": PageText(
        "characters 1, 11, 21 and 31 of the signature",
        "die Zeichen 1, 11, 21 und 31 der Signatur",
        "os caracteres 1, 11, 21 e 31 da assinatura",
    ),
    "R": PageText(
        "number under which the program is certified",
        "Nummer, unter der das Programm zertifiziert ist",
        "número do certificado do programa",
    ),
    "S": PageText("the issuer's own words", "eigene Angaben des Ausstellers", "outras informações"),
}

_BLOCK: Mapping[str, PageText] = {
    "1": PageText(
        "fiscal region of this block; 0: no VAT is stated",
        "Steuergebiet dieses Blocks; 0: keine Umsatzsteuer angegeben",
        "espaço fiscal deste bloco; 0: sem indicação de IVA",
    ),
    "2": PageText(
        "exempt: the net share", "steuerfrei: der Nettoanteil", "isento: a base tributável"
    ),
    "3": PageText(
        "reduced rate: the net share",
        "ermäßigter Satz: der Nettoanteil",
        "taxa reduzida: a base tributável",
    ),
    "4": PageText("reduced rate: the VAT", "ermäßigter Satz: die Steuer", "taxa reduzida: o IVA"),
    "5": PageText(
        "intermediate rate: the net share",
        "mittlerer Satz: der Nettoanteil",
        "taxa intermédia: a base tributável",
    ),
    "6": PageText(
        "intermediate rate: the VAT", "mittlerer Satz: die Steuer", "taxa intermédia: o IVA"
    ),
    "7": PageText(
        "standard rate: the net share",
        "Normalsatz: der Nettoanteil",
        "taxa normal: a base tributável",
    ),
    "8": PageText("standard rate: the VAT", "Normalsatz: die Steuer", "taxa normal: o IVA"),
}
_UNKNOWN = PageText(
    "not a field of the specification", "kein Feld der Spezifikation", "campo fora da especificação"
)
_ALL: Mapping[str, PageText] = {
    **_FIELDS,
    **{f"{letter}{number}": text for letter in LETTERS for number, text in _BLOCK.items()},
}


def qr_field(name: str) -> PageText:
    """What the field of that name says; `I`, `J` and `K` have a block of numbers each."""
    return _ALL.get(name, _UNKNOWN)
