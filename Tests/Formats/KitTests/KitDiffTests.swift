import Posix
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("Two kits are compared")
struct KitDiffTests {
  private let directory: Directory
  private let key: SecretKey

  init() throws {
    directory = try Directory()
    key = try SecretKey.generate()
  }

  private func kit(
    _ name: String, _ bundles: [PackedBundle] = Sample.bundles, change: (inout KitManifest) -> Void = { _ in }
  ) throws -> KitFile {
    var manifest = Sample.kit
    change(&manifest)
    try Pack.write(manifest, bundles: bundles, signedBy: key, to: directory.file(name))
    return try KitFile(path: directory.file(name))
  }

  /// Returns the bundles as a kit that is no draft may have them.
  private func approved(_ bundles: [PackedBundle]) -> [PackedBundle] {
    bundles.map { bundle in
      var bundle = bundle
      for index in bundle.clips.indices {
        (bundle.clips[index].status, bundle.clips[index].synthetic) = (.approved, false)
      }
      return bundle
    }
  }

  /// What differs after a change of the first Romanian clip.
  private func change(_ edit: (inout PackedClip) -> Void) throws -> [KitDiff.ClipChange] {
    var bundles = Sample.bundles
    edit(&bundles[0].clips[0])
    let diff = try KitDiff(try kit("a.kit"), try kit("b.kit", bundles))
    #expect(diff.changes == [])
    return diff.clips
  }

  @Test("a kit equals itself, also with another signature")
  func same() throws {
    #expect(try KitDiff(try kit("a.kit"), try kit("b.kit")).isEmpty)
    _ = try Countersign.write(try kit("a.kit"), signedBy: try SecretKey.generate(), to: directory.file("c.kit"))
    #expect(try KitDiff(try kit("a.kit"), try KitFile(path: directory.file("c.kit"))).isEmpty)
  }

  @Test("a clip that is added, removed, recorded again, reworded, louder, quieter or approved is reported as such")
  func clips() throws {
    let other = Sample.noise(300, seed: 999)
    #expect(try change { $0.content = other }.map(\.kinds) == [[.recorded]])
    let louder = try change {
      $0.content = other
      $0.loudness += 2.04
    }
    #expect(louder.map(\.kinds) == [[.recorded, .louder]])
    #expect(louder.first?.louder == 2)
    #expect(
      try change {
        $0.content = other
        $0.loudness -= 0.5
      }.map(\.kinds) == [[.recorded, .quieter]])
    #expect(try change { $0.text = "Altceva." }.map(\.kinds) == [[.worded, .unspoken]])
    #expect(
      try change {
        $0.text = "Altceva."
        $0.content = other
      }.map(\.kinds) == [[.recorded, .worded]])
    #expect(try change { $0.status = .approved }.map(\.kinds) == [[.status]])
    #expect(try change { $0.proof = .key }.map(\.kinds) == [[.status]])
    #expect(try change { $0.speaker = "Dolphin" }.map(\.kinds) == [[.speaker]])
    #expect(try change { $0.back = "Other." }.map(\.kinds) == [[.translated]])
    #expect(try change { $0.onset = 481 }.map(\.kinds) == [[.file]])

    var fewer = Sample.bundles
    fewer[0].clips.removeFirst()
    let removed = try KitDiff(try kit("a.kit"), try kit("b.kit", fewer)).clips
    #expect(removed.map(\.kinds) == [[.removed]])
    #expect(removed.first?.language == "ro" && removed.first?.prompt == "safe-here" && removed.first?.after == nil)
    let added = try KitDiff(try kit("b.kit", fewer), try kit("a.kit")).clips
    #expect(added.map(\.kinds) == [[.added]])
  }

  @Test("an approval changes a clip's file but not its sound")
  func approval() throws {
    let samples = (0..<30_000).map { Float(($0 * 7919) % 997) / 4000 }
    func clip(_ status: String, gain: Float = 1) throws -> [UInt8] {
      let tags = ClipTags(
        title: "safe", language: "ro", voice: "f1", prompt: "safe-here", status: status, synthetic: false)
      return try OpusEncoder.encode(
        samples.map { $0 * gain }, rate: 48_000, tags: tags, serial: 5, settings: EncoderSettings())
    }
    let (draft, approved) = (try clip("DRAFT"), try clip("APPROVED" + String(repeating: " ", count: 70_000)))
    #expect(draft != approved)
    #expect(OpusPackets.packets(of: draft) == OpusPackets.packets(of: approved))
    #expect(!OpusPackets.packets(of: draft).isEmpty)
    let softer = try clip("DRAFT", gain: 0.5)
    #expect(OpusPackets.packets(of: draft) != OpusPackets.packets(of: softer))
    var bundles = Sample.bundles
    bundles[0].clips[0].content = draft
    let before = try kit("a.kit", bundles)
    bundles[0].clips[0].content = approved
    bundles[0].clips[0].status = .approved
    #expect(try KitDiff(before, try kit("b.kit", bundles)).clips.map(\.kinds) == [[.status]])
    #expect(OpusPackets.packets(of: [1, 2, 3]) == [1, 2, 3])
    #expect(OpusPackets.packets(of: Array(draft.dropLast())) == Array(draft.dropLast()))
  }

  @Test("changes of the kit itself are reported with place, old and new value")
  func manifest() throws {
    var bundles = Sample.bundles
    bundles[0].manifest.autonym = "română"
    bundles.swapAt(0, 1)
    bundles.append(Sample.bundle("so", 31, clips: [Sample.clip(3, "safe-here")]))
    bundles = approved(bundles)
    bundles[0].manifest.approvals = ApprovalCount(proved: 1, unproved: 2, keys: ["00000000000000A1"])
    let diff = try KitDiff(
      try kit("a.kit", approved(Sample.bundles)),
      try kit("b.kit", bundles) {
        $0.version = "1.1"
        $0.draft = false
        $0.prompts[0].title = "Safe"
        $0.prompts.append(Sample.prompt(60, "own"))
        $0.contacts = [KitContact(kind: .shelter, name: "house", phone: "1", note: "")]
        $0.finder = KitFinder(languages: ["so"], pause: 4000)
        $0.operatorLanguage = "so"
        $0.sequences = [KitSequence(id: "s", title: "S", steps: [.init(prompt: "own", pause: 2500)])]
      })
    let lines = diff.changes.map { "\($0.what): \($0.before ?? "-") > \($0.after ?? "-")" }
    for expected in [
      "version: 1.0 > 1.1", "state: DRAFT > released", "03 safe-here: title: safe-here > Safe",
      "prompt own: - > 60 own", "contacts:  > shelter: house 1 ", "language so: - > 1 clip",
      "cmn-Hans: approvals: - > 1 proved by 00000000000000A1, 2 unproved", "order of the finder:  > so",
      "pause of the finder: 5000 ms > 4000 ms", "operator's voice: - > so",
      "sequence s: - > S: own 2.5",
      "ro: autonym: limba 3 > română", "order of languages: ro cmn-Hans > cmn-Hans ro",
    ] {
      #expect(lines.contains(expected), "\(expected) in \(lines)")
    }
    #expect(lines.count == 13)
    #expect(diff.clips.map(\.kinds) == [[.added]])
  }
}
