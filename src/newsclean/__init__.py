"""Clean, unique stories out of dumps of extracted news text. This module is the public API and nothing else."""
