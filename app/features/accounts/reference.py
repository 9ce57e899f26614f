"""What every installation has of accounts."""

from app.features.accounts.services import load_default_rights

STEPS = [("rights", load_default_rights)]
