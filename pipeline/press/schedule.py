"""Who gets what: the documents that policy asks for at the end of a period, about whom, in which language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.errors import SettingsError, UsageError, nearest
from pipeline.metrics.classes import CLASSES
from pipeline.periods import Period, Window, window_ending
from pipeline.policy import Policy
from pipeline.press.languages import language, matched
from pipeline.press.reports import report_of, sections_of
from pipeline.press.slices import Subject
from pipeline.rules.reports import ReportRule
from pipeline.settings import Documents

_SAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 80
_PLAIN_EDITION = "full"
_Key = tuple[str, str, str, str, str]
"""Subject's kind and id, document's kind and edition, name of the window."""


@dataclass(frozen=True)
class Task:
    """One document to make: of what kind, about whom, for which window, in which language and brand, and where."""

    id: str
    kind: str
    audience: str
    subject_kind: str
    subject_id: str
    window: Window
    language: str
    brand: str
    edition: str
    path: str
    """Below the run's folder."""


@dataclass(frozen=True)
class Standing:
    """What is known of each customer that rules of reports ask for: its class, its band, the editions asked for."""

    classes: Mapping[str, str]
    bands: Mapping[str, str]
    asked: Mapping[str, Collection[str]]
    at_risk: Collection[str] = frozenset()

    def is_meant(self, rule: ReportRule, subject_id: str) -> bool:
        """Whether a rule means a subject; one that names neither class nor band means everyone."""
        if rule.where_asked and rule.edition not in self.asked.get(subject_id, ()):
            return False
        named = self.classes.get(subject_id) in rule.classes or self.bands.get(subject_id) in rule.bands
        endangered = rule.at_risk and subject_id in self.at_risk
        return named or endangered or not (rule.classes or rule.bands or rule.at_risk)


def schedule(
    policy: Policy,
    period: Period,
    subjects: Mapping[str, Sequence[Subject]],
    documents: Documents,
    classes: Mapping[str, str],
    bands: Mapping[str, str] | None = None,
    asked: Mapping[str, Collection[str]] | None = None,
    at_risk: Collection[str] = frozenset(),
) -> tuple[Task, ...]:
    """Every document that is due when the period ends, by subject and kind; each once.

    `subjects` are those of each kind that can have documents; `classes` and `bands` are those of each customer that has
    one, `asked` the editions that its contacts ask for, `at_risk` those whose business a warning puts at risk. SettingsError KB-1048 (kind), KB-1049 (class), KB-1050
    (language), KB-1063 (edition), KB-1068 (band) where a rule names what there is not.
    """
    standing = Standing(classes, bands or {}, asked or {}, at_risk)
    found: dict[_Key, tuple[ReportRule, Window, Subject]] = {}
    for rule in in_force(policy, period):
        window = window_ending(rule.window, period.until_on, period.fiscal_start)
        report = report_of(rule.kind)
        for subject in subjects[report.subject_kind] if window else ():
            if report.needs_consent and not subject.has_agreed:
                continue
            if window and standing.is_meant(rule, subject.subject_id):
                key = (subject.kind, subject.subject_id, rule.kind, rule.edition, window.name)
                found.setdefault(key, (rule, window, subject))
    longest = _longest_windows(found.values())
    return tuple(
        _task(rule, window, subject, documents, is_longest=window.name == longest[key[:4]])
        for key, (rule, window, subject) in sorted(found.items(), key=lambda each: each[0])
    )


def in_force(policy: Policy, period: Period) -> tuple[ReportRule, ...]:
    """The rules that hold on the period's last day: of each kind, edition and window those of the latest date."""
    rules: list[ReportRule] = [rule for rule in policy.all("report") if rule.valid_from <= period.as_of]
    for rule in rules:
        _require_classes(rule)
        _require_bands(rule, policy)
        sections_of(report_of(rule.kind), rule.edition)  # says which edition there is not
    newest: dict[tuple[str, str, str], date] = {}
    for rule in rules:
        key = (rule.kind, rule.edition, rule.window)
        newest[key] = max(rule.valid_from, newest.get(key, rule.valid_from))
    return tuple(rule for rule in rules if rule.valid_from == newest[rule.kind, rule.edition, rule.window])


def _require_classes(rule: ReportRule) -> None:
    kind = report_of(rule.kind).subject_kind
    if (rule.classes or rule.bands or rule.where_asked) and kind != "customer":
        raise SettingsError(
            where=f"policy/reports.toml: {rule.kind}",
            what=f"names classes, bands or what contacts ask for, but the document is about a {kind}",
            fix="leave them out: only customers have them",
            code="KB-1054",
        )
    for name in rule.classes:
        if name not in CLASSES:
            raise SettingsError(
                where="policy/reports.toml: classes",
                what=f"there is no class {name!r}",
                nearest=nearest(name, CLASSES),
                fix=f"use some of {', '.join(CLASSES)}, or none for every customer",
                code="KB-1049",
            )


def _require_bands(rule: ReportRule, policy: Policy) -> None:
    known = {band.name for each in policy.all("band") for band in each.bands}
    for name in rule.bands:
        if name not in known:
            raise SettingsError(
                where="policy/reports.toml: bands",
                what=f"there is no band {name!r}",
                nearest=nearest(name, known),
                fix=f"use some of {', '.join(sorted(known))}, or none for every customer",
                code="KB-1068",
            )


def _longest_windows(found: Iterable[tuple[ReportRule, Window, Subject]]) -> dict[tuple[str, ...], str]:
    """Of each subject, kind and edition the longest window: its document has the plain name."""
    longest: dict[tuple[str, ...], Window] = {}
    for rule, window, subject in found:
        key = (subject.kind, subject.subject_id, rule.kind, rule.edition)
        if key not in longest or window.days > longest[key].days:
            longest[key] = window
    return {key: window.name for key, window in longest.items()}


def _task(
    rule: ReportRule, window: Window, subject: Subject, documents: Documents, *, is_longest: bool
) -> Task:
    report = report_of(rule.kind)
    chosen = language_of(rule, subject, documents)
    suffix = ("" if rule.edition == _PLAIN_EDITION else f".{rule.edition}") + (
        "" if is_longest else f".{window.name}"
    )
    audience = report.audience_of(rule.edition)
    place = (
        f"documents/{audience}/{safe_name(subject.subject_id)}/{chosen}/{rule.kind}{suffix}.{report.format}"
    )
    return Task(
        id=f"{rule.kind}/{subject.subject_id}/{window.period}/{chosen}/{rule.edition}",
        kind=rule.kind,
        audience=audience,
        subject_kind=report.subject_kind,
        subject_id=subject.subject_id,
        window=window,
        language=chosen,
        brand=subject.brand or documents.brand,
        edition=rule.edition,
        path=place,
    )


def language_of(rule: ReportRule, subject: Subject, documents: Documents) -> str:
    """The rule's language, else the subject's where the settings offer it, else the first that they offer."""
    offered = tuple(language(name).name for name in documents.languages)
    if rule.language:
        return language(rule.language).name
    return matched(subject.language, offered) or offered[0]


def safe_name(text: str) -> str:
    """An id as the name of a folder: what a file system might take amiss is replaced, and a hash keeps it unique."""
    kept = _SAFE.sub("_", text)[:_LONGEST_NAME]
    if kept and kept == text and not kept.startswith("."):
        return kept
    return f"{kept.lstrip('.')}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def only_of(asked: Collection[str], customer_of: Mapping[str, str]) -> frozenset[str]:
    """The customers of the ids that were asked for, accounts' or customers'. UsageError KB-0207 names the nearest."""
    for name in asked:
        if name not in customer_of:
            raise UsageError(
                where=f"--only {name}",
                what="is no account or customer of this run",
                nearest=nearest(name, customer_of),
                fix="take an id from the exports",
                code="KB-0207",
            )
    return frozenset(customer_of[name] for name in asked)
