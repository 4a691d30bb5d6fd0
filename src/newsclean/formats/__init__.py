"""Files <-> batches: whatever people keep news in, as blocks of records, and results back into files.

`sources` finds input, here or elsewhere (`places`), `inputs` cuts it into blocks, `records` turns a block into documents
(`apart` with the texts in a column), `outputs` writes, `results` reads that back. Owns: bytes, places (`file:line`) and what
cannot be read. Must not know: rules, signatures, what happens to a document in between.
"""

from newsclean.formats.apart import parse_apart
from newsclean.formats.inputs import read_blocks
from newsclean.formats.outputs import OutputFile, claim_folder, open_output, open_stream, remove_stale
from newsclean.formats.places import is_remote
from newsclean.formats.records import Batch, Block, FieldNames, Rejected, encode, parse, to_record
from newsclean.formats.results import read_results
from newsclean.formats.sources import find_sources
from newsclean.formats.staging import local_folder
from newsclean.formats.streams import STDIN, Source, read_again

__all__ = [
    "STDIN",
    "Batch",
    "Block",
    "FieldNames",
    "OutputFile",
    "Rejected",
    "Source",
    "claim_folder",
    "encode",
    "find_sources",
    "is_remote",
    "local_folder",
    "open_output",
    "open_stream",
    "parse",
    "parse_apart",
    "read_again",
    "read_blocks",
    "read_results",
    "remove_stale",
    "to_record",
]
