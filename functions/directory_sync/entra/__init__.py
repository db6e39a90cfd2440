"""Microsoft Entra, by Graph."""
