"""The index of an archive, so that today's documents are compared with those of the months before.

    segment     some thousand documents in two immutable files: their columns, and sorted posting lists
    archive     the segments of one generation as one: who could be a copy of a text
    folder      the folder on disk: one manifest, replaced atomically; one writer
    place       new documents beside the archive: the decisions of `dedup`
    verdict     what is said of a document, kept in columns
    sketches    signatures from and to datasketch
    feed        files, some thousand documents at a time
    duplicates  DuplicateIndex, what users hold

It stands beside `pipeline`: both keep on disk what `dedup`, which does no I/O, decides on. Nothing is imported here.
"""
