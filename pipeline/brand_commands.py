"""`kambook brand`: whether a brand can be used, before a document is made in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.cli import Environment

_NOT_USABLE = 10


@click.group("brand")
def brand_group() -> None:
    """The brands of documents."""


@brand_group.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def check(environment: Environment, folder: Path) -> None:
    """Check a brand's folder: tokens, contrast, colours in grey and for the colour-blind, fonts, logos."""
    from pipeline.fonts import faces
    from pipeline.press.brand import read_folder
    from pipeline.press.brand_check import faults
    from pipeline.press.languages import LANGUAGES

    found = read_folder(folder)
    own = {language.families[0] for language in LANGUAGES.values()}
    installed = [
        {face.weight for face in faces(environment.fonts) if face.family == family} for family in own
    ]
    wrong = faults(found, set.intersection(*installed))
    for fault in wrong:
        click.echo(f"{found.name}: {fault.what}\n  fix: {fault.fix}")
    if wrong:
        sys.exit(_NOT_USABLE)
    click.echo(f"{found.name}: can be used")
