"""What every installation has of procedures."""

from app.features.procedures.services import load_procedures

STEPS = [("procedures", load_procedures)]
