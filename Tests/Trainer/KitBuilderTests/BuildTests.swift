import Catalogue
import Encoding
import Glibc
import Kit
import Opus
import Posix
import Synchronization
import TestSupport
import Testing

@testable import KitBuilder

@Suite("A build")
struct BuildTests {
  let workshop: Workshop

  /// A catalogue of two prompts in three languages, and a project with two of the languages.
  init() throws {
    workshop = try Workshop()
    for (number, id, module) in [("03", "safe-here", "opening"), ("13", "need-doctor", "needs")] {
      try workshop.putPrompt(number, id, module: module)
    }
    for (number, tag, role) in [(0, "en", "source"), (29, "ro", "listener"), (30, "tl", "listener")] {
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
        voice: \(tag == "tl" ? "null" : tag)
        rate: 13
        drafted: machine

        wordings:
          safe-here:
            text: "You are safe here, \(tag)."
            back: "You are safe."
          need-doctor:
            text: "Do you need a doctor, \(tag)?"
            back: "A doctor?"

        """)
    }
    try put("project/kit.yaml", "name: trial\nversion: \"1.0\"\nlanguages: [\"ro\", \"en\"]\n")
    try Files.makeDirectory("\(workshop.path)/project/recordings")
  }

  private func put(_ name: String, _ text: String) throws { try workshop.put(name, Array(text.utf8)) }

  private func record(_ name: String, _ samples: [Float]? = nil, rate: Int = 22_050) throws {
    // With the pauses of a breath before and after.
    let breath = silence(seconds: 0.1, rate: rate)
    let sound = breath + (samples ?? babble(seconds: 1.5, rate: rate, amplitude: 0.2)) + breath
    try workshop.put("project/recordings/\(name)", wave([sound], rate: rate))
  }

  private func recordAll() throws {
    for (index, name) in ["ro/f1/03.wav", "ro/f1/13-need-doctor.wav", "en/m1/03-safe-here.wav", "en/m1/13.wav"]
      .enumerated()
    {
      try record(name, babble(seconds: 1.5 + 0.1 * Double(index), rate: 22_050, amplitude: 0.3, words: index + 1))
    }
  }

  private func build() throws -> KitBuild {
    KitBuild(try workspace())
  }

  private func workspace(day: String? = nil) throws -> Workspace {
    try Workspace(directory: "\(workshop.path)/project", catalogue: "\(workshop.path)/catalogue", day: day)
  }

  @Test("ends between two clips when it is cancelled, with no kit and no report")
  func cancelled() throws {
    try recordAll()
    let build = try build()
    for threads in [1, 4] {
      let cancellation = Cancellation()
      let made = Atomic(0)
      #expect {
        try build.build(threads: threads, until: cancellation) { done, _ in
          made.store(done, ordering: .relaxed)
          cancellation.cancel()
        }
      } throws: { error in
        if case .cancelled = error as? BuildError { true } else { false }
      }
      #expect(made.load(ordering: .relaxed) <= threads)
      let check = Cancellation()
      #expect(throws: BuildError.self) { try build.check(threads: threads, until: check) { _, _ in check.cancel() } }
    }
    #expect(try build.check(until: Cancellation()).recordings == 4)
  }

  @Test("makes a kit that opens and verifies, with every clip as in its manifest")
  func kit() throws {
    try recordAll()
    let counts = Mutex<[Int]>([])
    let built = try build().build(threads: 2) { done, all in counts.withLock { $0.append(done * 10 + all) } }
    #expect(counts.withLock { $0 } == [14, 24, 34, 44])
    #expect(built.defaultFileName == "trial-1.0-DRAFT.kit")
    let path = "\(workshop.path)/\(built.defaultFileName)"
    let key = try SecretKey.generate()
    let manifest = try built.write(to: path, signedBy: key)
    #expect(manifest.draft)
    #expect(manifest.bundles.map(\.tag) == ["ro", "en"])
    #expect(manifest.prompts.map(\.text) == ["You are safe here, en.", "Do you need a doctor, en?"])
    #expect(
      built.bundles.map { $0.clips.map(\.prompt) } == [
        ["safe-here", "need-doctor"], ["safe-here", "need-doctor"],
      ])
    for packed in built.bundles.flatMap(\.clips) {
      let decoded = try ClipDecoder.decode(packed.content)
      let measured = try Loudness.measure(decoded.map { Float($0) / 32_768 }, rate: 48_000)
      #expect(decoded.count == packed.frames)
      #expect(abs(measured.level - packed.loudness) < 0.01 && abs(packed.loudness + 16) <= 0.5)
      #expect(abs(measured.peak - packed.peak) < 0.01 && packed.peak <= -1.5)
      #expect(packed.onset <= 960)
      #expect(packed.status == .draft && !packed.synthetic)
      #expect(packed.back.contains(packed.number == 3 ? "safe" : "doctor"))
    }
    let opened = try KitFile(path: path)
    #expect(try opened.signer(trustedBy: TrustedKeys([key.publicKey])).key == key.publicKey.id)
    #expect(opened.faults().isEmpty)
    #expect(opened.clipCount == 4)
  }

  @Test(
    "packs the finder by regions, the sequences, and the operator's voice, which makes no draft")
  func guidance() throws {
    try workshop.putPrompt("106", "device-finder", module: "operator")
    try put(
      "catalogue/Prompts/short.yaml",
      "id: short\ntitle: \"Short\"\nsteps:\n  - prompt: need-doctor\n    pause: 2.5\n")
    let english = "catalogue/Languages/en.yaml"
    let text = String(decoding: try Files.read("\(workshop.path)/\(english)"), as: UTF8.self)
    try put(english, text + "  device-finder:\n    text: \"Language finder.\"\n    back: \"Language finder.\"\n")
    try put(
      "project/kit.yaml",
      "name: trial\nversion: \"1.0\"\nlanguages: [\"tl\", \"ro\"]\noperator-voice: \"en\"\n"
        + "finder: {regions: [FR, GB], pause: 4}\n")
    let workspace = try workspace()
    #expect(workspace.languages == ["tl", "ro", "en"])
    let wanted = workspace.languages.compactMap(workspace.catalogue.language).map {
      workspace.prompts(of: $0).map(\.id)
    }
    let messages = ["safe-here", "need-doctor"]
    #expect(wanted == [messages, messages, ["device-finder", "name-ro", "name-tl"]])
    #expect(
      workspace.requests.filter { $0.language == "en" }.map(\.text) == [
        "Language finder.", "Language 29", "Language 30",
      ])

    for (index, tag) in ["tl", "ro"].enumerated() {
      for name in ["03", "13"] {
        try record(
          "\(tag)/f1/\(name).wav", babble(seconds: 1.6, rate: 22_050, words: 3 * index + (name == "03" ? 1 : 2)))
      }
    }
    try record("en/synthetic/106.wav", babble(seconds: 1.2, rate: 22_050, words: 7))
    try record("en/synthetic/229-name-ro.wav", babble(seconds: 0.9, rate: 22_050, words: 8))
    // The other name is missing: a partial kit.
    let built = try build().build(partial: true)
    #expect(built.manifest.operatorLanguage == "en")
    #expect(built.manifest.finder == KitFinder(languages: ["tl", "ro"], pause: 4000))
    #expect(
      built.manifest.sequences == [
        KitSequence(id: "short", title: "Short", steps: [.init(prompt: "need-doctor", pause: 2500)])
      ])
    #expect(built.bundles.map { $0.clips.map(\.number) } == [[3, 13], [3, 13], [106, 229]])
    #expect(built.manifest.prompts.last?.module == KitPrompt.operatorModule)
  }

  @Test("gives the same kit for the same inputs, whatever the number of threads")
  func deterministic() throws {
    try recordAll()
    let key = try SecretKey.generate()
    var kits: [[UInt8]] = []
    for threads in [1, 2, 5] {
      let path = "\(workshop.path)/\(threads).kit"
      try build().build(threads: threads).write(to: path, signedBy: key)
      kits.append(try Files.read(path))
    }
    #expect(kits[0].count > 10_000)
    #expect(kits[0] == kits[1] && kits[1] == kits[2])
  }

  @Test("lists all errors at once, and writes nothing")
  func errors() throws {
    try recordAll()
    try workshop.put("project/recordings/ro/f1/03.wav", Array("text".utf8))
    try workshop.put("project/recordings/en/m1/03-safe-here.wav", [])
    try record("en/m1/13.wav", silence(seconds: 1, rate: 22_050))
    try record("ro/m1/13.wav")
    try record("ro/m1/13.flac")
    let project = try build()
    do throws(BuildError) {
      _ = try project.build(partial: true)
      Issue.record("it was built")
    } catch {
      guard case .findings(let findings) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(findings.map(\.code) == [.empty, .silent, .notSound, .doubled, .doubled])
      #expect(error.description.split(separator: "\n").count == 5)
    }
  }

  @Test("reports a missing recording, and builds the others only with partial")
  func partial() throws {
    try record("ro/f1/03.wav")
    #expect(throws: BuildError.self) { try build().build() }
    let report = try build().check()
    #expect(
      report.findings.filter { $0.severity == .error }.map(\.message) == [
        "no recording of 03-safe-here in Language 0", "no recording of 13-need-doctor in Language 0",
        "no recording of 13-need-doctor in Language 29",
      ])
    let built = try build().build(partial: true)
    #expect(built.bundles.map(\.manifest.tag) == ["ro"])
    #expect(built.bundles[0].clips.map(\.prompt) == ["safe-here"])
  }

  @Test("of an empty project reports what to do")
  func nothing() throws {
    let project = try build()
    do throws(BuildError) {
      _ = try project.build(partial: true)
      Issue.record("it was built")
    } catch { #expect(error.description.contains("there is no recording")) }
  }

  @Test("is a draft until two names approve every wording and recording, and with synthetic speech")
  func approvals() throws {
    try recordAll()
    var lines = ""
    let first = try workspace()
    func approve(_ hash: String, _ kind: String, _ language: String, _ prompt: String) {
      for name in ["Ana", "Ben"] {
        lines += """
          {"hash":"\(hash)","kind":"\(kind)","language":"\(language)","prompt":"\(prompt)","name":"\(name)",\
          "role":"listener","date":"2026-01-01","expires":"2026-06-30"}

          """
      }
    }
    for take in first.tree.takes {
      approve(try Recording(path: take.path).sha256, "recording", take.language, take.prompt)
      let wording = try #require(first.catalogue.wording(take.prompt, in: take.language))
      approve(Digest.sha256(wording.text), "wording", take.language, take.prompt)
    }
    try put("project/approvals.jsonl", lines)
    #expect(try build().build().manifest.draft, "nobody is known to have spoken it")
    try put(
      "project/speakers.yaml",
      "speakers:\n"
        + [("ro", "f1"), ("en", "m1")].map { tag, voice in
          "  - {pseudonym: Iris, language: \"\(tag)\", voice: \(voice), "
            + "consent: 2026-01-01, licence: any, contact: \"a@b\"}\n"
        }.joined())
    let built = try build().build()
    #expect(!built.manifest.draft)
    #expect(built.defaultFileName == "trial-1.0.kit")
    // Names that no key proves are reported, and block nothing.
    #expect(built.report.findings.allSatisfy { $0.code == .claimed && $0.severity == .note })
    let clips = built.bundles.flatMap(\.clips)
    #expect(clips.allSatisfy { $0.status == .approved && $0.proof == .claim && $0.speaker == "Iris" })

    let late = KitBuild(try workspace(day: "2026-07-01"))
    #expect(try late.build().manifest.draft)

    let kept = try Files.read("\(workshop.path)/project/recordings/ro/f1/03.wav")
    try Files.makeDirectory("\(workshop.path)/project/recordings/ro/synthetic")
    try Files.create("\(workshop.path)/project/recordings/ro/synthetic/03.wav", with: kept)
    let mixed = try build().build()
    #expect(mixed.manifest.draft)
    #expect(mixed.report.findings.map(\.code).filter { $0 != .claimed } == [.twin, .twin, .synthetic])
    #expect(mixed.bundles[0].clips.map(\.voice) == ["f1", "synthetic", "f1"])

    // A change ends the approval.
    try record("ro/f1/03.wav", babble(seconds: 1.4, rate: 22_050, words: 7))
    #expect(try build().build().bundles[0].clips[0].status == .draft)
  }

  @Test("check finds the same as build, and encodes nothing")
  func check() throws {
    try recordAll()
    try record("ro/f1/03.wav", babble(seconds: 1.5, rate: 22_050, words: 5).map { max(-1, min(1, $0 * 20)) })
    try record("en/m1/13.wav", babble(seconds: 1.5, rate: 22_050, amplitude: 0.005, words: 6))
    let report = try build().check(threads: 2)
    #expect(report.recordings == 4)
    #expect(abs(report.duration - 7.1) < 0.1)
    #expect(report.findings.filter { $0.severity < .note }.map(\.code) == [.clipped, .tooQuiet])
    #expect(report.findings.filter { $0.code == .unapproved }.count == 8)
    #expect(report.findings.contains { $0.path.hasSuffix("ro.yaml") && $0.line == 15 })
    let json = try Documents.encode(report)
    #expect(try Documents.decode(CheckReport.self, from: json) == report)
  }

  @Test("requests synthesis of every wording in the project's languages")
  func requests() throws {
    let requests = try workspace().requests
    #expect(
      requests.map { "\($0.language) \($0.voice ?? "-") \($0.number) \($0.text)" } == [
        "ro ro 3 You are safe here, ro.", "ro ro 13 Do you need a doctor, ro?", "en en 3 You are safe here, en.",
        "en en 13 Do you need a doctor, en?",
      ])
  }
}
