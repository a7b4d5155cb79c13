"""NHS England's mesh-sandbox as a process of its own, for tests of MESH.

It wants other versions of libraries than the platform, and so has an environment of its own, which `install.sh` makes.
"""

from deploy.local.mesh.sandbox import MAILBOXES, SHARED_KEY, SandboxMissingError, sandbox

__all__ = ["MAILBOXES", "SHARED_KEY", "SandboxMissingError", "sandbox"]
