"""What the scripts say that verify in the browser, for pages to hand them over translated.

The scripts judge and name a key; a page brings the words of the key in the visitor's language. A
value stands in braces: {name}.
"""

from collections.abc import Mapping

from fiscus.console.visit import N_, Visit
from fiscus.journal.verify.codes import CODES

SENTENCES: Mapping[str, str] = {
    "verify.algorithm-foreign": N_(
        "{name} is not computed in this browser, so this signature is neither good nor bad here."
    ),
    "verify.author-known": N_("Authorship, by the fingerprint of the root key that was given."),
    "verify.author-unknown": N_(
        "Who wrote it: anybody with keys of their own could have made it so."
    ),
    "verify.body-form": N_("The body is not a JSON object in UTF-8."),
    "verify.consistency-bad": N_("The proof does not show that one tree begins the other."),
    "verify.consistency-good": N_("The {size1} entries are the beginning of the {size2}."),
    "verify.cosignature-bad": N_("The line of {name} is not its cosignature."),
    "verify.cosignature-good": N_("The witness {name} has seen this history."),
    "verify.cosignature-mldsa": N_(
        "The cosignature of {name} is of ML-DSA-44, which this browser does not compute."
    ),
    "verify.crypto-missing": N_(
        "This browser computes no hashes and signatures on this page, because the page "
        "came without TLS and not from this machine (localhost). Nothing is recomputed "
        "here."
    ),
    "verify.crypto-ready": N_("This browser can compute hashes and signatures."),
    "verify.entries-checked": N_(
        "{entries} entries of {chains} chains: body, kind, place, link, signature and key."
    ),
    "verify.entries-unread": N_(
        "{unread} entries whose bodies could not be read: their chains lack them, too."
    ),
    "verify.package-do": N_(
        "Ask whoever gave you the package for it again; do not rely on this one. If the new one is "
        "the same, tell whoever runs the service."
    ),
    "verify.place-document": N_("document {number}"),
    "verify.root-in-file": N_("The root key in this file has the fingerprint {fingerprint}."),
    "verify.entries-uncovered": N_(
        "{uncovered} entries are proved by no checkpoint: they are at the ends of their chains."
    ),
    "verify.files-unchecked": N_(
        "Other files in the package, which are made from the entries: {others}."
    ),
    "verify.finding-told": N_("The service itself found this ({id}): {words}"),
    "verify.fingerprint-form": N_(
        "This is no fingerprint: it is sha256: and 64 digits from 0 to 9 and a to f."
    ),
    "verify.inclusion-bad": N_("The proof does not lead from the entry to the root."),
    "verify.inclusion-good": N_("The entry is leaf {index} of the tree of {size} entries."),
    "verify.json-form": N_("The text is not JSON that means one thing only."),
    "verify.key-not-p256": N_("The key is of {name}, not of P-256."),
    "verify.key-other": N_("The entry names another key than this one."),
    "verify.key-told": N_(
        "The {purpose} key of {of} from epoch {epoch}, sequence {first} on is a new "
        "one: no older key vouches for it."
    ),
    "verify.line-long": N_("A line is too long."),
    "verify.link-bad": N_("The link is not the hash of this entry in its place."),
    "verify.link-good": N_("The link is the hash of this entry in its place."),
    "verify.log-key-form": N_("The key of the log is not an Ed25519 key."),
    "verify.log-key-unknown": N_("No key of the log was given, so its note is not judged."),
    "verify.need-consistency": N_("The database, or a consistency proof."),
    "verify.need-database": N_("The database, with the command `fiscus verify`."),
    "verify.need-fingerprint": N_("The fingerprint of the installation, as a Z report prints it."),
    "verify.need-newer": N_("A newer package, whose checkpoint covers them."),
    "verify.need-next": N_("The database, or the organization's next package."),
    "verify.need-policy": N_("A policy that says which witnesses count, and how many."),
    "verify.need-qr-de": N_("The TSE's export (TAR file) with its certificates."),
    "verify.need-qr-de-check": N_("A check by the server, or the command `fiscus check`."),
    "verify.need-qr-pt": N_(
        "The document in the issuer's SAF-T file with the public key of the program, or"
        " the document as the tax authority shows it (e-Fatura)."
    ),
    "verify.not-a-key": N_("The bytes are not a usable public key."),
    "verify.not-a-point": N_("The key is not an uncompressed point of a known curve."),
    "verify.not-base64": N_("This is not Base64 in its one spelling."),
    "verify.not-der": N_("The bytes are not DER of the expected form."),
    "verify.not-hex": N_("This is not hex in lower case."),
    "verify.not-pem": N_("This is not a key or certificate in PEM."),
    "verify.not-utf8": N_("The bytes are not UTF-8."),
    "verify.note-bad": N_("The signature of the log is not that of this note."),
    "verify.note-checked": N_("The checkpoint's signature by the key of the log."),
    "verify.note-form": N_("The note is not a checkpoint of the known form."),
    "verify.note-good": N_("The log has signed its root over {size} entries."),
    "verify.note-other-log": N_("The note is of another log than this key."),
    "verify.note-unsigned": N_("The log has not signed this note."),
    "verify.number-too-large": N_("A number is too large for its place."),
    "verify.older-other-size": N_(
        "Whether the notes of {older} and of {size} entries are of one history."
    ),
    "verify.older-same": N_("The older note that was given has the same root."),
    "verify.others-unchecked": N_(
        "Whether there were other entries before, after or beside these."
    ),
    "verify.package-large": N_("The signature of the package: the file is too large here."),
    "verify.package-signed": N_("The package's own signature, over all of its bytes."),
    "verify.policy-form": N_("Line {line} of the policy is not understood."),
    "verify.policy-met": N_("The policy: {size} entries have its cosignatures."),
    "verify.proof-form": N_("The proof is not of the known form."),
    "verify.proofs-checked": N_("{proofs} proofs of inclusion in the checkpoint."),
    "verify.qr-unknown": N_(
        "This is neither the text of a Portuguese nor of a German receipt's QR code."
    ),
    "verify.root-after": N_(
        "Authorship from sequence {sequence} of the installation on: its key is a new one."
    ),
    "verify.root-before": N_("What the installation signed before sequence {sequence}."),
    "verify.rows-unchecked": N_("The rows of tables that entries state."),
    "verify.series-told": N_(
        "Series {name} ({series}) was taken over after number {number}: what was issued"
        " before cannot be checked."
    ),
    "verify.signature-bad": N_("The signature is not that of this {name} key over these bytes."),
    "verify.signature-form": N_("The signature is not 64 bytes in BASE64URL."),
    "verify.signature-good": N_("The signature is that of this {name} key over these bytes."),
    "verify.signature-high": N_("The second half of the signature is above half of the order."),
    "verify.signature-length": N_("The signature has not 64 bytes."),
    "verify.split-view": N_("Whether somebody else was shown another history (a split view)."),
    "verify.stopped": N_("It was stopped before the end."),
    "verify.too-long": N_("It takes too long; the command `fiscus verify` has no limit."),
    "verify.too-many": N_(
        "The package holds more than {most} entries; use the command `fiscus verify`."
    ),
    "verify.verifier-key-form": N_("This is not the verifier key of a log or of a witness."),
    "verify.witness-seen": N_("The witness {name} has seen this history at {at}."),
    "verify.witness-unknown": N_(
        "No key of the witness {name} was given, so its cosignature is not judged."
    ),
    "verify.worker-failed": N_("The file could not be judged: {what}"),
    "verify.zip-bytes": N_("A file in the ZIP is too large, or too large for what it takes up."),
    "verify.zip-damaged": N_("The file in the ZIP is damaged."),
    "verify.zip-encrypted": N_("The file in the ZIP is encrypted."),
    "verify.zip-form": N_("The file is not a ZIP, or its list of files is damaged."),
    "verify.zip-large": N_("The ZIP is of a form for very large files, which is not read here."),
    "verify.zip-members": N_("The ZIP holds more than {most} files."),
    "verify.zip-method": N_("The file in the ZIP is packed in a way that is not read here."),
    "verify.zip-missing": N_("The file is missing in the ZIP."),
}
"""What is said of keys, signatures, links, proofs, notes and packages."""

PAGE: Mapping[str, str] = {
    "verify.place-form": N_("The entry does not say its place in the known form."),
    "verify.place-entry": N_("chain {chain}, epoch {epoch}, sequence {sequence}"),
    "verify.place-chain": N_("chain {chain}, epoch {epoch}"),
    "verify.place-file": N_("file {file}"),
    "verify.place-line": N_("file {file}, line {line}"),
    "verify.place-field": N_("field {field}"),
    "verify.places-others": N_("{count} more places"),
    "verify.places-more": N_("and {more} more that are not listed"),
    "verify.sentences-more": N_("and {more} more"),
    "verify.verdict-good": N_("Nothing wrong was found."),
    "verify.verdict-not-good": N_("Something is wrong."),
    "verify.verdict-empty": N_("It is empty: there was nothing to check."),
    "verify.verdict-not-judged": N_("It could not be judged here."),
    "verify.verdict-package-good": N_(
        "Nothing wrong was found in this journal package. Read below what that proves."
    ),
    "verify.verdict-package-not-good": N_("This journal package is not good."),
    "verify.verdict-qr-pt-good": N_(
        "The text has the right form, sums and digits. That is not a proof."
    ),
    "verify.verdict-qr-de-good": N_(
        "The text has the right form and sums. Whether its signature was checked stands below."
    ),
    "verify.kind-zip": N_("This is a ZIP that is not a journal package."),
    "verify.kind-dsfinvk": N_("This looks like a DSFinV-K export."),
    "verify.kind-tse": N_("This looks like the export of a TSE."),
    "verify.kind-tar": N_("This is a TAR file of an unknown kind."),
    "verify.kind-saft": N_("This looks like a SAF-T (PT) file."),
    "verify.kind-datev": N_("This looks like a DATEV file."),
    "verify.kind-pdf": N_("This is a PDF."),
    "verify.kind-empty": N_("The file is empty."),
    "verify.kind-unknown": N_("The kind of this file is not known from its first bytes."),
    "verify.hand-over": N_("The server can check it: send it with the button."),
    "verify.hand-over-large": N_("It is too large to be sent."),
    "verify.fact-first": N_("first day"),
    "verify.fact-last": N_("last day"),
    "verify.fact-entries": N_("entries"),
    "verify.fact-chains": N_("chains"),
    "verify.fact-installation": N_("installation"),
    "verify.fact-organization": N_("organization"),
    "verify.fact-fingerprint": N_("fingerprint of the root key"),
    "verify.fact-origin": N_("log"),
    "verify.fact-size": N_("entries that the checkpoint covers"),
    "verify.fact-root": N_("root of the checkpoint"),
    "qr.empty": N_("Paste the text of a QR code first."),
    "qr.no-images": N_(
        "This browser cannot read QR codes out of images. Scan the code with a phone "
        "and paste its text."
    ),
    "qr.image-unread": N_("No QR code was found in the image."),
}
"""What the page about files says."""

RECEIPTS: Mapping[str, str] = {
    "verify.qr-de-checked": N_(
        "The twelve fields: their form, the amounts against the payments, and the times."
    ),
    "verify.qr-de-foreign": N_(
        "Whether the payments make up the total: one is in another currency."
    ),
    "verify.qr-de-no-certificate": N_(
        "Whether the key is that of a certified TSE: its certificates do not stand in the code."
    ),
    "verify.qr-de-signed": N_(
        "The signature: it is that of the key in the code, over the message that these fields make."
    ),
    "verify.qr-de-unreadable": N_("The signature: a field that it covers cannot be read."),
    "verify.qr-pt-cancelled": N_("The document is cancelled."),
    "verify.qr-pt-checked": N_(
        "{fields} fields: their order, presence, length and form; check digits; the "
        "ATCUD and the document's number; the sums, and the VAT of each rate."
    ),
    "verify.qr-pt-final": N_("A final consumer, who gave no number."),
    "verify.qr-pt-no-proof": N_(
        "Whether the document was signed and exists: only four characters of its "
        "signature stand in the code. This is not a proof."
    ),
    "verify.qr-pt-uncertified": N_("The program is not certified."),
    "verify.qr-pt-issuer": N_("tax number of the issuer"),
    "verify.qr-pt-buyer": N_("tax number of the customer"),
    "verify.qr-pt-country": N_("country of the customer"),
    "verify.qr-pt-type": N_("type of the document"),
    "verify.qr-pt-status": N_("status of the document"),
    "verify.qr-pt-day": N_("date of the document"),
    "verify.qr-pt-number": N_("number of the document"),
    "verify.qr-pt-atcud": N_("ATCUD, the unique code of the document"),
    "verify.qr-pt-region": N_("fiscal region"),
    "verify.qr-pt-exempt": N_("base exempt from VAT"),
    "verify.qr-pt-reduced": N_("base at the reduced rate"),
    "verify.qr-pt-reduced-vat": N_("VAT at the reduced rate"),
    "verify.qr-pt-intermediate": N_("base at the intermediate rate"),
    "verify.qr-pt-intermediate-vat": N_("VAT at the intermediate rate"),
    "verify.qr-pt-standard": N_("base at the normal rate"),
    "verify.qr-pt-standard-vat": N_("VAT at the normal rate"),
    "verify.qr-pt-not-subject": N_("not subject to VAT"),
    "verify.qr-pt-stamp-duty": N_("stamp duty"),
    "verify.qr-pt-tax": N_("VAT and stamp duty together"),
    "verify.qr-pt-gross": N_("total of the document"),
    "verify.qr-pt-withheld": N_("tax withheld"),
    "verify.qr-pt-excerpt": N_("four characters of the signature"),
    "verify.qr-pt-certificate": N_("number of the program's certificate"),
    "verify.qr-pt-free": N_("free words of the issuer"),
    "verify.qr-pt-unknown": N_("not a known field"),
    "verify.qr-de-version": N_("version of the code"),
    "verify.qr-de-client": N_("serial number of the register"),
    "verify.qr-de-process-type": N_("type of the process"),
    "verify.qr-de-process-data": N_("data of the process"),
    "verify.qr-de-number": N_("number of the transaction"),
    "verify.qr-de-counter": N_("signature counter"),
    "verify.qr-de-started": N_("start of the transaction"),
    "verify.qr-de-finished": N_("end of the transaction"),
    "verify.qr-de-algorithm": N_("signature algorithm"),
    "verify.qr-de-time-format": N_("format of the time in the signed message"),
    "verify.qr-de-signature": N_("signature of the TSE"),
    "verify.qr-de-public-key": N_("public key of the TSE"),
    "verify.qr-de-serial": N_("serial number of the TSE, the hash of its key"),
    "verify.qr-de-receipt-type": N_("type of the receipt"),
    "verify.qr-de-slot-19": N_("gross at 19 %"),
    "verify.qr-de-slot-7": N_("gross at 7 %"),
    "verify.qr-de-slot-10.7": N_("gross at 10.7 %"),
    "verify.qr-de-slot-5.5": N_("gross at 5.5 %"),
    "verify.qr-de-slot-0": N_("gross without VAT"),
    "verify.qr-de-paid-cash": N_("paid in cash"),
    "verify.qr-de-paid-otherwise": N_("paid otherwise"),
    "finding.QR-PT-01": N_("a part of the text is not a code, a colon and a value"),
    "finding.QR-PT-02": N_("the specification does not know this field"),
    "finding.QR-PT-03": N_("the field is there twice"),
    "finding.QR-PT-04": N_("the field is not in its place of the order"),
    "finding.QR-PT-05": N_("the field is missing"),
    "finding.QR-PT-06": N_("the field is longer than it may be"),
    "finding.QR-PT-07": N_("the field has another form than it must have"),
    "finding.QR-PT-08": N_("the check digit of the tax number (NIF) is wrong"),
    "finding.QR-PT-09": N_("a document has an ATCUD since 2023"),
    "finding.QR-PT-10": N_("the ATCUD ends with another number than the document's"),
    "finding.QR-PT-11": N_("the tax is not the sum of VAT and stamp duty"),
    "finding.QR-PT-12": N_("the total is not the sum of bases and taxes"),
    "finding.QR-PT-13": N_("the VAT is not that of the base at this rate"),
    "finding.QR-DE-01": N_("the text has not the twelve fields of a receipt"),
    "finding.QR-DE-02": N_("the serial number of the register is missing"),
    "finding.QR-DE-03": N_("the type of the process is not a known one"),
    "finding.QR-DE-04": N_("the data of the process have another form than they must have"),
    "finding.QR-DE-05": N_("the payments do not make up the total"),
    "finding.QR-DE-06": N_("this is not a number"),
    "finding.QR-DE-07": N_("this is not a time in UTC"),
    "finding.QR-DE-08": N_("the transaction ends before it starts"),
    "finding.QR-DE-09": N_("the name is not one of the guideline"),
    "finding.QR-DE-10": N_("the public key cannot be used"),
    "finding.QR-DE-11": N_("the signature is not Base64"),
    "finding.QR-DE-12": N_("the signature is not that of the key over these fields"),
    "finding.QR-DE-13": N_("the hash is too short for signatures of a TSE"),
    "finding.QR-PT-08.means": N_("the number was invented, or read wrongly"),
    "finding.QR-PT-08.do": N_("compare it with the printed document"),
    "finding.QR-DE-12.means": N_("a field was changed, or the text was read wrongly"),
    "finding.QR-DE-12.do": N_("scan the code again; compare it with the TSE's export"),
}
"""Fields of QR codes, and what is found in them."""

JUDGED = (
    "VERIFY-BODY-01",
    "VERIFY-BODY-02",
    "VERIFY-BODY-03",
    "VERIFY-KIND-01",
    "VERIFY-KIND-02",
    "VERIFY-LINK-01",
    "VERIFY-SIGNATURE-01",
    "VERIFY-SIGNATURE-02",
    "VERIFY-KEY-01",
    "VERIFY-KEY-02",
    "VERIFY-KEY-03",
    "VERIFY-KEY-04",
    "VERIFY-KEY-05",
    "VERIFY-KEY-06",
    "VERIFY-ROOT-01",
    "VERIFY-CHAIN-01",
    "VERIFY-SEQUENCE-01",
    "VERIFY-SEQUENCE-02",
    "VERIFY-TIME-01",
    "VERIFY-ID-01",
    "VERIFY-INTENT-01",
    "VERIFY-INTENT-02",
    "VERIFY-SERIES-02",
    "VERIFY-SERIES-03",
    "VERIFY-SERIES-05",
    "VERIFY-DOUBLE-01",
    "VERIFY-DOUBLE-02",
    "VERIFY-DOUBLE-03",
    "VERIFY-CLOSING-01",
    "VERIFY-CLOSING-02",
    "VERIFY-CLOSING-04",
    "VERIFY-EXPORT-01",
    "VERIFY-OUTAGE-01",
    "VERIFY-RELIES-01",
    "VERIFY-RELIES-02",
    "VERIFY-RELIES-03",
    "VERIFY-CHECKPOINT-03",
    "VERIFY-CHECKPOINT-06",
    "VERIFY-CHECKPOINT-07",
    "VERIFY-WITNESS-01",
    "VERIFY-WITNESS-02",
    "VERIFY-WITNESS-04",
    "VERIFY-AGAINST-01",
    "VERIFY-AGAINST-02",
    "VERIFY-PACKAGE-01",
    "VERIFY-PACKAGE-02",
    "VERIFY-PACKAGE-03",
    "VERIFY-PACKAGE-04",
    "VERIFY-PACKAGE-05",
    "VERIFY-PACKAGE-06",
    "VERIFY-PACKAGE-07",
)
"""Codes of the verifier that the browser can find in a package."""

FINDINGS: Mapping[str, str] = {
    f"finding.{code}{part}": sentence
    for code in JUDGED
    for part, sentence in zip(("", ".means", ".do"), CODES[code], strict=True)
}

VERIFY_TEXTS: Mapping[str, str] = {**SENTENCES, **PAGE, **RECEIPTS, **FINDINGS}


def verify_texts(visit: Visit) -> dict[str, str]:
    """By key: the text in the visitor's language, for `parts.texts` of a page."""
    return {key: visit.text(text) for key, text in VERIFY_TEXTS.items()}
