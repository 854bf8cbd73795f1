"""A suite put to a table: Great Expectations asked, and its answers taken apart.

It is asked about the cells that answer for all (`distinct_cells`), and about all rows where an expectation weighs them
against each other. The only module that imports Great Expectations, and only inside functions: the import alone takes
seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import DataError
from pipeline.gate.distinct_cells import about_places, asked, judges_cells, place_of, side_by_side
from pipeline.gate.expectations import Expectation, Suite, require_kept, require_understood
from pipeline.gate.findings import Outcome


def evaluate(suite: Suite, content: pd.DataFrame) -> list[Outcome]:
    """What comes of each expectation of a suite on rows that are numbered from 0, in the suite's order."""
    of_cells = [each for each in suite.expectations if judges_cells(each)]
    of_rows = [each for each in suite.expectations if not judges_cells(each)]
    chosen = asked(of_cells, content)
    by_name = {
        **_by_name(suite.table, of_rows, content),
        **_by_name(suite.table, map(about_places, of_cells), side_by_side(of_cells, chosen)),
    }
    found = [(each, by_name[each.name]) for each in suite.expectations]
    return [
        Outcome(each, outcome.holds, chosen[place_of(each)].rows(outcome.positions))
        if judges_cells(each)
        else outcome
        for each, outcome in found
    ]


def _by_name(table: str, expectations: Iterable[Expectation], content: pd.DataFrame) -> dict[str, Outcome]:
    suite = Suite(table, tuple(expectations))
    if not suite.expectations:
        return {}
    results = {
        result.expectation_config.meta["name"]: result
        for result in _great_expectations(suite, content).results
    }
    return {each.name: _outcome(each, results.get(each.name)) for each in suite.expectations}


def _great_expectations(suite: Suite, content: pd.DataFrame) -> Any:  # it ships no types
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    require_understood(suite, list_registered_expectation_implementations())
    context = gx.get_context(mode="ephemeral")
    context.config.analytics_enabled = False
    context.config.progress_bars = ProgressBarsConfig(globally=False)
    try:
        theirs = gx.ExpectationSuite(
            name=suite.table, expectations=[each.configuration for each in suite.expectations]
        )
    except ValueError as error:  # of pydantic: an argument that the expectation does not know, or a wrong one
        raise _not_understood(suite, error) from error
    require_kept(suite, len(theirs.expectations))
    definition = context.data_sources.add_pandas("tables").add_dataframe_asset(suite.table)
    batch = definition.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": content})
    # COMPLETE names every row by the frame's own unnamed index; asking for index columns takes a hundred times longer
    return batch.validate(theirs, result_format="COMPLETE")


def _outcome(expectation: Expectation, result: Any) -> Outcome:  # it ships no types
    """An expectation that crashed looks like one that failed, but for its empty result."""
    if result is None or not result.result:
        raise _cannot_be_evaluated(expectation, _kind_of_crash(result))
    if result.success:
        return Outcome(expectation, holds=True, positions=np.zeros(0, dtype=np.int64))
    rows = result.result.get("unexpected_index_list")
    if not rows and expectation.scope != "run":
        raise _cannot_be_evaluated(expectation, "it does not hold, but says of no row why")
    return Outcome(expectation, holds=False, positions=np.array(sorted(rows or []), dtype=np.int64))


def _kind_of_crash(result: Any) -> str:  # it ships no types
    """The class of the exception that came first; its text may quote a cell, so it is not repeated."""
    if result is None:
        return "it has no result"
    said = result.exception_info
    causes = [said] if "exception_traceback" in said else list(said.values())
    return ", ".join(sorted({_first_class(str(cause["exception_traceback"])) for cause in causes}))


def _first_class(traceback: str) -> str:
    """Of the exceptions that a traceback chains, the class of the first."""
    found = re.search(r"^(?:\w+\.)*(\w+)(?::|$)", traceback, re.MULTILINE)
    return found[1] if found else "unknown"


def _cannot_be_evaluated(expectation: Expectation, why: str) -> DataError:
    return DataError(
        where=f"expectations/{expectation.table}.json: {expectation.name}",
        what=f"cannot be evaluated: {why}",
        fix="correct its columns and arguments; a date is compared through __days_after__",
        code="KB-1210",
    )


def _not_understood(suite: Suite, error: ValueError) -> DataError:
    return DataError(
        where=f"expectations/{suite.table}.json",
        what=f"an expectation is not understood: {' '.join(str(error).split())}",
        fix="correct its kwargs",
        code="KB-1202",
    )
