"""The stages of a run, each a function an engine can call where it likes.

    prepare   a block of input -> its documents cleaned and signed      (any worker, any order)
    store     what was prepared, on disk, in input order                (one writer; survives a kill)
    match     signatures -> pairs -> the kept document of each document
    write     the store and the clusters -> output files
    summary   what happened, for run.json

Nothing is imported here, so that the command line pays only for what it uses.
"""
