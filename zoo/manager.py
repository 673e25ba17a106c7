"""The plugins of a process: what they count, whose claim holds where two make it, and what is wrong with any."""

import importlib
import os
import stat
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from threading import RLock

from zoo.architecture import Architecture
from zoo.discovery import quarantine
from zoo.discovery.loading import GROUP, fault, load_all
from zoo.discovery.plugin import Plugin
from zoo.discovery.settings import ALL, Settings
from zoo.errors import ArchitectureError, PluginError, PluginWarning, UnknownTypeError
from zoo.text import near, printable, shown, some

__all__ = ["GROUP", "Manager", "Plugin", "manager"]

PREFERENCES = "zoo.toml"
"""The file of the working directory that may say, in its table `prefer`, which plugin counts a type."""


_telling: ContextVar[bool] = ContextVar("telling", default=True)
"""Whether what is wrong with plugins is told, or raised."""


class Manager:
    """The plugins of one process, loaded once. What is wrong with one is told once, or with strict settings raised."""

    def __init__(self) -> None:
        self._loading = RLock()
        self._settings: Settings | None = None
        self._imported: dict[tuple[Plugin, str], type[Architecture] | PluginError] = {}
        self._forget()

    def _forget(self) -> None:
        self._installed: tuple[Plugin, ...] | None = None
        self._meanwhile: tuple[Plugin, ...] | None = None
        self._types: tuple[tuple[Plugin, ...], Mapping[str, tuple[Plugin, ...]]] | None = None
        self._told = False

    @property
    def settings(self) -> Settings:
        """What the environment and the person say. Raises PluginError for an environment that says nonsense."""
        if self._settings is None:
            self._settings = Settings.of(os.environ)
        return self._settings

    def use(self, files: tuple[Path, ...] = (), prefer: Mapping[str, str] | None = None) -> None:
        """From now on these modules are plugins, too, and these plugins count these types.

        Beside what the environment says, and in place of what was used before.
        """
        settings = Settings.of(os.environ)
        settings = settings._replace(files=(*files, *settings.files), prefer=prefer or {})
        if settings != self._settings:
            self._settings = settings
            self._forget()

    def take(self, plugins: tuple[Plugin, ...], settings: Settings) -> None:
        """From now on these plugins, which are loaded, are all that there are: for who tries one by itself."""
        self._settings = settings
        self._forget()
        self._installed = plugins

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Meanwhile what is wrong with plugins is neither told nor raised, only noted: for who lists it."""
        before = _telling.set(False)
        try:
            yield
        finally:
            _telling.reset(before)

    @property
    def installed(self) -> tuple[Plugin, ...]:
        """Every plugin, also those that are left out; what is wrong is not told."""
        if self._installed is not None:
            return self._installed
        if quarantine.inside():
            # A plugin that asks zoo for a model while it is imported finds those that are there by then.
            if self._meanwhile is None:
                self._meanwhile = load_all(self.settings)
            return self._meanwhile
        with self._loading:
            if self._installed is None:
                self._installed = load_all(self.settings)
            return self._installed

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin that is of use. Of the others a PluginWarning tells, or with strict settings a PluginError."""
        return tuple(plugin for plugin in self._told_of() if plugin.state in ("ok", "faulty"))

    def _told_of(self) -> tuple[Plugin, ...]:
        """Every plugin, what is wrong with any having been told."""
        found = self.installed
        if self._tells and (not self._told or self.settings.strict):
            self._told = True
            for plugin in found:
                if plugin.state in ("left out", "faulty"):
                    self._tell(plugin, f"{'left out: ' if plugin.state == 'left out' else ''}{plugin.cause}")
            for word in self.settings.disabled - {ALL}:
                if not any(plugin.is_called(word) for plugin in found):
                    nearest = near(word, [name for plugin in found for name in (plugin.name, plugin.package)])
                    warnings.warn(
                        PluginWarning(printable(f"ZOO_DISABLE_PLUGINS: no plugin is called {shown(word)}{nearest}")),
                        stacklevel=3,
                    )
        return found

    def blame(self, plugin: Plugin, what: str) -> None:
        """Notes what is wrong with something that a plugin gives, and that is therefore left out; and tells it."""
        plugin.faults.append(what)
        if self._tells:
            self._tell(plugin, what)

    @property
    def _tells(self) -> bool:
        return _telling.get() and not quarantine.inside()

    def _tell(self, plugin: Plugin, what: str) -> None:
        error = plugin.blamed(what)
        if self.settings.strict:
            raise error
        warnings.warn(PluginWarning(str(error)), stacklevel=4)

    # --- types -------------------------------------------------------------------------------------------------------

    @property
    def types(self) -> Mapping[str, tuple[Plugin, ...]]:
        """Each model_type with the plugins that claim it. Raises ArchitectureError if one is preferred that is none."""
        installed = self._told_of()
        if self._types is None or self._types[0] is not installed:
            claims: dict[str, tuple[Plugin, ...]] = {}
            for plugin in self.plugins:
                for model_type in plugin.architectures:
                    claims[model_type] = (*claims.get(model_type, ()), plugin)
            for model_type in self.settings.prefer.keys() - claims.keys():
                raise ArchitectureError(f"--prefer: no plugin counts {shown(model_type)}{near(model_type, claims)}")
            self._types = installed, claims
        return self._types[1]

    def __iter__(self) -> Iterator[tuple[str, Plugin]]:
        """Each type with the plugin that counts it, or of two that claim it the first, in the order of their names."""
        return ((model_type, claims[0]) for model_type, claims in sorted(self.types.items()))

    def architecture(self, model_type: str, owner: str | None = None) -> type[Architecture]:
        """The architecture of a model_type. owner: the distribution that gives the model its name, if one does.

        Raises ArchitectureError for a type that no plugin counts, or two of which nobody says which is meant;
        PluginError for one that is broken.
        """
        return self.imported(self.plugin_for(model_type, owner), model_type)

    def plugin_for(self, model_type: str, owner: str | None = None) -> Plugin:
        """The plugin that counts a model_type; the rest as in `architecture`.

        Of two that claim it, the one that the person prefers: by --prefer, by naming its file, or in zoo.toml; else,
        for a model that a distribution names, its own.
        """
        claims = self.types.get(model_type, ())
        if not claims:
            told = near(model_type, self.types) + self._perhaps_left_out()
            raise UnknownTypeError(f"no plugin counts model_type {shown(model_type)}{told}")
        if (preferred := self.settings.prefer.get(model_type)) is not None:
            return self._called(preferred, model_type, "--prefer")
        named = [plugin for plugin in claims if plugin.file]
        if len(named) == 1:
            return named[0]
        if (preferred := preferences().get(model_type)) is not None:
            return self._called(preferred, model_type, PREFERENCES)
        owned = [plugin for plugin in claims if owner and plugin.package == owner]
        if len(claims) == 1 or len(owned) == 1:
            return (owned or claims)[0]
        word = claims[-1].word
        raise ArchitectureError(
            f"model_type {shown(model_type)} is claimed by {_listed(claims)}: choose with "
            f'--prefer {model_type}={word}, or in zoo.toml with {model_type} = "{word}" below [prefer]'
        )

    def _called(self, word: str, model_type: str, where: str) -> Plugin:
        """The plugin of that name among those that claim the type. Raises ArchitectureError."""
        claims = self.types[model_type]
        found = [plugin for plugin in claims if plugin.is_called(word)]
        if len(found) == 1:
            return found[0]
        which = "is the name of two of those that count" if found else "does not count"
        told = f"{where}: {shown(word)} {which} {shown(model_type)}, which is claimed by {_listed(claims)}"
        raise ArchitectureError(f"{told}: name {' or '.join(plugin.word for plugin in claims)}")

    def _perhaps_left_out(self) -> str:
        """What a person should know who misses a type."""
        if left_out := [plugin.name for plugin in self.installed if plugin not in self.plugins]:
            return f" ({some(left_out)} left out: zoo plugins tells why)"
        return " (zoo architectures lists them; zoo new makes a plugin for another)"

    def imported(self, plugin: Plugin, model_type: str) -> type[Architecture]:
        """The architecture that a plugin has for a type that it claims. Raises PluginError."""
        if (plugin, model_type) not in self._imported:
            try:
                self._imported[plugin, model_type] = self._import(plugin, model_type)
            except PluginError as error:
                self._imported[plugin, model_type] = error
        found = self._imported[plugin, model_type]
        if isinstance(found, PluginError):
            raise found
        return found

    def _import(self, plugin: Plugin, model_type: str) -> type[Architecture]:
        target = plugin.architectures[model_type]
        module, _, name = target.partition(":")

        def found() -> object:
            value: object = importlib.import_module(module)
            for step in name.split("."):
                value = getattr(value, step)
            if isinstance(value, type) and issubclass(value, Architecture):
                value.classes(), value.config_class(), dict(value.aliases)
            return value

        ran = quarantine.run(found, self.settings.seconds)
        if ran.printed:
            self.blame(plugin, f"{module} prints when it is imported: {quarantine.quoted(ran.printed)}")
        if ran.fault:
            raise plugin.blamed(f"{target}: {fault(ran)}")
        if not (isinstance(ran.given, type) and issubclass(ran.given, Architecture)):
            raise plugin.blamed(f"{target} is not a zoo Architecture")
        return ran.given

    def type_of_class(self, class_name: str) -> str:
        """The model_type that has the class, for configs that do not tell it. Imports every type.

        Raises UnknownTypeError where none has it, ArchitectureError where several have.
        """
        names: list[str] = []
        fitting: dict[str, Plugin] = {}
        for model_type, claims in self.types.items():
            for plugin in claims:
                try:
                    architecture = self.imported(plugin, model_type)
                except PluginError:  # it breaks only those who ask for its types
                    continue
                names += architecture.classes()
                if class_name in architecture.classes() or class_name in architecture.aliases:
                    fitting[model_type] = plugin
        if not fitting:
            near_names = near(class_name, names)
            raise UnknownTypeError(f"no model_type given, and no plugin has class {shown(class_name)}{near_names}")
        if len(fitting) > 1:
            several = " and ".join(f"{shown(name)} of {plugin.called}" for name, plugin in fitting.items())
            raise ArchitectureError(
                f"no model_type given, and class {shown(class_name)} is that of {several}: give the model_type"
            )
        return next(iter(fitting))


def _listed(plugins: Sequence[Plugin]) -> str:
    return " and ".join(plugin.called for plugin in plugins)


def preferences() -> Mapping[str, str]:
    """What zoo.toml of the working directory prefers: model_type -> plugin. Raises RegistryError for nonsense."""
    try:
        found = os.stat(PREFERENCES)  # noqa: PTH116 - asked for every config that is counted
    except OSError:
        return {}
    if not stat.S_ISREG(found.st_mode):
        return {}
    return _preferences_of(Path(PREFERENCES).absolute(), found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _preferences_of(file: Path, changed: int, size: int) -> Mapping[str, str]:
    from zoo.registries.registryfile import preferences

    return preferences(file)


manager = Manager()
