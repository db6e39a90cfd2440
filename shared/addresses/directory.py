"""A directory as an administrator configures it: where it is, how to log on, and what its word counts for. Pure."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from addresses.check import Limits
from addresses.settings import Domain

Words = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
# Secrets Manager's own rule for names.
SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$")]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError if it is none
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise ValueError("must begin with https://; http:// only leads to this machine itself")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must name a host and a path and nothing else; a password belongs into the secret")
    return text.rstrip("/")


def _ldap_address(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError if it is none
    more = parts.path.removeprefix("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or more:
        raise ValueError("must be like ldaps://dc1.example.com or ldap://dc1.example.com:389")
    return text


WebAddress = Annotated[Words, AfterValidator(_web_address)]
LdapAddress = Annotated[Words, AfterValidator(_ldap_address)]


class DisabledAccounts(StrEnum):
    """What becomes of the mailbox of an account that was disabled: its aliases are unlinked, or nothing changes."""

    CLOSE = "close"
    KEEP = "keep"


class LdapProfile(StrEnum):
    """Which attributes of an LDAP directory hold the addresses."""

    ACTIVE_DIRECTORY = "active_directory"
    OPENLDAP = "openldap"


class _Directory(BaseModel):
    """What every kind of directory has.

    ``domains``: those that it is authoritative for. ``auto_link``: whether its aliases are linked, or only mailboxes
    opened, renamed and closed. ``limits``: how much a run may take away before an administrator is asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret_name: SecretName
    enabled: StrictBool = True
    domains: list[Domain] = Field(default_factory=list, max_length=1000)
    auto_link: StrictBool = True
    disabled_accounts: DisabledAccounts = DisabledAccounts.KEEP
    limits: Limits = Limits()


class LdapDirectory(_Directory):
    """Active Directory, OpenLDAP or another LDAP server, over TLS with a certificate that is checked.

    ``url``: ``ldaps://host[:636]``, or ``ldap://host[:389]`` with ``start_tls``, or with ``allow_plaintext``, which
    sends the password and every address in the clear. ``ca_certificate``: PEM of the authority that signed the server's
    certificate, where that is not a public one. ``filter`` narrows the accounts that are read.
    """

    kind: Literal["ldap"]
    url: LdapAddress
    base_dn: Words
    bind_dn: Words
    profile: LdapProfile
    filter: Words | None = None
    ca_certificate: Annotated[str, StringConstraints(min_length=1, max_length=65536)] | None = None
    start_tls: StrictBool = False
    allow_plaintext: StrictBool = False

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if urlsplit(self.url).scheme == "ldap" and not (self.start_tls or self.allow_plaintext):
            raise ValueError("url is not protected: use ldaps://, or set start_tls, or allow_plaintext if you must")
        return self


class EntraDirectory(_Directory):
    """Microsoft Entra, by Graph. National clouds have other addresses than the two defaults."""

    kind: Literal["entra"]
    tenant_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,255}$")]
    client_id: Words
    graph_url: WebAddress = "https://graph.microsoft.com"
    login_url: WebAddress = "https://login.microsoftonline.com"


class GoogleDirectory(_Directory):
    """Google Workspace, by the Directory API. The service account reads on behalf of ``admin``, an administrator."""

    kind: Literal["google"]
    customer: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,255}$")]
    admin: Words
    api_url: WebAddress = "https://admin.googleapis.com"


Directory = Annotated[LdapDirectory | EntraDirectory | GoogleDirectory, Field(discriminator="kind")]
