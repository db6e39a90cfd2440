"""Makes the domain of a Samba AD DC. Debian's own Python runs this, since Samba's modules are made for that one.

``python3 -I samba_provision.py SMB_CONF REALM PASSWORD READER HALF_READER PLAIN_READER``: the readers are accounts with
that password too. The first two may ask for changes, of which only the first is shown deletions. The schema gets an
attribute of Exchange.
"""

import logging
import os
import pwd
import sys

from samba import sd_utils  # type: ignore[import-not-found] # it is Debian's, and in no environment of this project
from samba.auth import system_session  # type: ignore[import-not-found] # the same
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2  # type: ignore[import-not-found] # the same
from samba.param import LoadParm  # type: ignore[import-not-found] # the same
from samba.provision import provision  # type: ignore[import-not-found] # the same
from samba.samdb import SamDB  # type: ignore[import-not-found] # the same

# Control access right "DS-Replication-Get-Changes" ([MS-ADTS] 5.1.3.2.1).
_GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
_EXCHANGE = """
dn: CN=ms-Exch-Recipient-Type-Details,{schema}
objectClass: attributeSchema
lDAPDisplayName: msExchRecipientTypeDetails
attributeID: 1.2.840.113556.1.8000.2554.1.1
attributeSyntax: 2.5.5.16
oMSyntax: 65
isSingleValued: TRUE
"""
_ON_USERS = """
dn: CN=User,{schema}
changetype: modify
add: mayContain
mayContain: msExchRecipientTypeDetails
"""
_NOW = """
dn:
changetype: modify
replace: schemaUpdateNow
schemaUpdateNow: 1
"""


def main() -> None:
    """Makes the domain where smb.conf says."""
    settings, realm, password, *readers = sys.argv[1:]
    myself = pwd.getpwuid(os.getuid()).pw_name
    provision(
        logging.getLogger(),
        system_session(),
        smbconf=settings,
        realm=realm,
        domain=realm.partition(".")[0],
        hostname="dc1",
        hostip="127.0.0.1",
        adminpass=password,
        dns_backend="NONE",
        serverrole="active directory domain controller",
        dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
        useeadb=True,
        skip_sysvolacl=True,
        root=myself,
        nobody=myself,
    )
    parameters = LoadParm()
    parameters.load(settings)
    parameters.set("dsdb:schema update allowed", "yes")
    domain = SamDB(parameters.private_path("sam.ldb"), session_info=system_session(), lp=parameters)
    schema = domain.get_schema_basedn()
    for change in (_EXCHANGE, _NOW, _ON_USERS, _NOW):
        if "changetype" in change:
            domain.modify_ldif(change.format(schema=schema))
        else:
            domain.add_ldif(change.format(schema=schema))
    for name in readers:
        domain.newuser(name, password)
    reader, half_reader, _ = (sid(domain, name) for name in readers)
    rights = sd_utils.SDUtils(domain)
    for each in (reader, half_reader):
        rights.dacl_add_ace(domain.domain_dn(), f"(OA;;CR;{_GET_CHANGES};;{each})")
    # List Contents and Read Property, as `dsacls` gives them on Windows.
    rights.update_aces_in_dacl(
        f"CN=Deleted Objects,{domain.domain_dn()}",
        add_aces=[f"(A;;LCRP;;;{reader})"],
        controls=["sd_flags:1:4", "show_deleted:1"],
    )


def sid(domain: SamDB, name: str) -> str:
    """The security identifier of the account."""
    [found] = domain.search(expression=f"(sAMAccountName={name})", attrs=["objectSid"])
    return str(domain.schema_format_value("objectSid", found["objectSid"][0]).decode())


if __name__ == "__main__":
    main()
