"""Customer value reports and performance scorecards from CRM exports."""

__version__ = "0.1.0"
