"""What may be used: expectations, helper columns, quarantine, and when a run stops."""
