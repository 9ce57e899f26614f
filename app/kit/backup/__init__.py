"""Backups: one archive with everything an installation holds except its secret key, and the way back from it.

`snapshot` copies the database as of one instant, `archive` packs it with the files and a manifest, `cipher` seals it with a
passphrase, `making` and `restoring` are the two acts, `upgrading` makes one before the schema changes.
"""
