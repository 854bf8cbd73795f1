"""The account brief's people: the decision chain, our own posts, needs that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import brief_people as people
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("People and needs"),
    audience="internal",
    metrics=("decision_chain_coverage",),
    tables=("client_roles", "blind_spots", "our_roles", "customer_needs"),
)
def brief_people(view: View) -> Content | None:
    """Who decides, whom we do not know, who of ours is there, what the customer needs."""
    blocks = {"chain": people.chain(view), "needs": people.needs(view)}
    return blocks if any(blocks.values()) else None
