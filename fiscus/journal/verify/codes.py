"""Every code of the verifier: what was seen, what it means, and what to do about it."""

from collections.abc import Mapping
from typing import NamedTuple


class CodeWords(NamedTuple):
    """The words of one code, as `docs/journal-findings.md` has them."""

    seen: str
    means: str
    do: str


CODES: Mapping[str, CodeWords] = {
    "VERIFY-BODY-01": CodeWords(
        "the body is not a JSON object in UTF-8 with unique member names",
        "the stored bytes were damaged or are not a body",
        "compare with a backup; restore the row's bytes from there",
    ),
    "VERIFY-BODY-02": CodeWords(
        "a member of the body is missing or has a wrong form",
        "a program that does not follow the page wrote it, or the bytes were changed",
        "compare with a backup; if the backup says the same, report it to the maker",
    ),
    "VERIFY-BODY-03": CodeWords(
        "the body has a member that its kind does not have",
        "something was added that no reader of this kind expects",
        "compare with a backup; if the backup says the same, report it to the maker",
    ),
    "VERIFY-BODY-04": CodeWords(
        "the column `encoding` is not 0",
        "the body cannot be read as it is meant, or the column was changed",
        "compare with a backup",
    ),
    "VERIFY-KIND-01": CodeWords(
        "the kind is not one of the page",
        "nobody knows what this entry says",
        "check whether a newer version of the verifier knows it; else compare with a backup",
    ),
    "VERIFY-KIND-02": CodeWords(
        "an entry of this kind does not belong into this class of chain",
        "an entry stands where it has no power, or the chain is not what its key says",
        "report it to the maker; treat what the entry says as not said",
    ),
    "VERIFY-COPY-01": CodeWords(
        "a column differs from the body",
        "somebody changed the column: lists and searches show something that was not signed",
        "trust the body; restore the column from a backup",
    ),
    "VERIFY-LINK-01": CodeWords(
        "the link is not the hash of this entry",
        "the link or the body was changed after it was written",
        "compare with a backup: the entry after this one names the right link",
    ),
    "VERIFY-SIGNATURE-01": CodeWords(
        "the signature is not that of the key of this place",
        "the body was changed, or made without the key",
        "compare with a backup; treat the body as not proved",
    ),
    "VERIFY-SIGNATURE-02": CodeWords(
        "the column `key` names another key than the one of this place",
        "the column was changed, or the entry was signed by a key that did not count here",
        "compare with a backup",
    ),
    "VERIFY-KEY-01": CodeWords(
        "no `key@1` entry gives this place a key",
        "nothing shows who signed the chain",
        "look for a removed `key@1` entry in the organization's or the installation's chain",
    ),
    "VERIFY-KEY-02": CodeWords(
        "two `key@1` entries are for one place",
        "two keys could have signed it: one of them may not be yours",
        "find out which one you made; call the maker if you made one only",
    ),
    "VERIFY-KEY-03": CodeWords(
        "a `key@1` entry stands in a chain or at a place that cannot give this key",
        "somebody tried to give a key more than it has",
        "treat the key as not given, and all that it signed as not proved",
    ),
    "VERIFY-KEY-04": CodeWords(
        "the replaced key has not signed the key that replaces it",
        "whoever put the new key there did not have the old one",
        "find out who changed the key; what was signed since then is not proved",
    ),
    "VERIFY-KEY-05": CodeWords(
        "the members of a `key@1` entry do not fit together",
        "the key is unreadable, or is not the one that its hash or its predecessor names",
        "compare with a backup; report it to the maker",
    ),
    "VERIFY-KEY-06": CodeWords(
        "there is more than one chain with a root key",
        "a second installation was put into this database",
        "verify with the fingerprint that you noted: it tells which one is yours",
    ),
    "VERIFY-ROOT-01": CodeWords(
        "the root key is not the one that was given",
        "this is another installation's journal, or a forged one",
        "compare the fingerprint with what is printed on a Z report",
    ),
    "VERIFY-CHAIN-01": CodeWords(
        "the body does not name the link of the entry before",
        "an entry before was exchanged, or this one was put here",
        "compare both entries with a backup",
    ),
    "VERIFY-SEQUENCE-01": CodeWords(
        "entries are missing",
        "somebody removed them, or a restore lost them",
        "fetch them from a backup or a package",
    ),
    "VERIFY-SEQUENCE-02": CodeWords(
        "this place of the chain is taken twice",
        "two histories were mixed, as after a restore, or an entry was inserted",
        "compare with a backup and with what customers hold",
    ),
    "VERIFY-TIME-01": CodeWords(
        "the entry is older than the entry before",
        "the clock was turned back in spite of the writer, or the journal was forged with the key",
        "ask when the clock was changed",
    ),
    "VERIFY-ID-01": CodeWords(
        "the id was used before",
        "an entry was copied",
        "compare both entries with a backup",
    ),
    "VERIFY-INTENT-01": CodeWords(
        "the intention was concluded before",
        "one operation has two outcomes",
        "compare both entries with what the customer holds",
    ),
    "VERIFY-INTENT-02": CodeWords(
        "the entry names no intention of its chain before it",
        "an operation has an outcome without a beginning",
        "look for a removed entry",
    ),
    "VERIFY-SERIES-01": CodeWords(
        "numbers of the series are missing before this one",
        "documents were removed or a number was skipped",
        "look for the missing documents in a backup or a package",
    ),
    "VERIFY-SERIES-02": CodeWords(
        "the number of the series was used before",
        "one number was given twice",
        "compare both with what customers hold; tell your tax adviser",
    ),
    "VERIFY-SERIES-03": CodeWords(
        "the entry does not name the record with the number before",
        "a record of the series was exchanged",
        "compare with a backup",
    ),
    "VERIFY-SERIES-04": CodeWords(
        "the row of the series is not as its entries say",
        "somebody changed the counter, or an entry was removed",
        "do not issue in this series; restore the row from a backup",
    ),
    "VERIFY-SERIES-05": CodeWords(
        "the number lies after the last one of a series that has ended",
        "the authority was told that there is no such document",
        "compare with what the customer holds; tell your tax adviser",
    ),
    "VERIFY-REPORT-01": CodeWords(
        "the row of the report to an authority is not as its answers say",
        "somebody changed how it stands: it may never have been told",
        "ask the authority whether it has the document; restore the row from a backup",
    ),
    "VERIFY-DOUBLE-01": CodeWords(
        "another entry has the same legal number",
        "the law has this number once",
        "tell your tax adviser; find out which document the customer holds",
    ),
    "VERIFY-DOUBLE-02": CodeWords(
        "another entry has the same unique document code",
        "the law has this code once",
        "tell your tax adviser; find out which document the customer holds",
    ),
    "VERIFY-DOUBLE-03": CodeWords(
        "another sealed closing of this chain has the same Z number",
        "one day was closed twice",
        "compare both with the printed Z reports",
    ),
    "VERIFY-CLOSING-01": CodeWords(
        "the Z number does not follow the one before",
        "a closing was removed, or a number was skipped",
        "look for the printed Z report of the missing number",
    ),
    "VERIFY-CLOSING-02": CodeWords(
        "the range of the closing does not follow the one before, or goes beyond it",
        "entries are in no closing or in two",
        "count the entries again; tell your tax adviser",
    ),
    "VERIFY-CLOSING-03": CodeWords(
        "the closing names a checkpoint that this journal never had",
        "the log was cut or written anew after this closing",
        "compare the root with that on the printed Z report",
    ),
    "VERIFY-CLOSING-04": CodeWords(
        "what the closing says is not what its entries or its own row say",
        "somebody with the key counted wrongly, or changed the row with it",
        "count the entries again; compare with the printed Z report",
    ),
    "VERIFY-EXPORT-01": CodeWords(
        "an end of a chain that an export names is not in this journal",
        "history was written anew or cut off since that export",
        "compare with the exported file",
    ),
    "VERIFY-OUTAGE-01": CodeWords(
        "the entry refers to no outage of its chain before it",
        "an entry was removed or exchanged",
        "look for the entry in a backup",
    ),
    "VERIFY-RELIES-01": CodeWords(
        "the entry does not say what it must rely on",
        "the master data behind it are not proved",
        "report it to the maker",
    ),
    "VERIFY-RELIES-02": CodeWords(
        "the entry relies on an entry that is not there",
        "the entry with the master data or the record was removed",
        "look for it in a backup",
    ),
    "VERIFY-RELIES-03": CodeWords(
        "the entry relies on an entry of another kind, thing or version",
        "the master data behind it are not those it names",
        "compare with a backup",
    ),
    "VERIFY-ROWS-01": CodeWords(
        "the entry states a row that is not its to state, or in a wrong form",
        "the statement has no power",
        "report it to the maker",
    ),
    "VERIFY-ROWS-02": CodeWords(
        "the row is stated in two chains",
        "two tenants claim the same thing",
        "find out whose it is; report it to the maker",
    ),
    "VERIFY-ROWS-03": CodeWords(
        "no entry states this row",
        "somebody wrote the row into the table",
        "remove the row, or restore the table from a backup",
    ),
    "VERIFY-ROWS-04": CodeWords(
        "the row that an entry states is missing",
        "somebody removed the row",
        "restore it from what the entry says",
    ),
    "VERIFY-ROWS-05": CodeWords(
        "a column is not as the newest entry about the row states",
        "somebody changed the column",
        "restore it from what the entry says",
    ),
    "VERIFY-ROWS-06": CodeWords(
        "the key of the row is there twice",
        "the table was made anew without its constraints",
        "restore the table from a backup",
    ),
    "VERIFY-HEAD-01": CodeWords(
        "the row of the chain is not as its entries say",
        "the chain's end was cut or its row was changed",
        "do not issue in this chain; compare with a backup",
    ),
    "VERIFY-HEAD-02": CodeWords(
        "the chain has no row, or the row has no chain",
        "a row was removed, put there, or a whole chain was removed",
        "compare with a backup",
    ),
    "VERIFY-CLAIM-01": CodeWords(
        "the row of an idempotency key is not the one that its record names",
        "a caller would be answered with another record",
        "remove the row; compare with a backup",
    ),
    "VERIFY-CLAIM-02": CodeWords(
        "the idempotency key of a record is missing",
        "a repeated request would be taken for a new one",
        "restore the row from a backup",
    ),
    "VERIFY-TABLE-01": CodeWords(
        "the page does not describe this table",
        "somebody added it, or a newer version made it",
        "verify with the version that made the database",
    ),
    "VERIFY-TABLE-02": CodeWords(
        "the columns of the table are not those that the page describes",
        "somebody changed the table, or another version made it",
        "verify with the version that made the database",
    ),
    "VERIFY-ERASED-01": CodeWords(
        "the body is empty and no retention covers it",
        "the body was removed, not erased at the end of its time",
        "fetch the body from a backup or a package",
    ),
    "VERIFY-ERASED-02": CodeWords(
        "a column of an erased entry is not empty",
        "more is kept, or was put there, than the page allows",
        "empty the column",
    ),
    "VERIFY-LOG-01": CodeWords(
        "the runs of leaves do not follow each other",
        "the log's table was changed",
        "restore the table from a backup",
    ),
    "VERIFY-LOG-02": CodeWords(
        "a stored node of the tree is not the one that the leaves give",
        "proofs made from it would fail",
        "make the tiles again from the entries",
    ),
    "VERIFY-TAIL-01": CodeWords(
        "the chain ends before an entry that the log covers",
        "the newest entries were cut off",
        "fetch them from a backup; do not issue in this chain",
    ),
    "VERIFY-CHECKPOINT-01": CodeWords(
        "the sizes of the checkpoints do not grow",
        "a checkpoint was put there or moved",
        "compare with the notes that others keep",
    ),
    "VERIFY-CHECKPOINT-02": CodeWords(
        "the columns are not what the note says",
        "somebody changed the columns",
        "trust the note",
    ),
    "VERIFY-CHECKPOINT-03": CodeWords(
        "the note is not a checkpoint of this log",
        "the note was changed or comes from elsewhere",
        "compare with the notes that others keep",
    ),
    "VERIFY-CHECKPOINT-04": CodeWords(
        "the root is not that of the entries covered",
        "the log signed another history than this one",
        "compare with a backup from before this checkpoint",
    ),
    "VERIFY-CHECKPOINT-05": CodeWords(
        "the size is above the number of leaves",
        "entries that were signed for are not there",
        "fetch them from a backup",
    ),
    "VERIFY-CHECKPOINT-06": CodeWords(
        "the log's key has not signed the note",
        "the note was changed, or made without the key",
        "compare with the notes that others keep",
    ),
    "VERIFY-CHECKPOINT-07": CodeWords(
        "no `key@1` entry gives the log a key",
        "nothing shows who signed the notes",
        "look for a removed `key@1` entry in the installation's chain",
    ),
    "VERIFY-CHECKPOINT-08": CodeWords(
        "no note covers the last leaves of the log",
        "the newest notes were removed",
        "compare with the notes that others keep",
    ),
    "VERIFY-WITNESS-01": CodeWords(
        "the policy does not list the log that signed the newest note",
        "this is not the log that you mean to trust",
        "compare the verifier key of the log with its owner",
    ),
    "VERIFY-WITNESS-02": CodeWords(
        "no note has the cosignatures that the policy asks for",
        "the witnesses have not seen this history",
        "ask the witnesses for their newest checkpoint of this log",
    ),
    "VERIFY-WITNESS-03": CodeWords(
        "a witness saw the entry before the time that it names",
        "the entry was dated later than it was written",
        "ask when the clock was changed",
    ),
    "VERIFY-WITNESS-04": CodeWords(
        "a line with a known witness's name and key id is not its signature",
        "a cosignature was changed or forged",
        "fetch the cosignature from the witness again",
    ),
    "VERIFY-AGAINST-01": CodeWords(
        "what was kept elsewhere is not of this log",
        "you compare with another installation, or the log's key was exchanged",
        "check which installation the older note is of",
    ),
    "VERIFY-AGAINST-02": CodeWords(
        "what was kept elsewhere is not a beginning of this journal",
        "history was written anew since then",
        "keep both; tell your auditor",
    ),
    "VERIFY-AGAINST-03": CodeWords(
        "what was kept elsewhere knows more than this journal",
        "the journal was cut, or an old backup was restored",
        "fetch what is missing from the other copy",
    ),
    "VERIFY-PACKAGE-01": CodeWords(
        "a file of the package is missing, too large or unreadable",
        "the package is damaged or incomplete",
        "ask for the package again",
    ),
    "VERIFY-PACKAGE-02": CodeWords(
        "the manifest differs from the content",
        "the package is not what it says",
        "ask for the package again",
    ),
    "VERIFY-PACKAGE-03": CodeWords(
        "the signature beside the package is not that of its bytes",
        "the package was changed after it was made",
        "ask for the package and its signature again",
    ),
    "VERIFY-PACKAGE-04": CodeWords(
        "there is no signature beside the package",
        "nothing shows who made the package",
        "ask for the file `<name>.zip.jws`",
    ),
    "VERIFY-PACKAGE-05": CodeWords(
        "a line is not as the page says",
        "the package is damaged",
        "ask for the package again",
    ),
    "VERIFY-PACKAGE-06": CodeWords(
        "an entry of the package is not of its organization",
        "another tenant's entry was given away, or one was put there",
        "report it to the maker",
    ),
    "VERIFY-PACKAGE-07": CodeWords(
        "an entry that the note must prove is not proved by it",
        "the entry is not in the log that was signed",
        "ask for the package again; compare with the log",
    ),
    "VERIFY-CURSOR-01": CodeWords(
        "the chain ends before the place that was verified already",
        "the newest entries were cut off, or an old backup was restored",
        "do not issue in this chain; compare with a backup",
    ),
    "VERIFY-CURSOR-02": CodeWords(
        "the chain is not the one that was verified before",
        "history was written anew",
        "do not issue in this chain; compare with a backup",
    ),
}
