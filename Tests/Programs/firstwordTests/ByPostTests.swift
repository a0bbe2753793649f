import Foundation
import Posix
import Project
import TestSupport
import Testing

/// Pages for speakers and reviewers who are elsewhere, and the files that come back, on the command line.
@Suite("By post, on the command line")
struct ByPostTests {
  private let place: Workplace
  private let project: String
  private let file: PostedFile
  private static let sender = ["--from", "Ana <b>", "--contact", "ana@example.org", "--project", "p"]

  init() throws {
    place = try Workplace()
    project = "\(place.directory)/p"
    file = try PostedFile(in: place.directory)
    try good("new", "p", "--languages", "ro", "--prompts", "safe-here,thank-you")
  }

  @discardableResult
  private func run(_ status: Int32, _ words: [String]) throws -> String {
    let outcome = try Program.run(words, in: place.directory)
    #expect(outcome.status == status, "\(words): \(outcome.output)\(outcome.errors)")
    #expect(outcome.isPlain)
    return outcome.output + outcome.errors
  }

  @discardableResult
  private func good(_ words: String...) throws -> String { try run(0, words) }

  @Test("a speaker's page is written once, its file imported with consent and findings, its voice taken down by code")
  func speaker() throws {
    try run(0, ["post", "booth", "ro", "-o", "ro.html"] + Self.sender)
    let page = try Files.read("\(place.directory)/ro.html")
    #expect(try Files.read("\(place.directory)/ro.txt").count > 200)
    try run(0, ["post", "booth", "ro", "-o", "ro.html"] + Self.sender)
    #expect(try Files.read("\(place.directory)/ro.html") == page)
    #expect(try PostLedger.read("\(project)/post.jsonl").entries.count == 1)

    let faint = murmur(seed: 2, seconds: 2).map { $0 * 0.003 }
    let path = try file.booth(project, ["safe-here": murmur(seed: 1, seconds: 2), "thank-you": faint])
    let plan = try good("import", path, "--project", "p", "--dry-run")
    for words in ["speaker 'Iris'", "<b>only</b> for people who need help", "ro  f1  03-safe-here", "LUFS loud"] {
      #expect(plan.contains(words), "\(words) in \(plan)")
    }
    #expect(!Files.exists("\(project)/recordings/ro/f1"))
    let json = try good("import", path, "--project", "p", "--dry-run", "--json")
    #expect(json.contains("\"too-quiet\""), "\(json)")
    // Nobody is asked without a terminal, so nothing is imported.
    #expect(try run(2, ["import", path, "--project", "p"]).contains("cannot ask"))
    #expect(try good("import", path, "--project", "p", "--yes").contains("a consent imported"))
    #expect(try Files.list("\(project)/recordings/ro/f1").count == 2)
    #expect(try good("import", path, "--project", "p", "--yes").contains("was imported on"))
    #expect(try good("speakers", "--project", "p").contains("Iris"))

    let wrong = try run(2, ["takedown", "4Q7YK-M2RT9-0XWVB-3HJNF", "--project", "p"])
    #expect(wrong.contains("has no speaker"))
    #expect(try good("takedown", "4q7yk m2rt9 oxwvb 3hjne", "--project", "p").contains("would remove"))
    try good("takedown", PostedFile.code, "--project", "p", "--yes")
    #expect(!Files.exists("\(project)/recordings/ro/f1"))
    let later = try file.booth(project, serial: 2, ["safe-here": murmur(seed: 3, seconds: 2)])
    #expect(try run(2, ["import", later, "--project", "p", "--yes"]).contains("withdrew the consent"))
  }

  @Test("a review is a claim until somebody vouches for the number of its key")
  func reviewer() throws {
    try run(0, ["post", "review", "ro", "-o", "ro.html"] + Self.sender)
    let path = try file.review(project, ["safe-here"])
    let number = "\(file.key.publicKey.id)"
    #expect(try good("vouch", "--project", "p").contains("no review came by post yet"))
    #expect(try run(2, ["vouch", number, "--project", "p"]).contains("no review by the key"))
    let shown = try good("import", path, "--project", "p", "--yes")
    #expect(shown.contains("a key first seen today") && shown.contains(number))
    for (typed, words) in [("1234567890ABCDEF", "no review by the key"), ("xyz", "is no number of a key")] {
      #expect(try run(2, ["vouch", typed, "--project", "p"]).contains(words))
    }
    #expect(try good("vouch", "--project", "p", "--json").contains("\"vouched\" : false"))
    for _ in 0..<2 { try good("vouch", number.lowercased(), "--project", "p") }
    #expect(try good("vouch", "--project", "p", "--json").contains("\"vouched\" : true"))
    // A stranger who gives the same name has another key.
    let stranger = try PostedFile(in: place.directory).review(project, ["thank-you"])
    #expect(try good("import", stranger, "--project", "p", "--yes").contains("a key first seen today"))
  }

  @Test("options that a returned file answers itself are refused")
  func options() throws {
    try run(0, ["post", "booth", "ro", "-o", "ro.html"] + Self.sender)
    let path = try file.booth(project, ["safe-here": murmur(seed: 1, seconds: 2)])
    for option in [["--language", "ro"], ["--speaker", "Iris"], ["--long"]] {
      #expect(try run(64, ["import", path, "--project", "p"] + option).contains("says itself what it holds"))
    }
    for option in [["--words", "xx"], ["--words", "en,en"]] {
      try run(2, ["post", "booth", "ro", "-o", "x.html"] + Self.sender + option)
    }
    #expect(try run(64, ["post", "booth", "ro", "-o", "x.pdf"] + Self.sender).contains("must end in .html"))
    #expect(!Files.exists("\(place.directory)/x.html"))
  }
}
