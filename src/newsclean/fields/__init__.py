"""Fields: what the removed lines of a document say about it.

Owns: which removed line becomes which field, and the shape of the fields. Must not know: rules, how lines were found.
"""

from __future__ import annotations

from newsclean.fields.dates import Date, DateLine, parse_date, read_date_line

__all__ = ["Date", "DateLine", "parse_date", "read_date_line"]
