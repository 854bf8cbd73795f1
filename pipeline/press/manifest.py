"""`manifest.json`: what a run read, by which rules, what it made, withheld and failed to make."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pipeline
from pipeline import store
from pipeline.context import Context
from pipeline.errors import EXIT_OK, EXIT_PARTLY
from pipeline.policy import policy_files

SCHEMA = 1
NAME = "manifest.json"
_SEVERITIES = ("critical", "warning", "info")


def write_manifest(
    context: Context, record: Mapping[str, Any], libraries: Mapping[str, str]
) -> dict[str, Any]:
    """Write the manifest of a run whose documents are made, and give it back. `record` is what became of the schedule."""
    made = manifest_of(context, record, libraries)
    store.write_json(context.run / NAME, made)
    return made


def manifest_of(context: Context, record: Mapping[str, Any], libraries: Mapping[str, str]) -> dict[str, Any]:
    """The manifest; timings are those of the stages before, completed when the run has finished."""
    partly = bool(record["withheld"] or record["failed"])
    return {
        "schema": SCHEMA,
        "kambook": pipeline.__version__,
        "period": context.period.name,
        "as_of": context.period.as_of.isoformat(),
        "inputs": store.read_json(context.run / "raw" / "inputs.json"),
        "policy": _policy(context),
        "documents": record["documents"],
        "withheld": record["withheld"],
        "failed": record["failed"],
        "findings": findings(context),
        "versions": {"kambook": pipeline.__version__, "python": platform.python_version(), **libraries},
        "timings": _timings(context),
        "exit": EXIT_PARTLY if partly else EXIT_OK,
    }


def _policy(context: Context) -> list[dict[str, str]]:
    files = policy_files(context.workspace)
    return [{"path": name, "sha256": store.sha256_of_file(path)} for name, path in files.items()]


def findings(context: Context) -> dict[str, int]:
    """How many findings of each severity validation left."""
    found = store.read_json(context.run / "quality" / "findings.json")
    counts = Counter(each["severity"] for each in found)
    return {severity: counts[severity] for severity in _SEVERITIES}


def _timings(context: Context) -> dict[str, float]:
    path = context.run / NAME
    said = store.read_json(path) if path.is_file() else {}
    return dict(said.get("timings", {}))
