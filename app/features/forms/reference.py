"""What every installation has of forms."""

from app.features.forms.services import adopt_versions

STEPS = [("forms", adopt_versions)]
