"""Rules: what they are (model), how they are read (load), what they become (compile), whether they hold (check)."""

from newsclean.rules.load import load_rules
from newsclean.rules.model import Rule, RuleBook, RulePack

__all__ = ["Rule", "RuleBook", "RulePack", "load_rules"]
