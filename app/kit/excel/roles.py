"""The words offices use for the six roles of the grid."""

from __future__ import annotations

ROLE_NAMES = {
    "supervisor": "督导员",
    "chief_grid_leader": "总网格长",
    "grid_instructor": "网格指导员",
    "sub_grid_leader": "子网格长",
    "grid_worker": "网格员",
    "volunteer": "志愿者",
}
GRID_LEADER = "grid_leader"  # a bare 网格长: of a sub-grid when one is given, otherwise a question
ROLE_WORDS = {name: code for code, name in ROLE_NAMES.items()} | {
    "网格总长": "chief_grid_leader",
    "指导员": "grid_instructor",
    "网格长": GRID_LEADER,
    "专职网格员": "grid_worker",
    "兼职网格员": "grid_worker",
    "网格志愿者": "volunteer",
}
