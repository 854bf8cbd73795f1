"""How readings become documents: slices, views, typography, charts, PDF, schedule and manifest."""
