"""The manifest of a run, and the page that shows it: what was made, withheld, failed and found."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import pipeline
from pipeline import quality, store
from pipeline.context import Context
from pipeline.errors import EXIT_OK, EXIT_PARTLY
from pipeline.resources import built_in
from pipeline.settings import policy_files

SCHEMA = 1
_VERSIONS = ("weasyprint", "pandas", "pyarrow", "great-expectations", "jinja2", "duckdb")
_SEVERITIES = ("critical", "warning", "info")


def write_manifest(context: Context, entries: dict[str, Any]) -> None:
    """Write `index.html`, then `manifest.json` by rename: a manifest always speaks of files that are there."""
    made = manifest(context, entries)
    page = index_page(context, made)
    store.write_bytes(context.run / "index.html", page.encode())
    store.write_json(context.run / "manifest.json", made)


def manifest(context: Context, entries: dict[str, Any]) -> dict[str, Any]:
    """The manifest; the stages' timings are filled in when the run ends."""
    found = Counter(finding["severity"] for finding in quality.findings(context.run))
    partly = bool(entries["withheld"] or entries["failed"])
    return {
        "schema": SCHEMA,
        "kambook": pipeline.__version__,
        "period": context.period.name,
        "as_of": context.period.as_of.isoformat(),
        "inputs": store.read_json(context.run / "raw" / "inputs.json"),
        "policy": [
            {"path": name, "sha256": store.sha256_of_file(path)}
            for name, path in policy_files(context.workspace).items()
        ],
        "documents": entries["documents"],
        "withheld": entries["withheld"],
        "failed": entries["failed"],
        "findings": {severity: found.get(severity, 0) for severity in _SEVERITIES},
        "versions": {name: version(name) for name in _VERSIONS},
        "timings": {},
        "exit": EXIT_PARTLY if partly else EXIT_OK,
    }


def index_page(context: Context, made: dict[str, Any]) -> str:
    """The page of a run; it opens from disk, asks for nothing, and works without its few lines of script."""
    templates = Environment(
        loader=FileSystemLoader(built_in("templates", "pages")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = {each.customer_id: each.name for each in _customers(context)}
    page = templates.get_template("index.html")
    return page.render(
        run=made, company=context.settings.company.name, names=names, findings=quality.findings(context.run)
    )


def _customers(context: Context) -> Any:
    from pipeline.slices import customers

    return customers(context.run)
