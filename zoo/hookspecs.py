"""What a plugin can give to zoo. A plugin is an object with these functions, marked with `hookimpl`, at an entry point
of the group `zoo`; see CONTRIBUTING.md for one made in five minutes.
"""

from collections.abc import Mapping

import pluggy

hookspec = pluggy.HookspecMarker("zoo")
hookimpl = pluggy.HookimplMarker("zoo")


@hookspec
def zoo_architectures() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Each model_type of config.json that the plugin counts, with its Architecture as `"module:Class"`.

    The module is imported when the type is first counted, not before.
    """
