"""Who gets what: from the rules of `policy/reports.toml`, the customers of a run and what was withheld. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.languages import matched
from pipeline.periods import Period, Window, window_ending
from pipeline.settings import Documents, ReportRule
from pipeline.slices import Customer

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Task:
    """One document that the schedule asks for."""

    kind: str
    audience: str
    subject_kind: str
    customer: Customer
    window: Window
    language: str
    brand: str
    edition: str

    @property
    def subject_id(self) -> str:
        return self.customer.customer_id

    @property
    def path(self) -> str:
        """Where it goes below the run's folder; an id that is no plain file name is written so that none collide."""
        name = self.kind if self.edition == "full" else f"{self.kind}.{self.edition}"
        return f"documents/{self.audience}/{file_name(self.subject_id)}/{self.language}/{name}.pdf"

    @property
    def identity(self) -> dict[str, Any]:
        """What the manifest says of it before it is made."""
        return {
            "id": f"{self.kind}/{self.subject_kind}:{self.subject_id}/{self.window.period}/{self.language}/{self.edition}",
            "audience": self.audience,
            "kind": self.kind,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "period": self.window.period,
            "language": self.language,
            "edition": self.edition,
            "brand": self.brand,
            "format": "pdf",
            "path": self.path,
        }


def file_name(identity: str) -> str:
    """An id as a file name: every other character than letters, digits, `.`, `_` and `-` as `=` and its code points."""
    plain = _UNSAFE.sub(lambda found: "".join(f"={ord(each):x}=" for each in found[0]), identity)
    return f"={plain}" if plain.startswith(".") else plain


@dataclass(frozen=True)
class Withheld:
    """A document, or one section of it, that is not made although the schedule asks for it."""

    subject_kind: str
    subject_id: str
    kind: str
    section: str | None
    code: str
    reason: str


def tasks(
    rules: Iterable[ReportRule],
    audiences: Mapping[str, tuple[str, str]],
    customers: Sequence[Customer],
    classes: Mapping[str, str],
    period: Period,
    documents: Documents,
) -> list[Task]:
    """The documents that the rules ask for at the end of the period, by kind, then customer.

    `audiences` maps a kind to its audience and subject kind; `classes` a customer to its class. Of the rules of one
    kind and edition the newest in force holds; one whose window ends on another day asks for nothing.
    """
    made: list[Task] = []
    for rule in _in_force(rules, period):
        window = window_ending(rule.window, period.until_on, period.fiscal_start)
        audience, subject_kind = audiences[rule.kind]
        if window is None or subject_kind != "customer":
            continue
        for customer in customers:
            if not rule.classes or classes.get(customer.customer_id) in rule.classes:
                language = rule.language or _language(customer, documents)
                brand = customer.brand or documents.brand
                made.append(
                    Task(rule.kind, audience, subject_kind, customer, window, language, brand, rule.edition)
                )
    return sorted(made, key=lambda task: (task.kind, task.subject_id, task.language, task.edition))


def _in_force(rules: Iterable[ReportRule], period: Period) -> list[ReportRule]:
    newest: dict[tuple[str, str, str, tuple[str, ...]], ReportRule] = {}
    for rule in sorted(rules, key=lambda each: each.valid_from):
        if rule.valid_from <= period.as_of:
            newest[rule.kind, rule.window, rule.edition, rule.classes] = rule
    return list(newest.values())


def _language(customer: Customer, documents: Documents) -> str:
    """The customer's own language where documents are made in it, else the first."""
    own = matched(customer.language, documents.languages) if customer.language else None
    return own or documents.languages[0]


def split(
    asked: Sequence[Task],
    withheld: Iterable[Any],
    customer_of: Mapping[str, str],
    sections_of: Mapping[str, Collection[str]],
) -> tuple[list[tuple[Task, tuple[str, ...]]], list[Withheld]]:
    """The tasks to make, each with the sections it must leave out, and what is withheld.

    A customer is withheld where any of its accounts is; `customer_of` maps an account to its customer. A section is
    listed only where the document would have it; `sections_of` names those of each kind.
    """
    whole: dict[str, Any] = {}
    sections: dict[str, dict[str, Any]] = {}
    for entry in withheld:
        customer = customer_of.get(entry.subject_id, entry.subject_id)
        if entry.section is None:
            whole.setdefault(customer, entry)
        else:
            sections.setdefault(customer, {}).setdefault(entry.section, entry)
    listed: list[Withheld] = []
    made: list[tuple[Task, tuple[str, ...]]] = []
    for task in asked:
        if task.subject_id in whole:
            listed.append(_listed(task, whole[task.subject_id], None))
            continue
        concerned = sections.get(task.subject_id, {})
        own = {name: entry for name, entry in concerned.items() if name in sections_of[task.kind]}
        listed += [_listed(task, entry, name) for name, entry in sorted(own.items())]
        made.append((task, tuple(sorted(own))))
    return made, listed


def _listed(task: Task, entry: Any, section: str | None) -> Withheld:
    return Withheld(task.subject_kind, task.subject_id, task.kind, section, entry.code, entry.reason)
