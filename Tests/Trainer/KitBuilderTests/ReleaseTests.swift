import Catalogue
import Encoding
import Glibc
import Kit
import Posix
import Project
import TestSupport
import Testing

@testable import KitBuilder

@Suite("A build with a cache, and a release")
struct ReleaseTests {
  private let workshop: Workshop
  private let key: SecretKey

  /// One prompt for listeners in two languages, and one of the device's own lines in English.
  init() throws {
    workshop = try Workshop()
    key = try SecretKey.generate()
    for (number, id, module) in [("03", "safe-here", "opening"), ("100", "device-ready", "operator")] {
      try workshop.putPrompt(number, id, module: module)
    }
    for (number, tag, role) in [(0, "en", "[source, operator]"), (29, "ro", "listener")] {
      try put(
        "catalogue/Languages/\(tag).yaml",
        """
        number: \(number)
        tag: "\(tag)"
        english: Language \(number)
        autonym: "Name \(number)"
        script: Latn
        direction: ltr
        role: \(role)
        regions: [GB]
        fallback: []
        rate: 13
        drafted: machine
        wordings:
          safe-here:
            text: "You are safe here, \(tag)."
        \(tag == "en" ? "  device-ready:\n    text: \"Ready.\"" : "")

        """)
    }
    try put(
      "project/kit.yaml",
      "name: trial\nversion: \"1.0\"\nlanguages: [\"ro\", \"en\"]\nprompts: [safe-here, device-ready]\n")
    try put("project/speakers.yaml", Self.speakers)
    for (index, name) in ["ro/f1/03.wav", "en/f1/03.wav", "en/synthetic/100-device-ready.wav"].enumerated() {
      try record(name, words: index + 1)
    }
  }

  private static let speakers = """
    speakers:
      - pseudonym: "Iris"
        language: "ro"
        voice: f1
        consent: 2026-01-01
        licence: "for first-contact kits"
        contact: "voices@example.org"
      - {pseudonym: Rose, language: "en", voice: f1, consent: 2026-01-01, licence: any, contact: "r@example.org"}

    """

  private func put(_ name: String, _ text: String) throws { try workshop.put(name, Array(text.utf8)) }

  private func record(_ name: String, words: Int) throws {
    try workshop.put(
      "project/recordings/\(name)",
      wave([babble(seconds: 1.5, rate: 22_050, amplitude: 0.3, words: words)], rate: 22_050))
  }

  private func build(cached: Bool = true, day: String? = nil) throws -> KitBuild {
    let workspace = try Workspace(
      directory: "\(workshop.path)/project", catalogue: "\(workshop.path)/catalogue", day: day)
    return KitBuild(workspace, cache: cached ? BuildCache(directory: "\(workshop.path)/cache") : nil)
  }

  private func bytes(_ built: BuiltKit) throws -> [UInt8] {
    let path = "\(workshop.path)/out.kit"
    try built.write(to: path, signedBy: key)
    return try Files.read(path)
  }

  /// Approves every wording and recording of the project, except those for which `skip` says so.
  private func approve(skip: (String) -> Bool = { _ in false }, expires: String? = nil) throws {
    let workspace = try build().workspace
    var lines = ""
    for job in workspace.jobs where job.prompt.module != .operator {
      for (kind, hash) in [
        ("wording", Digest.sha256(job.wording.text)), ("recording", try Recording(path: job.take.path).sha256),
      ] where !skip("\(job.language.tag) \(kind)") {
        for name in ["Ana", "Ion"] {
          let end = expires.map { ",\"expires\":\"\($0)\"" } ?? ""
          lines +=
            "{\"hash\":\"\(hash)\",\"kind\":\"\(kind)\",\"language\":\"\(job.language.tag)\",\"prompt\":\"safe-here\","
            + "\"name\":\"\(name)\",\"role\":\"listener\",\"date\":\"2026-01-01\"\(end)}\n"
        }
      }
    }
    try put("project/approvals.jsonl", lines)
  }

  @Test("uses cached clips with the same bytes, and makes only changed ones")
  func warm() throws {
    let plain = try bytes(try build(cached: false).build())
    #expect(try bytes(try build().build()) == plain)
    // A forecast reports what a build would encode.
    #expect(try build().forecast().forecast.kept == 3)
    #expect(try bytes(try build().build(threads: 3)) == plain)
    try record("ro/f1/03.wav", words: 5)
    #expect(try build().forecast().forecast.kept == 2)
    let changed = try bytes(try build().build())
    #expect(changed != plain)
    #expect(try changed == bytes(try build(cached: false).build()))
  }

  @Test("makes a clip again where its cache entry is damaged")
  func damagedCache() throws {
    let plain = try bytes(try build().build())
    let directory = "\(workshop.path)/cache"
    for part in try Files.list(directory) {
      for name in try Files.list("\(directory)/\(part)") {
        var content = try Files.read("\(directory)/\(part)/\(name)")
        content[content.count / 2] ^= 0x10
        try Files.replace("\(directory)/\(part)/\(name)", with: content)
      }
    }
    #expect(try build().forecast().forecast.kept == 0)
    #expect(try bytes(try build().build()) == plain)
  }

  @Test("encodes again when a setting, the status or the title changes")
  func keys() throws {
    _ = try build().build()
    var louder = try build()
    louder.pipeline.mastering.level.target = -18
    #expect(louder.forecast().forecast.kept == 0)
    try approve()
    // The two clips for listeners are approved now, and their comments change.
    #expect(try build().forecast().forecast.kept == 1)
  }

  @Test("forecasts size and length of a build, and writes no kit")
  func forecast() throws {
    let (forecast, report) = try build().forecast()
    #expect(forecast.clips == 3 && forecast.languages == 2)
    #expect(!report.hasErrors)
    let built = try build().build()
    let size = built.bundles.flatMap(\.clips).reduce(0) { $0 + $1.content.count }
    #expect(abs(Double(forecast.bytes) / Double(size) - 1) < 0.15, "\(forecast.bytes) of \(size)")
    let frames = built.bundles.flatMap(\.clips).reduce(0) { $0 + $1.frames }
    #expect(abs(forecast.duration - Double(frames) / 48_000) < 0.3)
  }

  /// The codes of the findings that block a release, with their languages.
  private func lacks(day: String? = nil) throws -> [String] {
    let project = try build(day: day)
    do throws(BuildError) {
      _ = try project.build(release: true)
      return []
    } catch {
      guard case .findings(let findings) = error else { return ["\(error)"] }
      #expect(findings.allSatisfy { $0.severity == .error && !$0.remedy.isEmpty })
      return findings.map { "\($0.language ?? "") \($0.code.rawValue)" }.sorted()
    }
  }

  @Test("a release refuses what is not approved, and lists all of it, without the device's own lines")
  func unapproved() throws {
    #expect(
      try lacks() == ["en approval-missing", "en approval-missing", "ro approval-missing", "ro approval-missing"])
    try approve { $0 == "ro recording" }
    #expect(try lacks() == ["ro approval-missing"])
    try approve()
    #expect(try lacks() == [])
    let built = try build().build(release: true)
    #expect(!built.manifest.draft)
    #expect(built.defaultFileName == "trial-1.0.kit")
  }

  @Test("a release refuses an approval that has expired on its day")
  func expired() throws {
    try approve(expires: "2026-06-30")
    #expect(try lacks(day: "2026-06-30") == [])
    #expect(
      try lacks(day: "2026-07-01") == [
        "en approval-expired", "en approval-expired", "ro approval-expired", "ro approval-expired",
      ])
  }

  @Test("a release refuses synthetic speech for listeners, although everything is approved")
  func synthetic() throws {
    try record("ro/synthetic/03.wav", words: 7)
    try approve()
    #expect(try lacks() == ["ro synthetic"])
  }

  /// Has a reviewer send back the wording of `safe-here` in Romanian.
  private func sendBack() throws {
    let job = try #require(build().workspace.jobs.first { $0.language.tag == "ro" })
    try put(
      "project/review.jsonl",
      "{\"hash\":\"\(Digest.sha256(job.wording.text))\",\"kind\":\"wording\",\"language\":\"ro\",\"prompt\":\"safe-here\","
        + "\"name\":\"Eva\",\"date\":\"2026-02-01\",\"verdict\":\"returned\",\"note\":\"it insults\"}\n")
  }

  @Test("a wording that a reviewer sent back makes a draft, although two others approved it")
  func sentBack() throws {
    try approve()
    #expect(try !build().build().manifest.draft)
    try sendBack()
    #expect(try lacks() == ["ro sent-back"])
    #expect(try build().build().manifest.draft)
  }

  @Test("a kit is a draft exactly where a release is refused, whatever the reason")
  func draftIsRefusal() throws {
    func agrees(_ what: String, _ day: String? = nil, _ location: SourceLocation = #_sourceLocation) throws {
      let refusals = try lacks(day: day)
      let draft = try build(day: day).build(partial: true).manifest.draft
      #expect(draft == !refusals.isEmpty, "\(what): \(refusals)", sourceLocation: location)
    }
    try agrees("not approved")
    try approve(expires: "2026-06-30")
    try agrees("approved")
    try agrees("expired", "2026-07-01")
    try approve { $0 == "en wording" }
    try agrees("a wording is not approved")
    try approve()
    try put("project/speakers.yaml", "speakers: []\n")
    try agrees("unknown speakers")
    try put(
      "project/speakers.yaml",
      Self.speakers.replacing("voice: f1\n    consent: 2026", with: "voice: f1\n    consent: 2027"))
    try agrees("no consent yet", "2026-05-01")
    try put("project/speakers.yaml", Self.speakers)
    try record("ro/synthetic/03.wav", words: 7)
    try agrees("synthetic")
    unlink("\(workshop.path)/project/recordings/ro/synthetic/03.wav")
    try agrees("approved again")
    unlink("\(workshop.path)/project/recordings/ro/f1/03.wav")
    try agrees("a recording is missing")
  }

  @Test("under 'approvals: proved' two names of one person give a draft, and two known keys a release")
  func provedOnly() throws {
    try approve()
    let claimed = try build().build()
    #expect(!claimed.manifest.draft)
    let counts = claimed.bundles.map(\.manifest.approvals)
    #expect(
      counts == [ApprovalCount(proved: 0, unproved: 4, keys: []), ApprovalCount(proved: 0, unproved: 4, keys: [])])

    try put(
      "project/kit.yaml",
      String(decoding: try Files.read("\(workshop.path)/project/kit.yaml"), as: UTF8.self) + "approvals: proved\n")
    #expect(try lacks().allSatisfy { $0.hasSuffix("approval-missing") })
    let draft = try build().build()
    #expect(draft.manifest.draft)
    let finding = try #require(draft.report.findings.first { $0.code == .unapproved && $0.language == "ro" })
    #expect(
      finding.message == "the wording of 'safe-here' is approved by 0 of 2 names that a key proves, as "
        + "'approvals: proved' in kit.yaml requires; 2 others have no valid signature")
    #expect(finding.remedy == "have the reviewers approve it again with --key")

    let keys = ["Ana": try SecretKey.generate(), "Ion": try SecretKey.generate()]
    try Files.makeDirectory("\(workshop.path)/project/reviewers")
    for (name, key) in keys { try key.publicKey.write(to: "\(workshop.path)/project/reviewers/\(name).pub") }
    let signed = try build().workspace.approvals.entries.map { try $0.signed(by: keys[$0.name]!) }
    try Approvals.append(signed, to: "\(workshop.path)/project/approvals.jsonl")
    #expect(try lacks() == [])
    let ids = keys.values.map(\.publicKey.id.description).sorted()
    #expect(
      try build().build().bundles.map(\.manifest.approvals)
        == Array(repeating: ApprovalCount(proved: 4, unproved: 0, keys: ids), count: 2))
  }

  @Test("a release refuses a wording that was edited after it was approved")
  func edited() throws {
    try approve()
    let path = "\(workshop.path)/catalogue/Languages/ro.yaml"
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    try Files.replace(path, with: Array(text.replacing("safe here, ro", with: "quite safe here, ro").utf8))
    #expect(try lacks().contains("ro approval-missing"))
  }

  @Test("a recording that changes between check and encoding is an error, because it is not approved")
  func exchanged() throws {
    try approve()
    let pipeline = try build().pipeline
    let job = try #require(pipeline.workspace.jobs.first)
    // From the cache, so that the speech is read again.
    _ = try pipeline.checked(job.take)
    let checked = try pipeline.checked(job.take)
    try record("ro/f1/03.wav", words: 9)
    #expect(job.take.path.hasSuffix("ro/f1/03.wav"))
    do throws(PipelineError) {
      _ = try pipeline.clip(of: job, checked)
      Issue.record("a clip came of it")
    } catch {
      guard case .recording(.changed) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
