"""What can be foreseen of a run's documents: a misspelt brand need not wait until everything has been computed."""

from __future__ import annotations

from pathlib import Path

from pipeline.catalogue import catalogue
from pipeline.periods import Period
from pipeline.policy import Policy
from pipeline.press.brand import brand
from pipeline.press.languages import catalogue as texts_of
from pipeline.press.languages import language
from pipeline.press.reports import check_reports
from pipeline.press.schedule import in_force
from pipeline.settings import Documents


def require_possible(workspace: Path, documents: Documents, policy: Policy, period: Period) -> None:
    """Stop a run whose documents cannot be made as settings and policy ask for them.

    SettingsError KB-1042 or KB-1043 (brand), KB-1048 (kind of document), KB-1049 (class), KB-1050 (language).
    """
    for name in documents.languages:
        texts_of(language(name).name)
    brand(documents.brand, workspace)
    in_force(policy, period)
    check_reports(catalogue())
