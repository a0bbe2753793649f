"""parts.py DIR: checks the lists of parts (SPDX) of the packages in DIR: their form, the hash of the program that each is
about, and that each part that is linked statically is named in the package's copyright. Exit status: 0 right; 1 wrong."""

import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile


def faults(package, tree):
    subprocess.run(["dpkg-deb", "-x", package, tree], check=True)
    name = os.path.basename(package).split("_")[0]
    documents = os.path.join(tree, "usr/share/doc", name)
    with open(os.path.join(documents, "sbom.spdx.json"), encoding="utf-8") as file:
        bill = json.load(file)
    with open(os.path.join(documents, "copyright"), encoding="utf-8") as file:
        paragraphs = set(re.findall(r"^Files: (.*)$", file.read(), re.M))
    with open(os.path.join(tree, "usr/bin", name), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    parts = {part["SPDXID"]: part for part in bill["packages"]}
    if bill["spdxVersion"] != "SPDX-2.3" or len(parts) != len(bill["packages"]):
        yield "it is no SPDX 2.3 with an id for each part"
    for part in parts.values():
        if not {"name", "versionInfo", "downloadLocation", "licenseDeclared"} <= set(part):
            yield f"{part['SPDXID']} lacks a field"
    own = parts[f"SPDXRef-{name}"]
    if own["checksums"][0]["checksumValue"] != digest:
        yield f"the hash is not that of /usr/bin/{name}"
    version = subprocess.run(["dpkg-deb", "-f", package, "Version"], check=True, capture_output=True, text=True).stdout.strip()
    if own["versionInfo"] != version:
        yield f"the version is {own['versionInfo']}, and the package's is {version}"
    linked = {kind: {parts[one["relatedSpdxElement"]]["name"] for one in bill["relationships"]
                     if one["relationshipType"] == kind} for kind in ("STATIC_LINK", "DYNAMIC_LINK")}
    if not {"swift", "swift-argument-parser"} <= linked["STATIC_LINK"] or not linked["STATIC_LINK"] <= paragraphs:
        yield f"linked statically: {sorted(linked['STATIC_LINK'])}; in copyright: {sorted(paragraphs)}"
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
    libraries = {one.split()[0] for one in depends.split(",") if one.split()[0].startswith("lib")}
    if not libraries <= linked["DYNAMIC_LINK"]:
        yield f"libraries that it does not name: {sorted(libraries - linked['DYNAMIC_LINK'])}"


def main():
    wrong = 0
    packages = sorted(path for name in ("firstword", "firstwordd", "firstword-sync")
                      for path in glob.glob(os.path.join(sys.argv[1], f"{name}_*.deb")))
    for package in packages:
        with tempfile.TemporaryDirectory() as tree:
            for fault in faults(package, tree):
                print(f"{os.path.basename(package)}: {fault}")
                wrong = 1
    return wrong if packages else 1


sys.exit(main())
