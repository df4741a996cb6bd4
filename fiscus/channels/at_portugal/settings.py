"""What the operator tells of the way to the authority: files, and addresses where they differ."""

from fiscus.channels.at_portugal.endpoints import TEST_ADDRESSES
from fiscus.model.plugin_settings import Setting

CODE = "at_portugal"

_ADDRESS = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[!-~]*"
_LIVE = "; in live that of the authority if it is not set"

CERTIFICATE = Setting(
    name="certificate",
    help="file with the producer's certificate that the tax authority signed: PEM, or PKCS #12 "
    "with the key in it",
)
PRIVATE_KEY = Setting(
    name="private_key",
    help="file with the private key of that certificate, PEM; none is needed with PKCS #12",
)
PASSPHRASE = Setting(
    name="passphrase", help="what the private key or the PKCS #12 file is encrypted with, if it is"
)
CIPHER_CERTIFICATE = Setting(
    name="cipher_certificate",
    help="file with the tax authority's certificate whose key encrypts the credentials of "
    "requests, PEM or DER: a new one about every two years",
)
TRUSTED = Setting(
    name="trusted",
    help="file with the certificates that the tax authority's own must come from, PEM; if it is "
    "not set, those that the machine trusts",
)
SERIES_ADDRESS = Setting(
    name="series_address",
    help=f"address of the service for series{_LIVE}",
    test_value=TEST_ADDRESSES[0],
    pattern=_ADDRESS,
)
DOCUMENTS_ADDRESS = Setting(
    name="documents_address",
    help=f"address of the service for documents{_LIVE}",
    test_value=TEST_ADDRESSES[1],
    pattern=_ADDRESS,
)
TRANSPORT_ADDRESS = Setting(
    name="transport_address",
    help=f"address of the service for transport documents{_LIVE}",
    test_value=TEST_ADDRESSES[2],
    pattern=_ADDRESS,
)

SETTINGS = (
    CERTIFICATE,
    PRIVATE_KEY,
    PASSPHRASE,
    CIPHER_CERTIFICATE,
    TRUSTED,
    SERIES_ADDRESS,
    DOCUMENTS_ADDRESS,
    TRANSPORT_ADDRESS,
)


def variable(setting: Setting) -> str:
    """The environment variable of a setting."""
    return f"FISCUS_{CODE}_{setting.name}".upper()
