"""auto_map: a config that asks for code of its own. zoo runs none; it tells what that does to the count."""

from collections.abc import Mapping

from zoo.architecture import Architecture


def adopted(auto_map: object, model_type: str, architecture: type[Architecture]) -> bool:
    """Whether all that an auto_map names is the author's copy of code that transformers has since adopted.

    Such entries, `modeling_falcon.FalconModel` of type falcon, stay in published configs; transformers loads its own
    class of that name. Anything else is code that nobody here has read.
    """
    if not isinstance(auto_map, Mapping):
        return False
    models = [target for task, target in auto_map.items() if str(task).startswith("AutoModel")]
    return all(_known(str(target), model_type, architecture) for target in models)


def _known(target: str, model_type: str, architecture: type[Architecture]) -> bool:
    """`[repository--]modeling_TYPE.Class`, where the type may be without its version (deepseek for deepseek_v3), or any
    module of a class that bears the name of before its adoption.
    """
    module, _, class_name = target.rpartition("--")[2].partition(".")
    stem = module.removeprefix("modeling_")
    if class_name in architecture.aliases:
        return True
    return class_name in architecture.classes() and stem not in (module, "") and model_type.startswith(stem)
