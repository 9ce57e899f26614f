"""The configuration of scoring, ranking and bonus: one flat set of keys, as data that a screen and a command can change.

Sections are headings only. Lists are written with commas, `none` is no value, decimals are strings.
What belongs to one item (its cap, whether it may be not applicable) or to one person (on the pay roll or not) is no
setting: it stands in the scheme and in the roster.
Source: bonus_rules §4; decisions §7. `text` values are printed in a source, `derived` ones are proposals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.errors import Problem, RuleBroken, broken

Value = Decimal | int | bool | str | tuple[str, ...] | dict[str, Decimal] | None


@dataclass(frozen=True)
class Key:
    """One key: its section, the kind of its value, its default as text, the options it allows, where it comes from."""

    name: str
    section: str
    kind: str  # choice | decimal | count | flag | list | weights
    default: str
    options: tuple[str, ...] = ()
    optional: bool = False
    source: str = "derived"
    question: str = ""
    low: str = "0"
    high: str = ""


WAGE_COMPONENTS = ("base_allowance", "post_allowance", "insurance_allowance", "title_allowance", "rank_allowance")
PERIOD_PARTS = ("daily", "half_year", "year_end")
ROUNDINGS = ("half_up", "floor", "ceil")
TIE_BREAKERS = (
    "effective_deduction_asc",
    "aspect_A_desc",
    "aspect_B_desc",
    "aspect_C_desc",
    "aspect_D_desc",
    "previous_rank_asc",
    "manual",
)

KEYS: tuple[Key, ...] = (
    Key("ranking_scope", "ranking", "choice", "county", ("county", "township", "group"), question="Q11"),
    Key("ranking_group", "ranking", "choice", "none", ("village_kind", "township"), optional=True, question="Q11"),
    Key("top_ratio", "ranking", "decimal", "0.25", source="text", high="1"),
    Key("bottom_ratio", "ranking", "decimal", "0.10", source="text", high="1"),
    Key("cut_rule", "ranking", "choice", "quota", ("quota", "rank_number"), question="Q1"),
    Key("top_rounding", "ranking", "choice", "half_up", ROUNDINGS, question="Q1"),
    Key("bottom_rounding", "ranking", "choice", "floor", ROUNDINGS, question="Q2"),
    Key("top_tie_policy", "ranking", "choice", "expand", ("expand", "tiebreak", "shrink"), question="Q3"),
    Key("bottom_tie_policy", "ranking", "choice", "shrink", ("shrink", "tiebreak", "expand"), question="Q4"),
    Key(
        "tie_breakers",
        "ranking",
        "list",
        "effective_deduction_asc,aspect_D_desc,aspect_C_desc,previous_rank_asc,manual",
        TIE_BREAKERS,
        optional=True,
        question="Q5",
    ),
    Key("excluded_band", "ranking", "choice", "middle", ("middle", "none"), question="Q13"),
    Key("missing_score_policy", "ranking", "choice", "block", ("block", "renormalise", "zero"), question="Q12"),
    Key("min_months_ranked", "ranking", "count", "6", high="12", question="Q22"),
    Key("merger_weight_by", "ranking", "choice", "households", ("households", "equal"), question="Q20"),
    Key("split_policy", "ranking", "choice", "inherit", ("inherit",), question="Q21"),
    Key("recusal", "ranking", "flag", "true", question="Q33"),
    Key("correction_mode", "ranking", "choice", "new_version", ("new_version",), question="Q32"),
    Key("rounding", "score", "choice", "half_up", ("half_up",)),  # every stored score is kept so; shown, not chosen
    Key("places", "score", "choice", "2", ("2",)),
    Key("total_cap", "score", "decimal", "20", high="100", question="Q15"),
    Key("floor_total", "score", "decimal", "0", optional=True, high="100", question="Q16"),
    Key("min_applicable", "score", "decimal", "60", high="100", question="Q14"),
    Key("same_fact_rule", "score", "choice", "higher", ("higher", "both"), question="Q17"),
    Key("veto_items_allowed", "score", "flag", "false", ("false",), source="text"),
    Key("period_weights", "periods", "weights", "daily:0.30,half_year:0.30,year_end:0.40", question="Q18"),
    Key("missing_period_policy", "periods", "choice", "renormalise", ("renormalise", "zero", "block"), question="Q19"),
    Key("top_multiplier", "bonus", "decimal", "2.5", source="text", high="20"),
    Key("middle_multiplier", "bonus", "decimal", "2.0", high="20", question="Q6"),
    Key("bottom_multiplier", "bonus", "decimal", "1.0", high="20", question="Q7"),
    Key("multipliers_confirmed", "bonus", "flag", "false", question="Q6"),
    Key("bottom_mode", "bonus", "choice", "multiplier", ("multiplier", "ratio"), question="Q7"),
    Key("award_mode", "bonus", "choice", "in_place", ("in_place", "on_top"), question="Q34"),
    Key(
        "wage_basis",
        "bonus",
        "choice",
        "average_served",
        ("average_served", "december", "month_of_notice"),
        question="Q8",
    ),
    Key(
        "wage_components",
        "bonus",
        "list",
        "base_allowance,post_allowance,title_allowance,rank_allowance",
        WAGE_COMPONENTS,
        question="Q9",
    ),
    Key("month_cutoff_day", "bonus", "count", "15", low="1", high="31", question="Q23"),
    Key("multi_village_policy", "bonus", "choice", "segments", ("segments",), question="Q25"),
    Key("concurrent_policy", "bonus", "choice", "primary", ("primary", "higher", "average"), question="Q26"),
    Key("dismissal_policy", "bonus", "choice", "none", ("none", "pro_rata"), question="Q24"),
    Key("person_gate", "bonus", "choice", "hold", ("hold", "none", "zero"), question="Q27"),
    Key("money_quantum", "bonus", "choice", "0.01", ("0.01", "0.1", "1"), question="Q28"),
    Key("budget_limit", "bonus", "decimal", "none", optional=True, high="1000000000", question="Q29"),
    Key("publicity_days", "bonus", "count", "5", high="60", question="Q30"),
    Key("notice_requires_approval", "bonus", "flag", "true", question="Q31"),
)
BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
SECTIONS = tuple(dict.fromkeys(key.section for key in KEYS))


@dataclass(frozen=True)
class RuleConfig:
    """A whole configuration: every key with its typed value; `config["top_ratio"]` is a Decimal."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def parse_setting(name: str, text: str) -> Value:
    """The typed value of a key out of what was written.

    Errors: rules.unknown_key, rules.not_an_option (with the options), rules.not_a_number, rules.out_of_range,
            rules.value_required, rules.weights_sum.
    Example:
        >>> parse_setting("top_tie_policy", "tiebreak")
        'tiebreak'
    """
    key = BY_NAME.get(name)
    if key is None:
        raise broken("rules.unknown_key", name, key=name, known=", ".join(BY_NAME))
    written = unicodedata.normalize("NFKC", text).strip()
    # `none` may be a choice of its own (dismissal_policy) as well as the word for no value.
    if written.lower() in ("", "none", "null") and not (written.lower() == "none" and "none" in key.options):
        if key.optional:
            return () if key.kind == "list" else None
        raise broken("rules.value_required", name, key=name)
    return _PARSERS[key.kind](key, written)


def _choice(key: Key, text: str) -> Value:
    if text not in key.options:
        raise broken("rules.not_an_option", key.name, key=key.name, value=text, options=", ".join(key.options))
    return Decimal(text) if key.name == "money_quantum" else text


# Commas only between thousands: who writes 1,5 for one and a half must not get 15.
_NUMBER = re.compile(r"-?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,6})?")


def _number(key: Key, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise broken("rules.not_a_number", key.name, key=key.name, value=text)
    value = Decimal(text.replace(",", ""))
    too_high = bool(key.high) and value > Decimal(key.high)
    if value < Decimal(key.low) or too_high:
        raise broken("rules.out_of_range", key.name, key=key.name, value=text, low=key.low, high=key.high)
    return value


def _count(key: Key, text: str) -> Value:
    value = _number(key, text)
    if value != value.to_integral_value():
        raise broken("rules.not_a_number", key.name, key=key.name, value=text)
    return int(value)


def _flag(key: Key, text: str) -> Value:
    words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "on": True, "off": False}
    allowed = key.options or ("true", "false")
    if text.lower() not in words or str(words[text.lower()]).lower() not in allowed:
        raise broken("rules.not_an_option", key.name, key=key.name, value=text, options=", ".join(allowed))
    return words[text.lower()]


_ASPECT = re.compile("aspect_.+_desc")  # a scheme may name its aspects as it likes


def _list(key: Key, text: str) -> Value:
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not parts:
        raise broken("rules.value_required", key.name, key=key.name)
    for part in parts:
        if part not in key.options and not (key.options is TIE_BREAKERS and _ASPECT.fullmatch(part)):
            raise broken("rules.not_an_option", key.name, key=key.name, value=part, options=", ".join(key.options))
    return parts


def _weights(key: Key, text: str) -> Value:
    weights: dict[str, Decimal] = {}
    for part in text.split(","):
        name, _, number = part.partition(":")
        if name.strip() not in PERIOD_PARTS:
            raise broken("rules.not_an_option", key.name, key=key.name, value=part, options=", ".join(PERIOD_PARTS))
        weights[name.strip()] = _number(Key(key.name, key.section, "decimal", "", high="1"), number.strip())
    if sum(weights.values()) != 1:
        raise broken("rules.weights_sum", key.name, key=key.name, sum=sum(weights.values()))
    return weights


_PARSERS: Mapping[str, Callable[[Key, str], Value]] = {
    "choice": _choice,
    "decimal": _number,
    "count": _count,
    "flag": _flag,
    "list": _list,
    "weights": _weights,
}


def with_settings(config: RuleConfig, settings: Mapping[str, str]) -> RuleConfig:
    """The configuration with some keys set from text.

    Errors: RuleBroken with the problem of every key that cannot be set; rules.ratios_overlap.
    """
    values = dict(config.values)
    problems: list[Problem] = []
    for name, text in settings.items():
        try:
            values[name] = parse_setting(name, text)
        except RuleBroken as refusal:
            problems += refusal.problems
    if not problems and values["top_ratio"] + values["bottom_ratio"] > 1:  # type: ignore[operator]
        problems.append(Problem("rules.ratios_overlap", "bottom_ratio"))
    if problems:
        raise RuleBroken(problems)
    return RuleConfig(values)


def written(value: Value) -> str:
    """A value as it is written in settings; the reverse of `parse_setting`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{name}:{weight}" for name, weight in value.items())
    return str(value)


def as_data(config: RuleConfig) -> dict[str, Any]:
    """The configuration as JSON, in the order of KEYS: lists stay lists, numbers are strings, no value is null."""
    return {key.name: _plain(config.values[key.name]) for key in KEYS}


def _plain(value: Value) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return {name: str(weight) for name, weight in value.items()}
    return str(value)


def from_data(data: Mapping[str, Any]) -> RuleConfig:
    """The configuration kept as JSON; keys it does not name have their defaults.

    Errors: those of `with_settings`.
    """
    return with_settings(DEFAULTS, {name: _as_text(value) for name, value in data.items()})


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{name}:{weight}" for name, weight in value.items())
    return written(value)


DEFAULTS = RuleConfig({key.name: parse_setting(key.name, key.default) for key in KEYS})
"""The default configuration of bonus_rules §4."""
