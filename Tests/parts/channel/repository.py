"""A channel that python-tuf publishes, for the tests of the client."""

import datetime, os, shutil
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp,
)  # fmt: skip
from tuf.api.serialization.json import JSONSerializer

TOP = ("root", "timestamp", "snapshot", "targets")


def days(count):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=count)


class Repository:
    """Holds the roles and their keys; `publish` writes them to DIR/metadata, as a publisher or an attacker would."""

    def __init__(self, top):
        self.top = top
        os.makedirs(f"{top}/metadata")
        os.makedirs(f"{top}/targets")
        self.signers = {role: [CryptoSigner.generate_ed25519()] for role in TOP}
        self.root = Root(version=1, expires=days(365), consistent_snapshot=True)
        for role in TOP:
            self.root.add_key(self.signers[role][0].public_key, role)
        self.targets = {"targets": Targets(version=1, expires=days(365))}
        self.snapshot = Snapshot(version=1, expires=days(30))
        self.timestamp = Timestamp(version=1, expires=days(7))
        self.publish_root()
        self.publish()

    def write(self, name, metadata):
        path = f"{self.top}/metadata/{name}"
        data = metadata.to_bytes(JSONSerializer())
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.rename(path + ".part", path)
        return data

    def sign(self, role, signed, others=()):
        metadata = Metadata(signed)
        for signer in [*self.signers[role], *others]:
            metadata.sign(signer, append=True)
        return metadata

    def publish_root(self, others=()):
        self.write(f"{self.root.version}.root.json", self.sign("root", self.root, others))

    def publish(self):
        """Writes all roles but the root with the versions that they have, the timestamp last."""
        for role, signed in self.targets.items():
            data = self.write(f"{signed.version}.{role}.json", self.sign(role, signed))
            self.snapshot.meta[f"{role}.json"] = MetaFile.from_data(signed.version, data, ["sha256"])
        data = self.write(f"{self.snapshot.version}.snapshot.json", self.sign("snapshot", self.snapshot))
        self.timestamp.snapshot_meta = MetaFile.from_data(self.snapshot.version, data, ["sha256"])
        self.publish_timestamp()

    def publish_timestamp(self):
        self.write("timestamp.json", self.sign("timestamp", self.timestamp))

    def advance(self):
        for signed in self.targets.values():
            signed.version += 1
        self.snapshot.version += 1
        self.timestamp.version += 1
        self.publish()

    def rotate(self, role):
        """Replaces a role's keys, and publishes the next root."""
        old = list(self.signers[role])
        for signer in old:
            self.root.revoke_key(signer.public_key.keyid, role)
        self.signers[role] = [CryptoSigner.generate_ed25519()]
        self.root.add_key(self.signers[role][0].public_key, role)
        self.root.version += 1
        self.publish_root(old if role == "root" else ())

    def offer(self, path, data, role="targets", hashes=("sha256",), custom=None):
        target = TargetFile.from_data(path, data, list(hashes))
        if custom is not None:
            target.unrecognized_fields["custom"] = custom
        self.targets[role].targets[path] = target
        folder, _, name = path.rpartition("/")
        place = f"{self.top}/targets/{folder}".rstrip("/")
        os.makedirs(place, exist_ok=True)
        for digest in target.hashes.values():
            with open(f"{place}/{digest}.{name}", "wb") as file:
                file.write(data)
        return target

    def delegate(self, name, paths, terminating=False):
        signer = CryptoSigner.generate_ed25519()
        parent = self.targets["targets"]
        if parent.delegations is None:
            parent.delegations = Delegations({}, roles={})
        parent.delegations.roles[name] = DelegatedRole(name, [], 1, terminating, paths)
        parent.add_key(signer.public_key, name)
        self.signers[name] = [signer]
        self.targets[name] = Targets(version=1, expires=days(365))

    def copy(self, place):
        """Copies what is published now: a mirror that lags from then on."""
        shutil.copytree(self.top, place)
        return place
