import Distribution
import Encoding
import Posix
import Testing

@testable import Channel
@testable import Store
@testable import Sync

@Suite("What a device keeps for its neighbours")
struct NeighbourTests {
  private let tree: ServedTree
  private let directory: Path
  private let content: [UInt8] = Array("a kit".utf8)

  init() throws {
    directory = try Files.makeTemporaryDirectory("neighbours")
    tree = ServedTree(directory.appending("mirror"))
  }

  private func target(_ path: String, _ content: TargetContent, role: String = "targets") -> ChannelClient.Target {
    ChannelClient.Target(
      path: path, name: path, file: TargetFile(length: 1, sha256: Digest.sha256(path), custom: content.custom),
      role: role)
  }

  private func kit(_ name: String, _ version: String, _ rollout: Rollout = .all) -> ChannelClient.Target {
    let release = KitRelease(
      name: name, version: version, manifest: Digest.sha256("\(name) \(version)"), rollout: rollout)
    return target("\(name)-\(version).kit", .kit(release))
  }

  @Test("of each kit it keeps what some device should have: the newest, to the first that every device takes")
  func releases() {
    let part = Rollout(percent: 5)
    let targets = [
      kit("shelter", "1.9"), kit("shelter", "1.10"), kit("shelter", "2.0", part), kit("shelter", "1.11", part),
      kit("border", "1.0"),
    ]
    let paths = SyncPlan.served(targets, kits: ["shelter"], []).map(\.target.path)
    #expect(paths == ["shelter-2.0.kit", "shelter-1.11.kit", "shelter-1.10.kit"])
    #expect(SyncPlan.served(targets, kits: nil, []).isEmpty)
    let both = SyncPlan.served(targets, kits: ["shelter", "border"], []).map(\.target.path)
    #expect(both.first == "border-1.0.kit" && both.count == 4)
  }

  @Test("signed lists of every role are kept, with their own signatures only")
  func lists() {
    let list = target("ro/recalls.json", .recalls(issue: 3), role: "ro")
    let own = target("ro/recalls.json.minisig", .signature(of: "ro/recalls.json"), role: "ro")
    let foreign = target("bg/x.minisig", .signature(of: "ro/recalls.json"), role: "bg")
    let items = SyncPlan.served([list, foreign, own], kits: [], [])
    #expect(items.map(\.target.path) == ["ro/recalls.json"] && items.first?.signature == own)
  }

  @Test("a file that is changed there counts as missing, and what is no longer wanted is removed with its directory")
  func files() throws {
    let file = directory.appending("file")
    try Files.replace(file, with: content)
    let hash = MetaFile(version: 1, bytes: content).hashes["sha256"] ?? ""
    let wanted = ChannelClient.Target(
      path: "ro/a.kit", name: "ro/\(hash).a.kit", file: TargetFile(length: content.count, sha256: hash),
      role: "targets")
    let other = ChannelClient.Target(
      path: "bg/x/a.kit", name: "bg/x/\(hash).a.kit", file: wanted.file, role: "targets")
    #expect(!tree.has(wanted))
    for target in [wanted, other] { try tree.add(file, as: target) }
    #expect(tree.has(wanted) && tree.has(other))
    tree.clean(keeping: [wanted])
    let left = try Files.list(tree.directory.appending("targets"))
    #expect(tree.has(wanted) && left == ["ro"])
    try Files.replace(tree.directory.appending("targets/\(wanted.name)"), with: Array("a bit".utf8))
    #expect(!tree.has(wanted))
    try tree.add(file, as: wanted)
    #expect(tree.has(wanted))
  }
}
