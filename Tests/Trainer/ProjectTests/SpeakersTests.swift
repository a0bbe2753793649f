import Catalogue
import CatalogueFixture
import Diagnostics
import Posix
import Testing

@testable import Project

@Suite struct SpeakersTests {
  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private static let good = """
    # Our voices.
    speakers:
      - pseudonym: "Iris"   # never the real name
        language: "ro"
        voice: f1
        child-friendly: true
        consent: 2026-04-30
        licence: "for first-contact kits only"
        contact: "voices@example.org"
      -   voice: m1
          pseudonym: Ilie
          language: "ro"
          consent: "2026-05-01"
          licence: any
          contact: "voices@example.org"
          withdrawn: 2026-06-01
      - {pseudonym: Iris, language: "vi", voice: f1, consent: 2026-04-30, licence: any, contact: "+40 1"}

    """

  private func read(_ text: String) throws -> (Speakers?, [String]) {
    let path = try scratch.write("speakers.yaml", text)
    var speakers: Speakers?
    let found = findings(in: scratch) { speakers = try Speakers.read(path, tags: ["ro", "vi"]) }
    return (speakers, found)
  }

  @Test("each directory of recordings belongs to one speaker, who may speak several languages")
  func read() throws {
    let (speakers, found) = try read(Self.good)
    #expect(found == [])
    let all = try #require(speakers)
    #expect(all.all.count == 3)
    #expect(all.speaker(of: "ro", voice: "f1")?.pseudonym == "Iris")
    #expect(all.speaker(of: "ro", voice: "f1")?.isForChildren == true)
    #expect(all.speaker(of: "ro", voice: "f2") == nil)
    #expect(all.entries(of: " IRIS ").map(\.language) == ["ro", "vi"])
  }

  @Test("consent counts from its day on until it is withdrawn")
  func consent() throws {
    let speakers = try #require(try read(Self.good).0)
    let iris = try #require(speakers.speaker(of: "ro", voice: "f1"))
    #expect(!iris.consents(on: "2026-04-29"))
    #expect(iris.consents(on: "2026-04-30"))
    #expect(iris.consents(on: nil))
    #expect(speakers.speaker(of: "ro", voice: "m1")?.consents(on: "2026-05-15") == false)
  }

  @Test("a missing file and a new file have no speakers")
  func none() throws {
    #expect(try Speakers.read("\(scratch.directory)/none.yaml", tags: []) == Speakers())
    #expect(try read(Speakers.template).0 == Speakers())
    // The example in the comments is valid.
    let shown = Speakers.template.split(separator: "\n").filter { $0.hasPrefix("# speakers:") || $0.hasPrefix("#   ") }
    let (speakers, found) = try read(shown.map { $0.dropFirst(2) }.joined(separator: "\n"))
    #expect(found == [] && speakers?.all.count == 1)
  }

  @Test(
    "a fault is reported with its line",
    arguments: [
      (
        "language: \"ro\"\n    voice: f1", "language: \"rx\"\n    voice: f1",
        "speakers.yaml:4: the catalogue has no language 'rx'"
      ),
      ("voice: f1", "voice: synthetic", "speakers.yaml:5: 'synthetic' is the voice of no speaker"),
      ("voice: f1", "voice: F1", "'speakers[1].voice' is 'F1': write it as f1"),
      ("voice: m1", "voice: f1", "speakers.yaml:10: ro/f1 is the voice of 'Iris' too, in line 3"),
      ("consent: 2026-04-30", "consent: 2026-02-30", "is '2026-02-30', not a day"),
      ("    consent: 2026-04-30\n", "", "'consent' is missing in 'speakers[1]'"),
      ("child-friendly: true", "child-friendly: yes", "must be true or false"),
      ("child-friendly", "child-freindly", "(did you mean 'child-friendly'?)"),
      ("pseudonym: \"Iris\"", "pseudonym: \"\"", "'speakers[1].pseudonym' is empty"),
    ])
  func fault(_ old: String, _ new: String, _ expected: String) throws {
    // Replaces only the first occurrence.
    let text = Self.good.replacing(old, with: new, maxReplacements: 1)
    #expect(text != Self.good)
    let (_, found) = try read(text)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }

  @Test("a withdrawal is written to the person's entries, and nothing else changes")
  func withdraw() throws {
    let text = Self.good.replacing("{pseudonym: Iris,", with: "{pseudonym: Ina,")
    let path = try scratch.write("speakers.yaml", text)
    try Speakers.withdraw("iris", on: "2026-11-21", in: path, tags: ["ro", "vi"])
    let expected = text.replacing("real name\n", with: "real name\n    withdrawn: 2026-11-21\n")
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == expected)
    // A second withdrawal changes nothing.
    try Speakers.withdraw("Iris", on: "2026-12-01", in: path, tags: ["ro", "vi"])
    try Speakers.withdraw("Ilie", on: "2026-12-01", in: path, tags: ["ro", "vi"])
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == expected)
  }

  @Test(
    "a withdrawal is written into an entry in flow style, and nothing else changes",
    arguments: [
      ("contact: \"+40 1\"}", "contact: \"+40 1\", withdrawn: 2026-11-21}"),
      ("contact: \"+40 1\"}", "contact: \"+40 1\",}"),
      ("contact: \"+40 1\"}", "contact: 'Iris''s {number}' } # a } of a comment"),
      ("contact: \"+40 1\"}", "\n     contact: Iris's,   # her } number\n  }"),
      ("contact: \"+40 1\"}", "contact: \"a \\\"} b\"}"),
    ])
  func flow(_ old: String, _ new: String) throws {
    let text = new.contains("withdrawn") ? Self.good : Self.good.replacing(old, with: new)
    let path = try scratch.write("speakers.yaml", text)
    try Speakers.withdraw("Iris", on: "2026-11-21", in: path, tags: ["ro", "vi"])
    let edited = String(decoding: try Files.read(path), as: UTF8.self)
    let speakers = try #require(try read(edited).0)
    #expect(speakers.entries(of: "Iris").map(\.withdrawn) == ["2026-11-21", "2026-11-21"], "\(edited)")
    #expect(edited.components(separatedBy: "withdrawn: 2026-11-21").count == 3)
    for mark in [", withdrawn: 2026-11-21", " withdrawn: 2026-11-21", "\n   "] where edited.contains(mark) {
      #expect(edited.contains("pseudonym: Iris, language: \"vi\""), "\(edited)")
    }
    if new.contains("withdrawn") { #expect(edited.contains(new)) }
  }

  @Test("entries of several people on one line are told apart")
  func flowList() throws {
    let path = try scratch.write(
      "speakers.yaml",
      "speakers: [{pseudonym: Ana, language: \"ro\", voice: f1, consent: 2026-04-30, licence: any, contact: a@b}, "
        + "{pseudonym: Iris, language: \"ro\", voice: f2, consent: 2026-04-30, licence: any, contact: c@d}]")
    try Speakers.withdraw("Iris", on: "2026-11-21", in: path, tags: ["ro", "vi"])
    let speakers = try Speakers.read(path, tags: ["ro", "vi"])
    #expect(speakers.all.map(\.withdrawn) == [nil, "2026-11-21"])
  }

  @Test("an entry in an uneditable form is refused with a remedy, and the file is unchanged")
  func uneditable() throws {
    let text = """
      speakers:
        - ? pseudonym
          : Iris
          language: "ro"
          voice: f1
          consent: 2026-04-30
          licence: any
          contact: a@b

      """
    let path = try scratch.write("speakers.yaml", text)
    let found = findings(in: scratch) {
      try Speakers.withdraw("Iris", on: "2026-11-21", in: path, tags: ["ro", "vi"])
    }
    #expect(found.first?.contains("add 'withdrawn: 2026-11-21' to it yourself") == true, "\(found)")
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == text)
  }

  // MARK: - Adding

  private static let ana = Speaker(
    pseudonym: "Ana \"A\" \\ #1", language: "ro", voice: "f2", isForChildren: true, consent: "2026-07-01",
    licence: "any: {all}", contact: "+40 1", file: "", line: 0)

  /// Files to which an entry can be added.
  private static let editable: [String] = [
    SpeakersTests.good, Speakers.template, "speakers: []\n", "speakers: []\r\n",
    "# None yet.\nspeakers: [ ] # nobody\n",
    """
    speakers:
    - pseudonym: B
      language: "ro"
      voice: m2
      consent: 2026-01-01
      licence: any
      contact: a@b
    # end

    """,
    "speakers:\r\n  - {pseudonym: B, language: \"ro\", voice: m2, consent: 2026-01-01, licence: any, contact: a@b}\r\n",
    "speakers:\n  - {pseudonym: B, language: \"ro\", voice: m2, consent: 2026-01-01, licence: any, contact: a@b}",
  ]

  @Test(
    "a speaker is added after the last entry, and nothing else changes",
    arguments: SpeakersTests.editable)
  func add(text: String) throws {
    let path = try scratch.write("speakers.yaml", text)
    let before = try Speakers.read(path, tags: ["ro", "vi"]).all
    try Speakers.add(Self.ana, to: path, tags: ["ro", "vi"])
    let after = try Speakers.read(path, tags: ["ro", "vi"]).all
    #expect(after.dropLast().map(\.pseudonym) == before.map(\.pseudonym))
    var last = try #require(after.last)
    (last.file, last.line) = ("", 0)
    #expect(last == Self.ana)
    func lines(_ bytes: [UInt8]) -> [String] {
      bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }.filter { !$0.hasPrefix("speakers:") }
    }
    let (old, new) = (lines(Array(text.utf8)), lines(try Files.read(path)))
    try #require(new.count == old.count + 7)
    #expect((0...old.count).contains { Array(new[..<$0] + new[($0 + 7)...]) == old }, "\(new)")
    #expect(new.allSatisfy { $0.hasSuffix("\r") == text.utf8.contains(0x0D) })
  }

  @Test("a speaker is added to a project without the file")
  func addFirst() throws {
    let path = "\(scratch.directory)/new.yaml"
    try Speakers.add(Self.ana, to: path, tags: ["ro"])
    #expect(try Speakers.read(path, tags: ["ro"]).all.map(\.pseudonym) == [Self.ana.pseudonym])
    #expect(String(decoding: try Files.read(path), as: UTF8.self).contains("# Use pseudonyms"))
  }

  @Test("a speaker that breaks a rule is refused with the rule, and the file stays as it is")
  func addRefused() throws {
    let path = try scratch.write("speakers.yaml", Self.good)
    func refused(_ change: (inout Speaker) -> Void) -> String {
      var speaker = Self.ana
      change(&speaker)
      do throws(DiagnosticsError) {
        try Speakers.add(speaker, to: path, tags: ["ro", "vi"])
        return "added"
      } catch { return "\(error)" }
    }
    #expect(refused { $0.voice = "f1" }.contains("ro/f1 is the voice of 'Iris'"))
    #expect(refused { $0.voice = "synthetic" }.contains("the voice of no speaker"))
    #expect(refused { $0.consent = "yesterday" }.contains("not a day"))
    #expect(refused { $0.language = "xx" }.contains("no language 'xx'"))
    #expect(refused { $0.pseudonym = "" } != "added")
    #expect(refused { $0.contact = "a\nb: c" }.contains("'contact' has a line break"))
    #expect(refused { $0.licence = "a\u{2028}b" }.contains("'licence' has a line break"))
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == Self.good)
  }

  @Test("a list in a form that cannot be edited is refused with a remedy, and the file stays as it is")
  func addUneditable() throws {
    let entry = "{pseudonym: B, language: \"ro\", voice: m2, consent: 2026-01-01, licence: any, contact: a@b}"
    let text = "speakers: [\(entry)]\n"
    let path = try scratch.write("speakers.yaml", text)
    #expect {
      try Speakers.add(Self.ana, to: path, tags: ["ro"])
    } throws: { error in "\(error)".contains("add 'Ana") }
    #expect(String(decoding: try Files.read(path), as: UTF8.self) == text)
  }
}
