"""The numbers of refused authentications, as the manuals list them, in words of our own.

The services of documents and series share one list; that of transport documents gives other
meanings to some numbers.
"""

from dataclasses import dataclass
from enum import StrEnum

INVALID_REQUEST = 33
PASSWORD_REFUSED = 99


class LoginReason(StrEnum):
    """Why who asks is not let in."""

    HEADER_MISSING = "header missing"
    USER_MISSING = "user missing"
    USER_SIZE = "user size"
    NIF_INVALID = "nif invalid"
    USER_FORM = "user form"
    SUBUSER_FORM = "subuser form"
    PASSWORD_MISSING = "password missing"
    BASE64 = "base64"
    CIPHER = "cipher"
    CREATED_MISSING = "created missing"
    CREATED_FORM = "created form"
    EXPIRED = "expired"
    KEY_MISSING = "key missing"
    KEY_INVALID = "key invalid"
    KEY_REPEATED = "key repeated"
    PASSWORD_STRUCTURE = "password structure"
    CREATED_UNREADABLE = "created unreadable"
    PASSWORD_UNREADABLE = "password unreadable"
    NOT_PERMITTED = "not permitted"
    PASSWORD = "password"


@dataclass(frozen=True, kw_only=True)
class AuthenticationRefusal:
    """A number, its text, and how many tries are left (-1: it was not the password)."""

    code: int
    text: str
    tries: int = -1


_TEXTS = {
    LoginReason.HEADER_MISSING: "Pedido SOAP sem cabeçalho de segurança",
    LoginReason.USER_MISSING: "Falta o utilizador",
    LoginReason.USER_SIZE: "O utilizador não tem o tamanho previsto",
    LoginReason.NIF_INVALID: "O NIF do utilizador é inválido",
    LoginReason.USER_FORM: "O utilizador não tem o formato NIF/número",
    LoginReason.SUBUSER_FORM: "O número do subutilizador tem formato inválido",
    LoginReason.PASSWORD_MISSING: "Falta a senha",
    LoginReason.BASE64: "Base64 inválido",
    LoginReason.CIPHER: "A cifra com a chave pública é inválida",
    LoginReason.CREATED_MISSING: "Falta a data de criação",
    LoginReason.CREATED_FORM: "A data de criação tem formato inválido",
    LoginReason.EXPIRED: "A validade da credencial expirou",
    LoginReason.KEY_MISSING: "Falta a chave do pedido",
    LoginReason.KEY_INVALID: "A chave simétrica é inválida",
    LoginReason.KEY_REPEATED: "A chave simétrica já foi usada",
    LoginReason.PASSWORD_STRUCTURE: "A senha decifrada tem estrutura inválida",
    LoginReason.CREATED_UNREADABLE: "Created: a chave de sessão não decifra o campo",
    LoginReason.PASSWORD_UNREADABLE: "Password: a chave de sessão não decifra o campo",
    LoginReason.NOT_PERMITTED: "O utilizador não tem permissão para esta operação",
    LoginReason.PASSWORD: "Senha errada ou acesso suspenso",
}

_DOCUMENTS = {
    LoginReason.HEADER_MISSING: INVALID_REQUEST,
    LoginReason.USER_MISSING: 1,
    LoginReason.USER_SIZE: 2,
    LoginReason.NIF_INVALID: 3,
    LoginReason.USER_FORM: 4,
    LoginReason.SUBUSER_FORM: 5,
    LoginReason.PASSWORD_MISSING: 6,
    LoginReason.BASE64: 7,
    LoginReason.CIPHER: 8,
    LoginReason.CREATED_FORM: 9,
    LoginReason.EXPIRED: 10,
    LoginReason.KEY_INVALID: 11,
    LoginReason.KEY_REPEATED: 12,
    LoginReason.PASSWORD_STRUCTURE: 13,
    LoginReason.CREATED_UNREADABLE: 16,
    LoginReason.PASSWORD_UNREADABLE: 17,
    LoginReason.CREATED_MISSING: 19,
    LoginReason.KEY_MISSING: 20,
    LoginReason.NOT_PERMITTED: PASSWORD_REFUSED,
    LoginReason.PASSWORD: PASSWORD_REFUSED,
}

_TRANSPORT = _DOCUMENTS | {
    LoginReason.HEADER_MISSING: 50,
    LoginReason.USER_MISSING: 51,
    LoginReason.CREATED_MISSING: 9,
    LoginReason.CREATED_FORM: 10,
    LoginReason.EXPIRED: 11,
    LoginReason.KEY_MISSING: 12,
    LoginReason.KEY_INVALID: 8,
    LoginReason.KEY_REPEATED: 13,
    LoginReason.NOT_PERMITTED: 54,
}


class NotLetIn(Exception):
    """Who asks is not let in."""

    def __init__(self, reason: LoginReason, tries: int = -1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tries = tries

    def told(self, *, is_transport: bool) -> AuthenticationRefusal:
        """As the service says it."""
        numbers = _TRANSPORT if is_transport else _DOCUMENTS
        return AuthenticationRefusal(
            code=numbers[self.reason], text=_TEXTS[self.reason], tries=self.tries
        )
