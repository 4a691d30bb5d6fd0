"""Near-duplicates: settings · days · sign · candidates · verify · cluster · keep, in turn by `group`.

Nothing is imported here, so that the command line can read `settings` without paying for numba.
"""
