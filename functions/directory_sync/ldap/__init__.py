"""LDAP: Active Directory, OpenLDAP and their like."""
