"""What the explanation of a TSE's signature says, in the languages of the pages."""

from fiscus.model.explained import PageText

TITLE = PageText("What the TSE has signed", "Was die TSE signiert hat", "O que o TSE assinou")
TEXT = PageText(
    "The log message of the end of the transaction, all elements but the signature, one after the "
    "other in ASN.1 (DER). Below each value stand its bytes; together they are the signed bytes. "
    "The TSE signs with its own key, which never leaves it; r and s stand one after the other.",
    "Die Log-Nachricht vom Ende der Transaktion, alle Elemente ohne die Signatur, nacheinander in "
    "ASN.1 (DER). Unter jedem Wert stehen seine Bytes; zusammen sind sie die signierten Bytes. "
    "Die TSE signiert mit ihrem eigenen Schlüssel, der sie nie verlässt; r und s stehen "
    "hintereinander.",
    "A mensagem de registo do fim da transação, todos os elementos exceto a assinatura, um após o "
    "outro em ASN.1 (DER). Sob cada valor estão os seus bytes; juntos são os bytes assinados. O "
    "TSE assina com a sua própria chave, que nunca sai dele; r e s vêm um após o outro.",
)
UNREADABLE = PageText(
    "What the record keeps of the TSE's signature cannot be read.",
    "Was der Eintrag von der Signatur der TSE festhält, ist nicht lesbar.",
    "O que o registo guarda da assinatura do TSE não é legível.",
)
VERSION = PageText(
    "version of the message format", "Version des Nachrichtenformats", "versão do formato"
)
KIND = PageText(
    "kind of message: a transaction's",
    "Art der Nachricht: die einer Transaktion",
    "tipo de mensagem: de uma transação",
)
OPERATION = PageText(
    "what happened: the transaction was finished",
    "was geschah: die Transaktion wurde beendet",
    "o que aconteceu: a transação foi concluída",
)
CLIENT = PageText(
    "the register, as the TSE knows it",
    "die Kasse, wie die TSE sie kennt",
    "a caixa, tal como o TSE a conhece",
)
DATA = PageText(
    "what it was told of the operation",
    "was ihr vom Vorgang mitgeteilt wurde",
    "o que lhe foi comunicado da operação",
)
TYPE = PageText("form of these data", "Form dieser Daten", "forma desses dados")
NUMBER = PageText(
    "number of the transaction, counted by the TSE",
    "Nummer der Transaktion, von der TSE gezählt",
    "número da transação, contado pelo TSE",
)
SERIAL = PageText(
    "serial number of the TSE: SHA-256 of its public key",
    "Seriennummer der TSE: SHA-256 ihres öffentlichen Schlüssels",
    "número de série do TSE: SHA-256 da sua chave pública",
)
ALGORITHM = PageText("signature algorithm", "Signaturalgorithmus", "algoritmo de assinatura")
COUNTER = PageText(
    "the TSE's count of its signatures: none can be left out unnoticed",
    "der Signaturzähler der TSE: keine kann unbemerkt fehlen",
    "o contador de assinaturas do TSE: nenhuma pode faltar sem se notar",
)
TIME = PageText(
    "when the TSE signed, by its own clock",
    "wann die TSE signierte, nach ihrer eigenen Uhr",
    "quando o TSE assinou, pelo seu próprio relógio",
)
