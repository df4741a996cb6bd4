"""What is new each time becomes a placeholder: the same thing always has the same one.

Placeholders are numbered by first appearance within a record, so two runs that differ in nothing
else give the same bytes. Times are not masked: stories have a clock of their own.
"""

import binascii
import json
import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = Any

_PEM = r"-----BEGIN (?P<label>[A-Z ]+)-----.*?-----END (?P=label)-----\n?"
_JWS = r"eyJ[\w-]+\.[\w-]*\.[\w-]+"
_API_KEY = r"\b(?:of_)?(?:test|live)_(?:[a-z]{3}_)?[\w-]{30,}"
# A word may stand before it with a hyphen, as in the names of a TSE's messages.
_UUID = (
    r"(?<![0-9A-Fa-f])(?<![0-9A-Fa-f]-)"
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f-])"
)
_CUT_UUID = r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){0,2}-[0-9a-f]{1,4}(?![\w-])"
_TAIL = r"(?<![0-9A-Za-z])[0-9A-F]{6}(?![0-9A-Za-z])"
_HEX = r"(?<![0-9A-Fa-f])(?=[0-9]*[A-Fa-f])(?:[0-9a-f]{24,}|[0-9A-F]{24,})(?![0-9A-Fa-f])"
_BASE64 = (
    # Names of a TSE's messages (Unixt_1794819600_Sig-12_Log-Tra_…) are no base64.
    r"(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*[0-9])(?![\w-]*_Log-)"
    r"[\w+/-]{40,}={0,2}(?![\w+/=-])"
)
_PORT = r"(?<=127\.0\.0\.1:)\d+"
_FOLDER = r"/tmp/[^\s\"':,)]+"
_COUNTED_KEY = r"\btill-\d+\b"

_NEW = re.compile(
    f"(?P<pem>{_PEM})|(?P<jws>{_JWS})|(?P<api_key>{_API_KEY})|(?P<uuid>{_UUID})|(?P<cut>{_CUT_UUID})"
    f"|(?P<hex>{_HEX})|(?P<tail>{_TAIL})"
    f"|(?P<base64>{_BASE64})|(?P<port>{_PORT})|(?P<folder>{_FOLDER})|(?P<key>{_COUNTED_KEY})",
    re.ASCII | re.DOTALL,
)

PLACEHOLDER = re.compile(r"<([\w ]+-\d+)(?=[>:])")
"""Its kind and its number. One that can be read holds its masked content where it first appears,
after a colon."""

SECRETS = frozenset({"secret"})
"""Members of a body whose text is a secret, whatever it looks like."""


@dataclass(kw_only=True)
class Masks:
    """The placeholders of one record."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Ids (32 lower-case digits) and other hex numbers that have a name instead of a number."""
    tails: dict[str, str] = field(default_factory=dict)
    """The last six digits of ids, as some names end with them."""
    kept: frozenset[str] = frozenset()
    """What looks as if it were new each time, but is the same."""
    before: str = ""
    """The character before what is being masked."""

    def text(self, text: str) -> str:
        for secret, placeholder in self.secrets.items():
            text = text.replace(secret, placeholder)
        return _NEW.sub(self._placeholder, text)

    def json(self, value: Json) -> Json:
        """A decoded body; the order of its members stays."""
        match value:
            case dict():
                return {self.text(name): self._member(name, one) for name, one in value.items()}
            case list():
                return [self.json(one) for one in value]
            case str():
                return self.text(value)
        return value

    def _member(self, name: str, value: Json) -> Json:
        if name in SECRETS and isinstance(value, str) and len(value) > 20:
            self.secrets[value] = self._numbered("secret", value)
        return self.json(value)

    def _placeholder(self, found: re.Match[str]) -> str:
        if found[0] in self.kept:
            return found[0]
        kind = found.lastgroup or ""
        assert kind, "every alternative is a group"
        self.before = found.string[max(0, found.start() - 1) : found.start()]
        masked: str = getattr(self, f"_{kind}")(found[0])
        return masked

    def _numbered(self, kind: str, value: str, family: str = "") -> str:
        """`family`: kinds that are ways to write one thing share its number."""
        place = (family or kind, value)
        return f"<{kind}-{self.numbers.setdefault(place, self._next(place[0]))}>"

    def _next(self, family: str) -> int:
        return sum(1 for one, _ in self.numbers if one == family) + 1

    def _pem(self, text: str) -> str:
        label = text.partition("BEGIN ")[2].partition("-----")[0]
        return self._numbered(f"pem {label.lower()}", text.strip())

    def _jws(self, text: str) -> str:
        """What is signed is shown where it first appears, if it can be read."""
        if ("jws", text) in self.numbers:
            return self._numbered("jws", text)
        parts = [self._read(part, urlsafe_b64decode) for part in text.split(".")[:2]]
        return _with(self._numbered("jws", text), [part for part in parts if part])

    def _api_key(self, text: str) -> str:
        return self._numbered("api key", text)

    def _uuid(self, text: str) -> str:
        return self._id(text, "ID" if text.isupper() else "id")

    def _hex(self, text: str) -> str:
        if text in self.names:
            return f"<{self.names[text]}>"
        # A serial number of 32 digits may look like an id by chance: an id has a prefix, or was
        # seen with its hyphens.
        is_prefixed = len(text) == 32 and self.before == "_"
        if is_prefixed or ("id", text.lower()) in self.numbers:
            return self._id(text, "HEXID" if text.isupper() else "hexid")
        return self._numbered("HEX" if text.isupper() else "hex", text.lower(), "hex")

    def _id(self, text: str, kind: str) -> str:
        digits = text.replace("-", "").lower()
        if digits in self.names:
            return f"<{kind.removesuffix('id')}{self.names[digits]}>"
        self.tails.setdefault(digits[-6:].upper(), digits)
        return self._numbered(f"{kind}{digits[12]}", digits, "id")

    def _cut(self, text: str) -> str:
        """What is left of an id in a text that was cut off."""
        return self._numbered("cut id", text)

    def _tail(self, text: str) -> str:
        id_ = self.tails.get(text)
        return self._numbered("end of id", id_, "id") if id_ else text

    def _base64(self, text: str) -> str:
        if ("base64", text) in self.numbers:
            return self._numbered("base64", text)
        inner = self._read(text, urlsafe_b64decode if set(text) & set("-_") else b64decode)
        return _with(self._numbered("base64", text), [inner] if inner else [])

    def _read(self, text: str, decode: Callable[[str], bytes]) -> str:
        """The masked text in base64; empty if it holds no text."""
        try:
            decoded = decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        if not decoded.isprintable():
            return ""
        try:
            return json.dumps(self.json(json.loads(decoded)), ensure_ascii=False)
        except json.JSONDecodeError:
            return self.text(decoded)

    def _port(self, text: str) -> str:
        return self._numbered("port", text)

    def _folder(self, text: str) -> str:
        return self._numbered("folder", text)

    def _key(self, text: str) -> str:
        return self._numbered("key", text)


def _with(placeholder: str, inner: list[str]) -> str:
    return f"{placeholder[:-1]}:{' '.join(inner)}>" if inner else placeholder
