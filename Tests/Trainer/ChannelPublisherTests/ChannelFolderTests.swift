import Channel
import Encoding
import Foundation
import Glibc
import Kit
import Posix
import Testing

@testable import ChannelPublisher

@Suite("A channel is published")
struct ChannelFolderTests {
  @Test("when two of three root keys have signed, and not before")
  func first() throws {
    let bench = try ChannelBench()
    let folder = try bench.make()
    let signed = try folder.sign(with: try bench.key("anna"), named: "anna")
    #expect(signed == [.init(role: "root", version: 1, lacking: 1)])
    _ = try folder.sign(with: try bench.key("kits"), named: "kits")
    #expect(throws: PublisherError.self) { try bench.sign(folder) }
    #expect(throws: (any Error).self) { try bench.read() }
    let result = try bench.sign(folder, "chris")
    #expect(result.published == ["targets 1", "snapshot 1", "timestamp 1", "root 1"])
    #expect(try bench.read() == .init(root: 1, timestamp: 1, snapshot: 1, targets: 1, files: []))
    #expect(try Files.list(bench.file("draft")).isEmpty)
  }

  @Test("and the same key twice is one signature")
  func twice() throws {
    let bench = try ChannelBench()
    let folder = try bench.make()
    _ = try folder.sign(with: try bench.key("anna"), named: "anna")
    #expect(try folder.sign(with: try bench.key("anna"), named: "anna")[0].lacking == 1)
  }

  @Test("a stranger's key signs nothing")
  func stranger() throws {
    let bench = try ChannelBench()
    let folder = try bench.make()
    #expect(throws: PublisherError.uselessKey("eve")) {
      _ = try folder.sign(with: try bench.key("eve"), named: "eve")
    }
  }

  @Test("kits, lists and roll-outs wait for the keys of their role")
  func contents() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    #expect(try bench.read().files == ["sample-1.0.kit"])
    #expect(
      try folder.add(kit: try bench.kit("1.1"), percent: 10, acceptsDrafts: true, now: bench.now)
        == .added("sample-1.1.kit"))
    #expect(
      try folder.add(kit: try bench.kit("1.1"), percent: 10, acceptsDrafts: true, now: bench.now)
        == .known("sample-1.1.kit"))
    // Also one that is not the newest any more.
    #expect(
      try folder.add(kit: try bench.kit("1.0"), acceptsDrafts: true, now: bench.now) == .known("sample-1.0.kit"))
    let list = try bench.recalls(issue: 2)
    _ = try folder.recall(list, trustedBy: TrustedKeys([try bench.key("publisher").publicKey]), now: bench.now)
    #expect(try bench.read().files == ["sample-1.0.kit"])
    #expect(folder.status(now: bench.now).tasks.first?.contains("needs 1 more of: kits") == true)
    try bench.sign(folder, "kits")
    let view = try bench.read()
    #expect(view.files == ["sample-1.0.kit", "sample-1.1.kit", "recalls.json", "recalls.json.minisig"])
    #expect((view.targets, view.snapshot, view.timestamp) == (2, 2, 2))
    #expect(folder.status(now: bench.now).targets.first { $0.path == "sample-1.1.kit" }?.percent == 10)

    let (rollout, role) = try folder.roll("sample-1.1.kit", percent: 50, isPaused: true, now: bench.now)
    #expect(role == "targets" && rollout.percent == 50 && rollout.isPaused)
    #expect(try folder.remove("sample-1.0.kit", now: bench.now) == "targets")
    try bench.sign(folder, "kits")
    #expect(try bench.read().files == ["sample-1.1.kit", "recalls.json", "recalls.json.minisig"])
    #expect(folder.status(now: bench.now).targets.first { $0.path == "sample-1.1.kit" }?.paused == true)
  }

  @Test("versions never go back: neither a kit's nor a recall list's")
  func back() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    #expect {
      _ = try folder.add(kit: try bench.kit("0.9"), acceptsDrafts: true, now: bench.now)
    } throws: { error in
      "\(error)".contains("never go back")
    }
    let trusted = TrustedKeys([try bench.key("publisher").publicKey])
    _ = try folder.recall(try bench.recalls(issue: 3), trustedBy: trusted, now: bench.now)
    #expect(throws: PublisherError.self) {
      _ = try folder.recall(try bench.recalls(issue: 2), trustedBy: trusted, now: bench.now)
    }
    #expect(throws: PublisherError.self) { _ = try folder.add(kit: try bench.kit("1.2"), now: bench.now) }
  }

  @Test("a kit is recalled in the next issue of the list, by the key that signed it, and by no other")
  func recalls() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    let publisher = try bench.key("publisher")
    func recall(_ path: String, _ key: SecretKey) throws -> ChannelFolder.Addition {
      try folder.recall(kit: path, reason: "swapped", day: "2026-05-01", signedBy: key, now: bench.now)
    }
    for (path, key, words) in [
      ("sample-1.0.kit", try bench.key("kits"), "did not sign it"), ("nothing.kit", publisher, "has no"),
    ] {
      #expect {
        _ = try recall(path, key)
      } throws: { error in
        "\(error)".contains(words)
      }
    }
    #expect(try folder.recalls(of: "targets") == nil)
    _ = try folder.recall(
      try bench.recalls(issue: 2), trustedBy: TrustedKeys([publisher.publicKey]), now: bench.now)
    #expect(try recall("sample-1.0.kit", publisher) == .added("recalls.json"))
    let list = try #require(try folder.recalls(of: "targets"))
    #expect(list.issue == 3 && list.entries.count == 3 && list.entries.filter { $0.kind == .kit }.count == 1)
    #expect {
      _ = try recall("sample-1.0.kit", publisher)
    } throws: { error in
      "\(error)".contains("recalled already")
    }
    try bench.sign(folder, "kits")
    #expect(try bench.read().files == ["sample-1.0.kit", "recalls.json", "recalls.json.minisig"])
  }

  @Test("who does not wait for another program is refused while that has the channel")
  func busy() throws {
    let bench = try ChannelBench()
    let folder = try bench.make()
    #expect {
      _ = try ChannelFolder(opening: bench.web, waits: false)
    } throws: { error in
      (error as? SystemError)?.code == EWOULDBLOCK
    }
    let version = folder.version
    _ = try folder.sign(with: try bench.key("anna"), named: "anna")
    #expect(folder.version != version)
  }

  @Test("a country's publisher signs for its own directory, and others do not")
  func delegation() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    try folder.delegate("moldova", KeyChoice(try bench.named("chisinau", "balti"), threshold: 2), now: bench.now)
    _ = try folder.add(kit: try bench.kit("5.0", name: "local"), to: "moldova", acceptsDrafts: true, now: bench.now)
    // Nothing of it is published before both have signed: a reader would miss the role's metadata.
    try bench.sign(folder, "kits", "chisinau")
    #expect(try bench.read().files == ["sample-1.0.kit"])
    try bench.sign(folder, "balti")
    #expect(try bench.read().files == ["sample-1.0.kit", "moldova/local-5.0.kit"])
    _ = try folder.add(kit: try bench.kit("5.1", name: "local"), to: "moldova", acceptsDrafts: true, now: bench.now)
    try bench.sign(folder, "chisinau", "balti")
    #expect(try bench.read().files.contains("moldova/local-5.1.kit"))
    #expect(throws: PublisherError.unknownRole("albania")) {
      _ = try folder.add(kit: try bench.kit("5.2", name: "local"), to: "albania", acceptsDrafts: true, now: bench.now)
    }
    #expect(throws: PublisherError.roleName("root")) {
      try folder.delegate("root", KeyChoice(try bench.named("chisinau")), now: bench.now)
    }
    // A new key for the country.
    #expect(
      try folder.rotate("moldova", add: try bench.named("cahul"), remove: ["balti"], now: bench.now) == [
        "targets", "moldova",
      ])
    try bench.sign(folder, "kits", "chisinau")
    _ = try bench.read()
    try bench.sign(folder, "cahul")
    #expect(try bench.read().files.contains("moldova/local-5.1.kit"))
    #expect(folder.status(now: bench.now).roles.last?.keys == ["chisinau", "cahul"])
  }

  @Test("keys are replaced without a gap, and each root is signed by the keys before it")
  func rotation() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    #expect(try folder.rotate("root", add: try bench.named("dora"), remove: ["ben"], now: bench.now) == ["root"])
    try bench.sign(folder, "anna", "dora")
    #expect(try bench.read().root == 1)
    try bench.sign(folder, "chris")
    #expect(try bench.read().root == 2)

    // Both keys of the job, so that readers of either root accept what is signed.
    _ = try folder.rotate("snapshot", add: try bench.named("job"), remove: ["online"], now: bench.now)
    _ = try folder.rotate("timestamp", add: try bench.named("job"), remove: ["online"], now: bench.now)
    _ = try folder.sign(with: try bench.key("anna"), named: "anna")
    _ = try folder.sign(with: try bench.key("chris"), named: "chris")
    // The old key alone goes on, and the root waits.
    let held = try bench.sign(folder)
    #expect(held.held.contains { $0.contains("waits for its own keys") })
    #expect(try bench.read().root == 2)
    try bench.sign(folder, online: ["online", "job"])
    #expect(try bench.read().root == 3)
    #expect(
      try folder.rotate("targets", add: try bench.named("kits2"), remove: ["kits"], now: bench.now) == [
        "root", "targets",
      ])
    _ = try folder.sign(with: try bench.key("kits"), named: "kits")
    try bench.sign(folder, "anna", "chris", "kits2", online: ["job"])
    let view = try bench.read()
    #expect(view.root == 4 && view.files == ["sample-1.0.kit"])
  }

  @Test("impossible thresholds and unknown keys are refused")
  func refusals() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    #expect(throws: PublisherError.threshold(role: "root", threshold: 4, keys: 3)) {
      _ = try folder.rotate("root", threshold: 4, now: bench.now)
    }
    #expect(throws: PublisherError.unknownKey(role: "root", key: "zoe")) {
      _ = try folder.rotate("root", remove: ["zoe"], now: bench.now)
    }
    #expect(throws: PublisherError.knownKey(role: "root", key: "anna")) {
      _ = try folder.rotate("root", add: try bench.named("anna"), now: bench.now)
    }
    #expect(throws: PublisherError.exists(path: bench.web.string)) { _ = try bench.make() }
    #expect(throws: PublisherError.noChannel(path: "/nowhere")) { _ = try ChannelFolder(opening: "/nowhere") }
  }

  @Test("the daily job signs timestamp each day, snapshot in time, and nothing twice")
  func job() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    let first = try bench.read()
    try bench.sign(folder)
    #expect(try bench.read() == first)
    for day in 1...60 {
      bench.now.milliseconds += WallTime.day
      try bench.sign(folder)
      #expect(try bench.read().timestamp == first.timestamp + day)
    }
    #expect(try bench.read().snapshot == first.snapshot + 1)
    #expect(!folder.status(now: bench.now).isUrgent)
    bench.now.milliseconds += 400 * WallTime.day
    #expect(folder.status(now: bench.now).isUrgent)
    // A clock that went back would sign what ends before the one that it replaces.
    bench.now.milliseconds -= 403 * WallTime.day
    #expect {
      try bench.sign(folder)
    } throws: { error in
      "\(error)".contains("clock")
    }
  }

  @Test("a change after a signature needs the signature again")
  func changed() throws {
    let bench = try ChannelBench()
    let folder = try bench.published()
    _ = try folder.add(kit: try bench.kit("1.1"), acceptsDrafts: true, now: bench.now)
    _ = try folder.sign(with: try bench.key("kits"), named: "kits")
    _ = try folder.add(kit: try bench.kit("1.2"), acceptsDrafts: true, now: bench.now)
    try bench.sign(folder)
    #expect(try bench.read().files == ["sample-1.0.kit"])
  }

  @Test("damaged or missing metadata is reported, and never overwritten")
  func damage() throws {
    let bench = try ChannelBench()
    _ = try bench.published()
    let path = bench.file("metadata/1.targets.json")
    let bytes = try Files.read(path)
    try Files.replace(path, with: Array(bytes.dropLast(10)))
    #expect(throws: PublisherError.self) { _ = try ChannelFolder(opening: bench.web) }
    unlink(path)
    #expect(throws: PublisherError.missing(path: path)) { _ = try ChannelFolder(opening: bench.web) }
  }
}
