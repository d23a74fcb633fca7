"""What the service's documents contradict or leave open, as named switches.

Each switch has the sheet's own assumption as its default; the other positions are the other plausible worlds.
A client is only proved when it works in every position.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question about the service.

    Attributes:
        name: how it is set.
        positions: the possible answers; the first is the default.
        section: where docs/api.md speaks of it.
        text: the question in one line.
    """

    name: str
    positions: tuple[str, ...]
    section: str
    text: str

    @property
    def default(self) -> str:
        """The position that holds when nobody sets another."""
        return self.positions[0]


SWITCHES: tuple[Switch, ...] = (
    Switch("search_id", ("on", "off"), "5.4, 14.1", "do search rows carry the lead's id"),
    Switch("status_place", ("top", "fields", "both"), "5.4, 14.2", "where a search row holds the status"),
    Switch("rating_place", ("top", "fields", "both"), "5.4", "where a search row holds the rating"),
    Switch("assignee_read", ("employeeid", "assignee"), "5.4, 14.3", "under which name the assignee is read"),
    Switch("lost_reason_read", ("label", "id"), "5.4", "what lostReasonid of a search row holds"),
    Switch("get_body", ("live", "documented"), "5.2", "does reading a lead also give id, times and assignee"),
    Switch("conflict_id", ("off", "on"), "5.1, 14.4", "does the answer 409 name the existing lead"),
    Switch("empty_lists", ("present", "absent"), "5.1", "are empty actions and remarks sent or left out"),
    Switch("unknown_field_create", ("remark", "silent"), "5.1", "does a create remark on an unknown field"),
    Switch("update_invalid", ("400", "drop"), "5.3, 14.5", "an update holds a value of the wrong type"),
    Switch("update_unknown_status", ("drop", "400"), "5.3, 14.5", "an update holds an unknown status"),
    Switch("update_unknown_member", ("drop", "400"), "7", "an update assigns to somebody unknown"),
    Switch("update_unknown_field", ("drop", "400"), "5.3", "an update names an unknown field"),
    Switch("locked_field", ("drop", "400"), "5.3", "an update names a field that is locked after creation"),
    Switch("same_value", ("quiet", "bump"), "5.3", "does rewriting the same value move modified_on"),
    Switch(
        "validation_code", ("BAD_REQUEST", "INVALID_LEAD"), "14.6", "the code of a 400 on create and update"
    ),
    Switch("unknown_enterprise", ("401", "404"), "3, 14.7", "the answer to an unknown enterprise"),
    Switch("malformed_id", ("404", "400"), "5.2", "the answer to an id that is not 24 hex digits"),
    Switch("wrong_method", ("405", "404"), "3", "the answer to a known path with another method"),
    Switch(
        "status_case", ("sensitive", "insensitive"), "6, 14.8", "does the case of a status count in search"
    ),
    Switch("performed_by", ("email", "id"), "5.8, 14.9", "by what action search knows a performer"),
    Switch("action_type_list", ("400", "accept"), "5.8, 14.10", "a list of types in action search"),
    Switch("action_paging", ("query", "ignored"), "5.8, 14.11", "does action search honour skip and limit"),
    Switch(
        "type_on_read",
        ("mixed", "bare", "prefixed"),
        "8.1, 14.12",
        "custom types in timelines / in single reads",
    ),
    Switch("prefixed_create", ("400", "drop"), "5.5, 14.13", "ACTION_1001 sent to the sync API"),
    Switch("retry_after", ("off", "seconds", "date"), "2, 14.14", "does 429 carry Retry-After"),
    Switch("rate_scope", ("token", "workspace"), "2, 14.14", "who shares an hour's requests"),
    Switch(
        "assignee_status_list", ("500", "works"), "6, 14.15", "assignee with a list of statuses in one search"
    ),
    Switch("custom_date_range", ("works", "ignored", "400"), "6, 14.16", "a range on a custom date field"),
    Switch("modified_on_filter", ("works", "ignored", "400"), "6, 14.17", "a range on modified_on"),
    Switch("unknown_filter", ("none", "ignored", "400"), "6, 14.18", "an unknown field in a search"),
    Switch("date_format", ("dd/MM/yyyy", "MM/dd/yyyy"), "7, 14.19", "how the workspace writes dates"),
    Switch("range_end", ("inclusive", "exclusive"), "6, 14.20", "does `to` belong to the range"),
    Switch("half_open", ("works", "400", "ignored"), "6, 14.20", "a range with one end only"),
    Switch(
        "clearing", ("off", "empty", "null", "both"), "7, 14.21", 'what clears a field: nothing, "", null'
    ),
    Switch("tags_update", ("replace", "append"), "7, 14.22", "does writing tags replace or append"),
    Switch("unknown_option", ("create", "drop"), "7, 14.23", "an unknown label of a dropdown"),
    Switch("unknown_tag", ("create", "drop"), "7, 14.23", "an unknown tag"),
    Switch("phone_search", ("exact", "normalised"), "6, 14.24", "which spellings of a phone a search finds"),
    Switch("timeline_order", ("newest", "oldest"), "5.2, 14.25", "the order of a lead's actions in its read"),
    Switch("timeline_id", ("on", "off"), "5.2, 14.25", "do a lead's actions carry their ids"),
    Switch(
        "pipeline_shape", ("stages", "flat"), "9, 14.26", "the documented or the live shape of the pipeline"
    ),
    Switch("identifier_ref", ("api_name", "id"), "9, 14.27", "what leadIdentifierFieldId holds"),
    Switch(
        "type_names", ("plain", "long"), "7", "names of field types that no page lists: TAGS or MULTI_SELECT"
    ),
    Switch("invited_spelling", ("INVITED", "Invited"), "10, 14.28", "the status of a new member"),
    Switch("state_unknown_email", ("404", "400"), "10, 14.28", "a state change for an unknown e-mail"),
    Switch("member_duplicate", ("409", "400"), "10", "a new member with a known e-mail"),
    Switch("async_reply", ("queued", "legacy"), "11, 14.30", "what the async API answers"),
    Switch("deleted_lead", ("gone", "readable"), "12, 14.31", "can a deleted lead still be read by its id"),
    Switch("paging_numbers", ("strict", "lenient"), "14.34", "skip=x or -1: 400, or the default instead"),
    Switch("predated_action", ("ignored", "honoured"), "8.1, 14.35", "created_on in a new action"),
    Switch("payment_id", ("ignored", "kept"), "8.1", "paymentid in a new payment"),
    Switch("number_strings", ("refuse", "accept"), "7", 'a number sent as a string: "3"'),
    Switch("action_bad_field", ("drop_action", "drop_field"), "5.5", "an action with one invalid field"),
    Switch("api_performer", ("empty", "owner"), "8.3", "who performed an action that came by the API"),
    Switch("filter_cap", ("none", "100", "25"), "2", "the most values in one list of a search; more is 400"),
    Switch("empty_list", ("none", "all"), "6", "an empty list as a filter finds nothing, or is no filter"),
    Switch("skip_cap", ("none", "10000"), "4", "the largest skip; more is 400"),
    Switch("unconnected_call", ("minus_one", "zero"), "8.3", "the duration of a call that nobody took"),
)
"""Every switch, in the order of docs/sandbox.md."""

_BY_NAME = {switch.name: switch for switch in SWITCHES}


class Switches(Mapping[str, str]):
    """The positions of all switches of one world."""

    def __init__(self, positions: Mapping[str, str] | None = None) -> None:
        self._positions = {switch.name: switch.default for switch in SWITCHES}
        for name, position in (positions or {}).items():
            self.set(name, position)

    def set(self, name: str, position: str) -> None:
        """Move a switch.

        Raises:
            ValueError: there is no such switch, or it has no such position.
        """
        switch = _BY_NAME.get(name)
        if switch is None:
            raise ValueError(f"there is no switch {name!r}; known: {', '.join(_BY_NAME)}")
        if position not in switch.positions:
            raise ValueError(f"switch {name} knows {', '.join(switch.positions)}, not {position!r}")
        self._positions[name] = position

    def __getitem__(self, name: str) -> str:
        return self._positions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)
