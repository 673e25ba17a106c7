"""auto_map: a config that asks for code of its own. zoo runs none; it tells what that does to the count."""

from collections.abc import Collection, Mapping

from zoo.architecture import Architecture


def adopted(auto_map: object, model_type: str, architecture: type[Architecture]) -> bool:
    """Whether all that an auto_map names is the author's copy of code that transformers has since adopted.

    Such entries, `modeling_falcon.FalconModel` of type falcon, stay in published configs; transformers loads its own
    class of that name. Anything else is code that nobody here has read.
    """
    if not isinstance(auto_map, Mapping):
        return False
    models = [target for task, target in auto_map.items() if str(task).startswith("AutoModel")]
    return all(_known(target, model_type, {*architecture.classes(), *architecture.aliases}) for target in models)


def _known(target: object, model_type: str, classes: Collection[str]) -> bool:
    """`[repository--]modeling_TYPE.Class`, where the type may be without its version: deepseek for deepseek_v3."""
    module, _, class_name = str(target).rpartition("--")[2].partition(".")
    stem = module.removeprefix("modeling_")
    return class_name in classes and stem != module and stem != "" and model_type.startswith(stem)
