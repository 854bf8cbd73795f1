"""What there is to remark on a scorecard plan, as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipeline.engine.scorecard_plan import FEWEST, MOST, Remark
from pipeline.press.terms import Gettext

Named = Callable[[str], str]
Listed = Callable[[Sequence[str]], str]


def perspective_name(_: Gettext, perspective: str) -> str:
    """The name of one of the four perspectives."""
    names: Mapping[str, str] = {
        "finance": _("Finance"),
        "customer": _("Customer"),
        "process": _("Process"),
        "development": _("Development"),
    }
    return names[perspective]


def sentence(_: Gettext, remark: Remark, named: Named, listed: Listed) -> str:
    """The remark for a reader; `named` gives a measure's name, `listed` joins several."""
    if remark.kind == "perspective_missing":
        missing = [perspective_name(_, each) for each in remark.names]
        return _("No measure for the perspective {names}").format(names=listed(missing))
    if remark.kind == "too_few":
        return _("Only {count} measures; a plan has at least {least}").format(
            count=remark.count, least=FEWEST
        )
    if remark.kind == "too_many":
        return _("{count} measures; a plan has at most {most}").format(count=remark.count, most=MOST)
    names = listed([named(each) for each in remark.names])
    if remark.kind == "same_facts":
        return _("{names} are made of the same facts and count them twice").format(names=names)
    if remark.kind == "target_missing":
        return _("No target for {year}: {names}").format(year=remark.year, names=names)
    return _("Targets carried over unchanged into {year}: {names}").format(year=remark.year, names=names)
