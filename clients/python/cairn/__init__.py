"""Client of cairn, a Git-style content-addressed artifact store. It needs the standard library and cairn itself."""

from .errors import CairnError
from .publication import Publication
from .records import Artifact, Health, Lineage, PublishResult, RunArtifact, RunResult, StatusChange
from .run import Run
from .store import Store

__all__ = [
    "Artifact",
    "CairnError",
    "Health",
    "Lineage",
    "Publication",
    "PublishResult",
    "Run",
    "RunArtifact",
    "RunResult",
    "StatusChange",
    "Store",
]

__version__ = "0.1.0"
