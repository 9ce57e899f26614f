"""What every installation has of duties, once its tree is there."""

from app.features.duties.services import load_missing_packs

STEPS = [("duties", load_missing_packs)]
