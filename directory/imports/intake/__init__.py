"""From a profile to proposed entries: by rules and vocabularies, explainable and offline."""
