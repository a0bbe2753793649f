import Diagnostics
import Glibc
import Posix
import Testing

@testable import Catalogue
@testable import KitBuilder

@Suite("The tree of recordings")
struct RecordingTreeTests {
  let workshop: Workshop
  init() throws { workshop = try Workshop() }

  private func tree() -> RecordingTree {
    RecordingTree(
      directory: "\(workshop.path)/recordings", languages: ["ro", "en"], known: ["ro", "en", "vi"],
      catalogue: Workshop.catalogue([
        (2, "raise-hand", .modes), (3, "safe-here", .none), (4, "who-we-are", .choices(["police"])),
        (13, "need-doctor", .none),
      ]))
  }

  @Test("finds forms and formulas by their names, beside the base forms and without clashing with them")
  func forms() throws {
    try put(
      "ro/f1/02-raise-hand.wav", "ro/f1/02-raise-hand.hand.wav", "ro/f1/02.hand-child.flac",
      "ro/f1/04-who-we-are.police.wav", "ro/f1/answer-card.wav", "ro/f1/answer-card-child.WAV", "ro/f1/03.child.wav")
    let tree = tree()
    #expect(tree.findings.isEmpty)
    #expect(
      tree.takes.map { "\($0.number) \($0.prompt)" } == [
        "0 answer-card", "0 answer-card-child", "2 raise-hand", "2 raise-hand.hand", "2 raise-hand.hand-child",
        "3 safe-here.child", "4 who-we-are.police",
      ])
  }

  @Test("names an unknown form, and says what to do with recordings of withdrawn prompts")
  func unknownForms() throws {
    try put(
      "ro/f1/02.hnad.wav", "ro/f1/13.hand.wav", "ro/f1/32-child-hurt.wav", "ro/f1/33.wav", "ro/f1/answer-cart.wav")
    let tree = tree()
    #expect(tree.takes.isEmpty)
    #expect(
      codes(tree) == [
        "error unknown-prompt 02.hnad.wav", "error unknown-prompt 13.hand.wav", "warning retired 32-child-hurt.wav",
        "warning retired 33.wav", "warning stray answer-cart.wav",
      ])
    let texts = tree.findings.map(\.description).joined(separator: "\n")
    #expect(texts.contains("'raise-hand' has no form 'hnad' (did you mean 'hand'?)"))
    #expect(
      texts.contains(
        "'child-hurt' was withdrawn: A question about abuse. No kit has it: move it away: no prompt replaces it"))
    #expect(texts.contains("use 'need-food' instead, with a recording of its own words"))
  }

  private func put(_ names: String...) throws {
    for name in names { try workshop.put("recordings/\(name)", [0]) }
  }

  private func codes(_ tree: RecordingTree) -> [String] {
    tree.findings.sorted().map { "\($0.severity) \($0.code.rawValue) \(Path($0.path).lastComponent.printable)" }
  }

  @Test("lists takes in the order of the languages, then by number and voice")
  func takes() throws {
    try put("en/f1/03.flac", "ro/m1/13-need-doctor.WAV", "ro/m1/3-safe-here.ogg", "ro/f1/13.mp3")
    let tree = tree()
    #expect(tree.findings.isEmpty)
    #expect(
      tree.takes.map { "\($0.language) \($0.number) \($0.prompt) \($0.voice)" } == [
        "ro 3 safe-here m1", "ro 13 need-doctor f1", "ro 13 need-doctor m1", "en 3 safe-here f1",
      ])
  }

  @Test("reports unexpected files, and continues")
  func stray() throws {
    try put(
      "notes.txt", "ro/readme.wav", "ro/f1/03-safe-here.wav", "ro/f1/notes.txt", "ro/f1/safe-here.wav",
      "ro/f1/03-safe-here.wav.bak", "ro/f1/.hidden", "ro/F 1/03.wav", "vi/f1/03.wav", "xx/f1/03.wav", "ro/f1/99.wav",
      "ro/f1/13-safe-here.wav", "ro/f1/1234.wav")
    let tree = tree()
    #expect(tree.takes.map(\.path) == ["\(workshop.path)/recordings/ro/f1/03-safe-here.wav"])
    #expect(
      codes(tree) == [
        "error wrong-prompt 13-safe-here.wav", "error unknown-prompt 99.wav", "error unknown-language xx",
        "warning stray notes.txt", "warning stray F 1", "warning stray 03-safe-here.wav.bak", "warning stray 1234.wav",
        "warning stray notes.txt", "warning stray safe-here.wav", "warning stray readme.wav",
        "warning unknown-language vi",
      ])
  }

  @Test("uses neither of two files for one prompt and voice, and names both")
  func doubled() throws {
    try put("ro/f1/03-safe-here.wav", "ro/f1/03.flac", "ro/m1/03.wav")
    let tree = tree()
    #expect(tree.takes.map(\.voice) == ["m1"])
    #expect(codes(tree) == ["error doubled 03-safe-here.wav", "error doubled 03.flac"])
    #expect(tree.findings.contains { $0.message == "the same prompt and voice as 03.flac" })
  }

  @Test("ignores a loop of links, and reports a missing directory")
  func links() throws {
    #expect(codes(tree()) == ["error unreadable recordings"])
    try put("ro/f1/03.wav")
    let ro = "\(workshop.path)/recordings/ro"
    #expect(symlink("..", "\(ro)/up") == 0)
    #expect(symlink("self", "\(ro)/self") == 0)
    #expect(symlink(".", "\(ro)/f1/13.wav") == 0)
    let tree = tree()
    // A link in the place of a recording is checked when it is read.
    #expect(tree.takes.map(\.number) == [3, 13])
    #expect(codes(tree) == ["warning stray self", "warning stray ro"])
  }

  @Test("prints any name on one line and without bidirectional controls")
  func names() throws {
    let directory = "\(workshop.path)/recordings/ro/f1"
    try put("ro/f1/new\nline.wav", "ro/f1/\u{202E}vaw.30.txt", "ro/f1/בדיקה.wav")
    let odd = Array("\(directory)/".utf8) + [0xFF, 0xFE] + Array(".wav".utf8) + [0]
    let descriptor = odd.withUnsafeBytes { creat($0.bindMemory(to: CChar.self).baseAddress!, 0o600) }
    #expect(descriptor >= 0)
    close(descriptor)
    let tree = tree()
    #expect(tree.takes.isEmpty)
    #expect(tree.findings.count == 4)
    for finding in tree.findings {
      #expect(finding.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }
    #expect(tree.findings.contains { $0.message == "its name is no UTF-8" })
    #expect(tree.findings.contains { $0.description.contains("new\\u{a}line.wav") })
  }
}
