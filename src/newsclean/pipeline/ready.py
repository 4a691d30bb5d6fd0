"""Importing this module loads what a worker needs, compiled code included.

Owns: what the fork server does once, so that no worker has to. Must not know: what the workers will be asked to do.
"""

from newsclean.formats import Block
from newsclean.pipeline.job import Job
from newsclean.pipeline.prepare import prepare
from newsclean.rules.model import RuleBook

prepare(Block("", lines=b'{"text": "A line.\\n\\nAnother one."}'), Job(rules=RuleBook()))
