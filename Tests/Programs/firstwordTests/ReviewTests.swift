import Catalogue
import Foundation
import Posix
import Project
import TestSupport
import Testing

@Suite("Approving and reviewing", .serialized)
struct ReviewTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    let made = try place.run("new", "p", "--languages", "ro,km", "--prompts", "safe-here,thank-you,goodbye")
    #expect(made.status == 0, "\(made.errors)")
  }

  private var approvals: Approvals {
    get throws { try Approvals.read("\(place.directory)/p/approvals.jsonl") }
  }

  @Test("a whole language is approved only after a question, so without a terminal nothing is approved")
  func unasked() throws {
    let outcome = try place.run("approve", "ro", "--wording", "--by", "Ana", "--project", "p")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("40 thank-you (draft)"))
    #expect(outcome.errors.contains("cannot ask about 3 wordings without a terminal"))
    #expect(try approvals.entries.isEmpty)
  }

  @Test("a prompt is approved by number or id, once by each person, revoked, and reported as JSON")
  func one() throws {
    let first = try place.run("approve", "ro/3", "--wording", "--by", "Ana P.", "--project", "p")
    #expect(first.output == "1 wording approved by Ana P. (a claim; --key proves it); now 1 reviewed\n")
    let again = try place.run("approve", "ro/safe-here", "--wording", "--by", "ana p", "--project", "p")
    #expect(again.status == 0 && again.output.contains("has approved all of it already"))
    let second = try place.run("approve", "ro/3", "--wording", "--by", "Ben", "--project", "p", "--json")
    #expect(second.output.contains("\"status\" : \"approved\"") && second.output.contains("\"proved\" : 0"))
    #expect(try approvals.entries.count == 2)
    let back = try place.run("approve", "ro/3", "--wording", "--by", "ANA P", "--project", "p", "--revoke")
    #expect(back.output == "1 wording revoked by ANA P; now 1 reviewed\n")
    let words = try place.run("words", "ro", "--project", "p", "--status", "reviewed")
    #expect(words.output.contains("03 safe-here reviewed"))
  }

  @Test("an impossible approval is reported with a remedy, and nothing is written")
  func refused() throws {
    #expect(try place.run("keygen", "k", "--no-password").status == 0)
    #expect(
      try place.run("approve", "ro/3", "--wording", "--by", "Ana", "--sign", "k.key", "--project", "p").status == 0)
    for (arguments, status, message) in [
      (["approve", "ro", "--by", "Ana"], 64, "--wording, --recording, or both"),
      (["approve", "ro", "--wording", "--by", " . "], 64, "a name with letters"),
      (["approve", "ro", "--wording", "--by", "Ana", "--expires", "2020-01-01"], 64, "is in the past"),
      (["approve", "ro", "--wording", "--by", "Ana", "--expires", "soon"], 64, "a day such as"),
      (["approve", "ro", "--wording", "--by", "Ana"], 2, "no project here"),
      (["approve", "fr", "--wording", "--by", "Ana", "--project", "p"], 2, "it has ro, km"),
      (["approve", "ro/goodby", "--wording", "--by", "Ana", "--project", "p"], 2, "(did you mean 'goodbye'?)"),
      (["approve", "ro", "--recording", "--by", "Ana", "--project", "p"], 1, "nothing to approve"),
      (
        ["approve", "ro/40", "--wording", "--by", "Ion", "--key", "k.key", "--project", "p"], 2,
        "has signed as 'Ana' before"
      ),
    ] as [([String], Int32, String)] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(outcome.status == status, "\(arguments)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(try approvals.entries.count == 1)
  }

  @Test(
    "a disk that is full in the middle of it leaves the ledger as it was",
    .disabled(if: Sanitizer.isOn, "a sanitizer writes a file of its own"))
  func fullDisk() throws {
    let path = "\(place.directory)/p/approvals.jsonl"
    #expect(try place.run("approve", "ro", "--wording", "--by", "Ana", "--yes", "--project", "p").status == 0)
    let before = try Files.read(path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // No file may grow beyond 1 KiB: the first of three lines fits, not the third.
    let limited = "trap '' XFSZ; ulimit -S -f 1; exec \"$@\" 2>err"
    process.arguments = [
      "-c", limited, "bash", try Files.programDirectory().appending("firstword").string, "approve", "ro", "--wording",
      "--by",
      String(repeating: "Benjamin ", count: 8), "--yes", "--project", "p",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 2)
    #expect(String(decoding: try Files.read("\(place.directory)/err"), as: UTF8.self).contains("File too large"))
    #expect(try Files.read(path) == before)
  }

  @Test("two people's ledgers merge in git, and both count", .enabled(if: Program.isInstalled("git")))
  func git() throws {
    let steps = """
      set -e; cd p; git init -q .; git config user.name x; git config user.email x@example.org
      "$0" approve ro/3 --wording --by Ana; git add -A; git commit -qm one; git branch other
      "$0" approve ro/40 --wording --by Ana; git commit -qam two; git checkout -q other
      "$0" approve ro/3 --wording --by Ben; git commit -qam three; git merge -q -m merged master || git merge -q -m merged main
      """
    try Files.replace("\(place.directory)/.gitconfig", with: Array("[init]\n\tdefaultBranch = master\n".utf8))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", steps, try Files.programDirectory().appending("firstword").string]
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    process.environment = ProcessInfo.processInfo.environment.merging(["HOME": place.directory]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try approvals.entries.count == 3)
    #expect(try place.run("words", "ro", "--project", "p", "--status", "approved").output.contains("03 safe-here"))
  }

  // MARK: - On a terminal

  /// Runs it on a terminal of its own and types the lines.
  private func onTerminal(_ arguments: [String], typing lines: [String]) throws -> (status: Int32, shown: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    let words = ([try Files.programDirectory().appending("firstword").string] + arguments).map { "'\($0)'" }.joined(
      separator: " ")
    process.arguments = ["-qec", words, "/dev/null"]
    process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["XDG_CACHE_HOME": place.directory + "/.cache", "NO_COLOR": "1"]) { $1 }
    try Files.replace("\(place.directory)/in", with: Array(lines.map { $0 + "\n" }.joined().utf8))
    try Files.replace("\(place.directory)/out", with: [])
    process.standardInput = FileHandle(forReadingAtPath: "\(place.directory)/in")
    process.standardOutput = FileHandle(forWritingAtPath: "\(place.directory)/out")
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try Files.read("\(place.directory)/out"), as: UTF8.self))
  }

  private static let hasTerminal: Bool = Program.isInstalled("script")

  @Test("a review needs a terminal")
  func noTerminal() throws {
    let outcome = try place.run("review", "km", "--by", "Sok", "--project", "p")
    #expect(outcome.status == 2 && outcome.errors.contains("a review needs a terminal"))
  }

  @Test(
    "a review hides what was meant until the reviewer has said what is understood, keeps each answer, and goes on later",
    .enabled(if: hasTerminal, "script (bsdutils) is not installed"))
  func review() throws {
    let command = ["review", "km", "--by", "Sok D.", "--pcm", "null", "--project", "p"]
    let first = try onTerminal(
      command, typing: ["It is safe here", "a", "Thanks", "b", "", "b", "too formal \u{1B}[A", "q"])
    #expect(first.status == 0, "\(first.shown)")
    #expect(first.shown.contains("1 accepted, 1 returned, 0 skipped; all answers are saved."))
    // The terminal shows what is typed at once: what the program wrote is held against itself.
    let meant = try #require(first.shown.range(of: "meant    \(try Words.text("safe-here", in: "en").prefix(30))"))
    let asked = try #require(first.shown.range(of: "In English, what does it say?"))
    #expect(asked.lowerBound < meant.lowerBound)
    let notes = try ReviewNotes.read("\(place.directory)/p/review.jsonl")
    #expect(notes.entries.map(\.verdict) == [.accepted, .returned])
    #expect(notes.entries.map(\.back) == ["It is safe here", "Thanks"])
    #expect(notes.entries[1].note == "too formal")
    #expect(try approvals.entries.map(\.role) == [.backTranslator])
    #expect(try place.run("words", "km", "--project", "p").output.contains("! Sok D., "))
    #expect(try place.run("check", "p").output.contains("'Sok D.' sent back the wording of 'thank-you': too formal"))

    // What was judged is not asked again.
    let second = try onTerminal(command, typing: ["Goodbye", "a"])
    #expect(!second.shown.contains("safe-here") && second.shown.contains("(goodbye)"))
    #expect(second.shown.contains("1 accepted, 0 returned, 0 skipped"))
    let third = try onTerminal(command, typing: [])
    #expect(third.shown.contains("Nothing is left for Sok D. to review."))
    // One that is named is: and accepting it closes the note.
    let named = try onTerminal(
      ["review", "km/thank-you", "--by", "Sok D.", "--pcm", "null", "--project", "p"], typing: ["Thank you", "a"])
    #expect(named.shown.contains("note     Sok D."), "\(named.shown)")
    #expect(try !place.run("check", "p").output.contains("sent back"))
  }

  @Test("a review without a card reports it once and continues with the texts", .enabled(if: hasTerminal))
  func noCard() throws {
    let outcome = try onTerminal(
      ["review", "km", "--by", "Sok", "--pcm", "hw:CARD=none", "--project", "p"], typing: ["q"])
    #expect(outcome.status == 0)
    #expect(outcome.shown.contains("no sound from 'hw:CARD=none'"))
    #expect(outcome.shown.contains("0 accepted, 0 returned, 0 skipped"))
  }

  @Test("an approval has the day where the reviewer is")
  func localDay() throws {
    // 26 hours apart: never the same day.
    for zone in ["EAST-14", "WEST+12"] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
      process.arguments = ["approve", "ro/40", "--wording", "--by", zone, "--project", "p"]
      process.environment = ProcessInfo.processInfo.environment.merging(["TZ": zone]) { $1 }
      process.currentDirectoryURL = URL(fileURLWithPath: place.directory)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    let lines = String(decoding: try Files.read("\(place.directory)/p/approvals.jsonl"), as: UTF8.self)
    let days = lines.split(separator: "\n").compactMap { $0.components(separatedBy: "\"date\":\"").last?.prefix(10) }
    #expect(Set(days).count == 2, "\(lines)")
  }

  // MARK: - Exchange

  @Test("--yes leaves out a questioned text, and an outdated back-translation is shown as such")
  func questionedImport() throws {
    let rows = "language,id,text\nro,safe-here.text,Сега сте тук.\nro,thank-you.text,Mulțumim.\n"
    try Files.replace("\(place.directory)/ro.csv", with: Array(rows.utf8))
    let outcome = try place.run("words", "import", "ro.csv", "--project", "p", "--yes")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is no letter of the script Latn, in which Romanian is written; left out"))
    let words = try place.run("words", "romanian", "--project", "p").output
    #expect(!words.contains("Сега") && words.contains("   Mulțumim.\n"), "\(words)")
    #expect(words.contains("(OUTDATED: made from an earlier text)"), "\(words)")
    let taken = try place.run("words", "import", "ro.csv", "--project", "p", "--yes", "--questioned")
    #expect(taken.status == 0 && taken.output.contains("Сега сте тук."), "\(taken.errors)")
  }

  @Test("texts of a translator reach the terminal escaped, in the plan and in the findings")
  func hostileImport() throws {
    let word = "Ești\u{1B}[2J\u{7}\u{202E}aici\u{9B}31m"
    let po = """
      msgid ""
      msgstr "Language: ro\\n"

      msgctxt "safe-here.text"
      msgid "\(word)"
      msgstr "\(word)"
      """
    let files = [
      ("hostile\u{1B}[2J.csv", "language,id,text\nro,safe-here.text,\(word)\nro,\(word).text,\(word)\n\(word),x,y\n"),
      ("hostile\u{202E}.po", po),
    ]
    for (name, content) in files {
      try Files.replace("\(place.directory)/\(name)", with: Array(content.utf8))
      let outcome = try place.run("words", "import", name, "--project", "p")
      #expect(outcome.isPlain && !(outcome.output + outcome.errors).isEmpty, "\(outcome)")
    }
  }

  @Test("an import shows old and new texts and lost approvals, and changes nothing without confirmation")
  func importing() throws {
    for name in ["Ana", "Ben"] {
      #expect(try place.run("approve", "ro/40", "--wording", "--by", name, "--project", "p").status == 0)
    }
    #expect(try place.run("words", "export", "ro", "-o", "ro.po", "--project", "p").status == 0)
    let po = String(decoding: try Files.read("\(place.directory)/ro.po"), as: UTF8.self)
    let blocks = po.components(separatedBy: "\n\n")
    let thanks = try #require(blocks.first { $0.contains("msgctxt \"thank-you.text\"") })
    #expect(thanks.contains("status: approved") && !thanks.contains("#, fuzzy"))
    #expect(try #require(blocks.first { $0.contains("\"safe-here.text\"") }).contains("#, fuzzy"))
    let behind = try #require(thanks.components(separatedBy: "msgstr \"").last)
    let old = try #require(behind.split(separator: "\"").first)
    try Files.replace(
      "\(place.directory)/ro.po",
      with: Array(po.replacing("msgstr \"\(old)\"", with: "msgstr \"Vă mulțumim mult.\"").utf8)
    )
    let asked = try place.run("words", "import", "ro.po", "--project", "p")
    #expect(asked.status == 2 && asked.errors.contains("1 change, and one approved or reviewed text becomes a draft"))
    #expect(asked.output.contains(" - \(old)\n + Vă mulțumim mult.\n"))
    #expect(asked.output.contains("! loses the approval of Ana, Ben"))
    #expect(asked.output.contains("! the back-translation belongs to the old text"))
    #expect(!Files.exists("\(place.directory)/p/Languages"))
    #expect(try place.run("words", "import", "ro.po", "--project", "p", "--yes").status == 0)
    let own = String(decoding: try Files.read("\(place.directory)/p/Languages/ro.yaml"), as: UTF8.self)
    #expect(own.contains("thank-you:\n    text: \"Vă mulțumim mult.\"\n    back: "))
    #expect(try place.run("words", "ro", "--project", "p", "--status", "approved", "--json").output == "[\n\n]\n")
    #expect(try place.run("words", "import", "ro.po", "--project", "p").output.contains("no changes in Romanian"))
  }

  @Test("an unreadable file is reported with its line; faulty units do not affect the others")
  func importFaults() throws {
    func imported(_ name: String, _ text: String) throws -> Program.Outcome {
      try Files.replace("\(place.directory)/\(name)", with: Array(text.utf8))
      return try place.run("words", "import", name, "--project", "p", "--yes")
    }
    #expect(try imported("a.po", "hello\n").errors.contains("a.po:1: 'hello' is not expected here"))
    #expect(try imported("a.xlf", "<a>").status == 2)
    #expect(try imported("a.doc", "x").errors.contains("use --format po, xliff or csv"))
    #expect(try imported("b.csv", "language,id,text\nxx,a.text,b\n").errors.contains("no language has the tag 'xx'"))
    let part = try imported("c.csv", "language,id,text\nro,goodbye.text,Pa.\nro,godbye.text,Pa.\n")
    #expect(part.status == 1 && part.errors.contains("c.csv:3: no prompt of this language has the id 'godbye'"))
    #expect(part.output.contains(" + Pa.\n"))
    #expect(try place.run("words", "import", "none.csv", "--project", "p").status == 2)
  }
}
