import Distribution
import Encoding
import Kit
import Posix
import TestSupport
import Testing

@testable import Channel
@testable import Store
@testable import Sync

@Suite("What a device should get")
struct SyncPlanTests {
  private let device: PublicKey

  init() throws { device = try SecretKey.generate().publicKey }

  private func target(_ path: String, _ content: TargetContent, role: String = "targets") -> ChannelClient.Target {
    ChannelClient.Target(
      path: path, name: path, file: TargetFile(length: 1, sha256: Digest.sha256(path), custom: content.custom),
      role: role)
  }

  private func kit(
    _ name: String, _ version: String, rollout: Rollout = .all, role: String = "targets"
  ) -> ChannelClient.Target {
    let release = KitRelease(
      name: name, version: version, manifest: Digest.sha256("\(name) \(version)"), rollout: rollout)
    return target("\(name)-\(version).kit", .kit(release), role: role)
  }

  private func paths(
    _ targets: [ChannelClient.Target], kits: [String]? = ["shelter"], installed: [StoreState.Installed] = [],
    known: Set<String> = [], trusted: Set<String> = [], held: Set<String> = []
  ) -> [String] {
    SyncPlan(
      targets, kits: kits, installed: installed, device: device, trusted: trusted,
      isHeldBack: { held.contains("\($0.name) \($0.version)") }, isKnown: { known.contains($0) }
    ).items.map(\.target.path)
  }

  @Test("a kit from which an operator has gone back is not fetched again, and a later one is")
  func heldBack() throws {
    let store = [try installed("shelter", "1.0")]
    let offered = [kit("shelter", "1.0"), kit("shelter", "1.1")]
    #expect(paths(offered, installed: store) == ["shelter-1.1.kit"])
    #expect(paths(offered, installed: store, held: ["shelter 1.1"]).isEmpty)
    #expect(paths(offered + [kit("shelter", "1.2")], installed: store, held: ["shelter 1.1"]) == ["shelter-1.2.kit"])
  }

  @Test(
    "key rotations of trusted keys come after the lists, with the signature of their own role, and others not at all")
  func rotations() throws {
    let (old, new) = (
      try SecretKey.generate().publicKey.id.description, try SecretKey.generate().publicKey.id.description
    )
    let rotation = target("r.json", .rotation(old: old, new: new))
    let list = target("recalls.json", .recalls(issue: 1))
    let all = [
      rotation, target("r.json.minisig", .signature(of: "r.json")), list,
      target("recalls.json.minisig", .signature(of: "recalls.json")),
    ]
    #expect(paths(all, trusted: [old]) == ["recalls.json", "r.json"])
    #expect(paths(all, trusted: [new]) == ["recalls.json"])
    #expect(paths([rotation, target("r.json.minisig", .signature(of: "r.json"), role: "bg")], trusted: [old]).isEmpty)
    #expect(TargetContent(custom: rotation.file.custom) == .rotation(old: old, new: new))
  }

  @Test("a file that the store refused is tried again when its keys have changed, and one that waits is not")
  func settled() {
    var state = SyncState()
    for (hash, outcome) in [("a", SyncState.Handed.Outcome.refused), ("b", .waiting), ("c", .refused)] {
      var file = SyncState.Handed(path: hash, hash: hash, item: hash, outcome: outcome, time: .now)
      if hash == "a" { file.store = "before" }
      state.record(file)
    }
    #expect(state.isSettled("a", store: "before") && !state.isSettled("a", store: "after"))
    #expect(state.isSettled("b", store: "after") && state.isSettled("c", store: "after"))
    #expect(!state.isSettled("d", store: "before"))
  }

  private func installed(_ name: String, _ version: String) throws -> StoreState.Installed {
    let json = """
      {"file": "\(name)-\(version)-0123456789abcdef.kit", "name": "\(name)", "version": "\(version)", "draft": false,
       "sha256": "\(Digest.sha256("\(name) \(version)"))"}
      """
    return try Documents.decode(StoreState.Installed.self, from: Array(json.utf8))
  }

  @Test("of each kit that it should have it gets the newest version, compared by their numbers")
  func newest() {
    let targets = [kit("shelter", "1.9"), kit("shelter", "1.10"), kit("shelter", "1.2"), kit("border", "3.0")]
    #expect(paths(targets) == ["shelter-1.10.kit"])
    #expect(paths(targets, kits: ["border", "shelter"]) == ["border-3.0.kit", "shelter-1.10.kit"])
    #expect(paths(targets, kits: []) == [])
  }

  @Test("without a list of names, the kits of the store are followed")
  func followsStore() throws {
    let store = [try installed("shelter", "1.0")]
    #expect(paths([kit("shelter", "1.1"), kit("border", "3.0")], kits: nil, installed: store) == ["shelter-1.1.kit"])
    #expect(paths([kit("shelter", "1.1")], kits: nil).isEmpty)
  }

  @Test("what the store has, or the spool had, is not fetched again")
  func known() throws {
    let store = [try installed("shelter", "1.1")]
    #expect(paths([kit("shelter", "1.1")], installed: store).isEmpty)
    #expect(paths([kit("shelter", "1.1")], known: [Digest.sha256("shelter-1.1.kit")]).isEmpty)
    // An operator's rollback is not undone by an older version of the channel.
    #expect(paths([kit("shelter", "1.0"), kit("shelter", "1.1")], installed: store).isEmpty)
  }

  @Test("a roll-out that has not come to the device leaves the version before it")
  func rollout() {
    let paused = kit("shelter", "2.0", rollout: Rollout(percent: 100, isPaused: true))
    #expect(paths([kit("shelter", "1.0"), paused]) == ["shelter-1.0.kit"])
    #expect(paths([kit("shelter", "1.0"), kit("shelter", "2.0", rollout: Rollout(percent: 0))]) == ["shelter-1.0.kit"])
  }

  @Test("recall lists come first, with the signature of their own role")
  func recalls() throws {
    let list = target("ro/recalls.json", .recalls(issue: 3), role: "ro")
    let foreign = target("bg/x.minisig", .signature(of: "ro/recalls.json"), role: "bg")
    let own = target("ro/recalls.json.minisig", .signature(of: "ro/recalls.json"), role: "ro")
    #expect(paths([kit("shelter", "1.0"), list, foreign]) == ["shelter-1.0.kit"])
    let plan = SyncPlan([kit("shelter", "1.0"), list, foreign, own], kits: ["shelter"], installed: [], device: device) {
      _ in false
    }
    #expect(plan.items.map(\.target.path) == ["ro/recalls.json", "shelter-1.0.kit"])
    let first = try #require(plan.items.first)
    #expect(first.signature == own && first.kind == .list && first.name.hasSuffix(".json"))
  }
}

@Suite("The configuration of a channel")
struct SyncConfigurationTests {
  private func read(_ text: String) throws(DocumentError) -> SyncConfiguration {
    try SyncConfiguration(json: Array(text.utf8))
  }

  @Test("mirrors are enough")
  func short() throws {
    let configuration = try read(#"{"format":"firstword-channel/1","mirrors":["https://a.example/c","/media/stick"]}"#)
    #expect(configuration.mirrors.count == 2 && configuration.kits == nil)
    #expect(configuration.policy(clockIsPlausible: true).verifiesCertificates)
    // In 1970 no certificate would be valid.
    #expect(!configuration.policy(clockIsPlausible: false).verifiesCertificates)
  }

  @Test("a run asks a web server again three times, after random delays that double, and a directory never")
  func retries() throws {
    func delays(_ more: String, _ mirror: String = "http://a") throws -> [Int] {
      let delays = try read("{\"format\":\"firstword-channel/1\",\"mirrors\":[\"\(mirror)\"]\(more)}").retryDelays
      return Array(sequence(state: delays) { $0.next() })
    }
    for (more, seconds) in [("", 10), (",\"retrySeconds\":1", 1)] {
      let runs = try (0..<50).map { _ in try delays(more) }
      for (index, factor) in [1000, 2000, 4000].enumerated() {
        let found = runs.map { $0[index] }
        #expect(found.allSatisfy { ((seconds * factor) / 2...seconds * factor * 3 / 2).contains($0) })
        #expect(Set(found).count > 25)
      }
      #expect(runs.allSatisfy { $0.count == 3 })
    }
    #expect(try delays(",\"retrySeconds\":0").isEmpty && delays("", "/media/stick").isEmpty)
  }

  @Test("the example that comes with the package is valid")
  func example() throws {
    let text = try Files.read("\(SourceTree.path)/Hardware/systemd/sync/channel.json", limit: 1 << 16)
    let configuration = try SyncConfiguration(json: text)
    #expect(configuration.mirrors.count == 2 && configuration.expiry == .warn)
  }

  static let refused: [String] = [
    "", "{}", #"{"format":"firstword-channel/2","mirrors":["/a"]}"#, #"{"format":"firstword-channel/1","mirrors":[]}"#,
    #"{"format":"firstword-channel/1","mirrors":["ftp://a"]}"#, #"{"format":"firstword-channel/1","mirrors":["a/b"]}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"kits":["../x"]}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"expiry":"never"}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"bytesPerSecond":1}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"receipts":"/a"}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"silentDays":-1}"#,
    #"{"format":"firstword-channel/1","mirrors":["/a"],"retrySeconds":601}"#,
  ]

  @Test("another format, no mirror, other protocols and wrong values are refused", arguments: refused)
  func wrong(_ text: String) {
    #expect(throws: DocumentError.self) { try read(text) }
  }
}
