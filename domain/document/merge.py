"""Changes to a plan as RFC 7396 merge patches: applying one, and finding the one between two texts."""

from domain.document.json_values import MAX_DEPTH, JsonObject, JsonValue, TooDeep, same_json


def merge_patch(target: JsonObject, patch: JsonObject) -> JsonObject:
    """The document that RFC 7396 makes of the two: null removes, an object merges, the rest replaces.

    The result shares no object or list with either input. Raises TooDeep for a patch or target that nests
    deeper than `MAX_DEPTH` levels.
    """
    return _merged(target, patch, MAX_DEPTH)


def diff_patch(old: JsonObject, new: JsonObject) -> JsonObject:
    """The smallest merge patch that turns `old` into `new`.

    `merge_patch(old, diff_patch(old, new)) == new` holds for documents without null, which is every digital
    plan; a merge patch cannot write a null (RFC 7396 section 1). The patch shares nothing with the inputs.
    Raises TooDeep like `merge_patch`.
    """
    patch: JsonObject = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = _copy(value, MAX_DEPTH)
        elif not same_json(old[key], value):
            patch[key] = _replacement(old[key], value)
    return patch


def _replacement(old: JsonValue, new: JsonValue) -> JsonValue:
    if isinstance(old, dict) and isinstance(new, dict):
        return diff_patch(old, new)
    return _copy(new, MAX_DEPTH)


def _merged(target: JsonValue, patch: JsonObject, depth: int) -> JsonObject:
    if depth == 0:
        raise TooDeep
    kept = target if isinstance(target, dict) else {}
    result = {key: _copy(value, depth - 1) for key, value in kept.items() if key not in patch}
    for key, value in patch.items():
        if isinstance(value, dict):
            result[key] = _merged(kept.get(key), value, depth - 1)
        elif value is not None:
            result[key] = _copy(value, depth - 1)
    return result


def _copy(value: JsonValue, depth: int) -> JsonValue:
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise TooDeep
    if isinstance(value, dict):
        return {key: _copy(member, depth - 1) for key, member in value.items()}
    return [_copy(member, depth - 1) for member in value]
