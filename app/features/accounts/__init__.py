"""Users, sign-in, own password, the rights table."""
