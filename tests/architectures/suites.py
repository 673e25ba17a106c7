"""The suites of the built-in types, for tests that hold what else zoo says against the same truth."""

from architectures import test_decoder_only, test_encoder_decoder, test_encoder_only
from zoo.testing import ArchitectureSuite

_MODULES = (test_encoder_only, test_decoder_only, test_encoder_decoder)

SUITES = {
    suite.model_type: suite()
    for module in _MODULES
    for suite in vars(module).values()
    if isinstance(suite, type) and issubclass(suite, ArchitectureSuite) and suite.model_type
}
