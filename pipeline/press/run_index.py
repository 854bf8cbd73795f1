"""`index.html`: a run at a glance, for the people who made it. It opens from disk and asks no host for anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline import store
from pipeline.context import Context
from pipeline.resources import built_in

NAME = "index.html"


def write_index(context: Context, manifest: Mapping[str, Any]) -> None:
    """Write the page beside the manifest that it shows."""
    names = {}
    path = context.run / "facts" / "customers.parquet"
    if path.is_file():
        import pandas as pd

        rows = pd.read_parquet(path, columns=["customer_id", "name"])
        names = dict(zip(rows["customer_id"], rows["name"], strict=True))
    store.write_bytes(context.run / NAME, page(context.settings.company.name, manifest, names).encode())


def page(company: str, manifest: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The page as HTML; `names` are the customers' by id."""
    environment = Environment(
        loader=FileSystemLoader(built_in("templates", "pages")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    states = [document["state"] for document in manifest["documents"]]
    shown = {"made": states.count("made"), "unchanged": states.count("unchanged")}
    return environment.get_template(NAME).render(
        company=company, manifest=manifest, names=names, counts=shown
    )
