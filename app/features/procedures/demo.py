"""The procedures at the demo counties."""

from app.features.procedures.services import load_procedures

STEPS = [("procedures", load_procedures)]
