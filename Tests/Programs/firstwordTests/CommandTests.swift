import Board
import BoardJSON
import Foundation
import Posix
import TestSupport
import Testing

/// The repository's own files, as a checkout has them.
private let repository = SourceTree.path

@Suite("The commands", .serialized)
struct CommandTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  @Test("a language can be named in any operator language, in itself, or by its tag; an ambiguous name is refused")
  func languageNames() throws {
    let place = try Workplace()
    let made = try place.run("new", "p", "--languages", "romanian,Español,allemand,RU", "--operator-voice", "french")
    #expect(made.status == 0, "\(made.errors)")
    let text = String(decoding: try Files.read("\(place.directory)/p/kit.yaml"), as: UTF8.self)
    for tag in ["ro", "es", "de", "ru"] { #expect(text.contains("- \"\(tag)\""), "\(text)") }
    #expect(try place.run("new", "r", "--languages", "kurdish").errors.contains("ckb ("))
  }

  @Test(
    "the whole way: new, synthesize, check, keygen, build, verify, info, board, test",
    .enabled(if: Program.isInstalled("espeak-ng"), "espeak-ng is not installed: Hardware/setup installs it"))
  func wholeWay() throws {
    func good(_ outcome: Program.Outcome, _ place: SourceLocation = #_sourceLocation) {
      #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: place)
    }
    // Three prompts are enough here; the question needs a formula.
    good(try place.run("new", "way", "--languages", "ro,hi", "--prompts", "language-name,safe-here,need-doctor"))
    good(try place.run("synthesize", "way"))
    #expect(try Files.list(place.directory + "/way/recordings/hi/synthetic").count == 4)
    let checked = try place.run("check", "way", "--json")
    good(checked)
    #expect(checked.output.contains("\"recordings\" : 8"))
    good(try place.run("keygen", "publisher", "--no-password"))
    good(try place.run("build", "way", "-o", "one.kit", "--sign", "publisher.key"))
    good(try place.run("build", "way", "-o", "two.kit", "--sign", "publisher.key"))
    #expect(try Files.read(place.directory + "/one.kit") == Files.read(place.directory + "/two.kit"))
    let verified = try place.run("verify", "one.kit", "--trust", "publisher.pub")
    good(verified)
    #expect(verified.output.contains("way 1.0 DRAFT, 8 clips"))
    let info = try place.run("info", "one.kit", "--json")
    good(info)
    #expect(info.output.contains("\"synthetic\" : true"))
    good(try place.run("board", "compile", repository + "/Hardware/boards/headless.yaml", "-o", "board.json"))
    #expect(try Board.load(place.directory + "/board.json").lines.buttons.count >= 8)

    try Files.replace(
      place.directory + "/s.yaml",
      with: Array(
        """
        name: short
        steps:
          - press: next-language
          - expect: { language: ro, prompt: language-name, outcome: completed }
          - wait: end
          - press: need-doctor
          - expect: { language: ro, prompt: need-doctor, outcome: stopped }
          - wait: 500
          - press: stop
          - expect: silence
          - wait: end

        """.utf8))
    let arguments = [
      "test", "one.kit", "--trust", "publisher.pub", "--allow-draft", "--board",
      repository + "/Hardware/boards/headless.yaml", "--scenario", "s.yaml", "--wav", "heard.wav",
    ]
    let tested = try Program.run(arguments, in: place.directory)
    #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
    #expect(tested.output.contains("3 presses passed."))
    #expect(try Files.read(place.directory + "/heard.wav").count > 48_000)

    // The same with a wrong expectation must fail, and say where.
    let wrong = String(decoding: try Files.read(place.directory + "/s.yaml"), as: UTF8.self)
      .replacingOccurrences(of: "prompt: need-doctor, outcome: stopped", with: "prompt: safe-here, outcome: stopped")
    try Files.replace(place.directory + "/s.yaml", with: Array(wrong.utf8))
    let failed = try Program.run(arguments, in: place.directory)
    #expect(failed.status == 1)
    #expect(failed.output.contains("s.yaml:7: expected ro safe-here stopped, heard ro need-doctor stopped"))
  }

  @Test("a project that is there is left alone")
  func newTwice() throws {
    #expect(try place.run("new", "p", "--languages", "ro").status == 0)
    try Files.replace(place.directory + "/p/kit.yaml", with: Array("mine".utf8))
    let again = try place.run("new", "p", "--languages", "ro")
    #expect(again.status == 2)
    #expect(again.errors.contains("p/kit.yaml: the project already exists"))
    #expect(try Files.read(place.directory + "/p/kit.yaml") == Array("mine".utf8))
  }

  @Test("an unknown language is an error that tells where the known ones are, and nothing is made")
  func unknownLanguage() throws {
    let outcome = try place.run("new", "p", "--languages", "ro,xx")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("'xx'") && outcome.errors.contains("firstword languages"))
    #expect(!Files.exists(place.directory + "/p"))
  }

  @Test("keys that are there are never replaced, and a passphrase needs a terminal")
  func keygen() throws {
    #expect(try place.run("keygen", "k", "--no-password").status == 0)
    let key = try Files.read(place.directory + "/k.key")
    #expect(try place.run("keygen", "k", "--no-password").status == 2)
    #expect(try Files.read(place.directory + "/k.key") == key)
    let asked = try place.run("keygen", "other")
    #expect(asked.status == 2)
    #expect(asked.errors.contains("--no-password"))
    #expect(!Files.exists(place.directory + "/other.key"))
  }

  @Test("verify: a wrong key and a flipped bit are 1, a missing kit is 2, each in one line")
  func verify() throws {
    let sandbox = try Sandbox()
    #expect(try place.run("verify", sandbox.kit, "--trust", sandbox.publicKey).status == 0)
    #expect(try place.run("keygen", "stranger", "--no-password").status == 0)
    let untrusted = try place.run("verify", sandbox.kit, "--trust", "stranger.pub")
    #expect(untrusted.status == 1)
    #expect(untrusted.errors.split(separator: "\n").count == 1)
    let damaged = try place.run("verify", try sandbox.damagedKit("safe-here", in: "bg"), "--trust", sandbox.publicKey)
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("languages/bg/f1/02-safe-here.opus"))
    #expect(try place.run("verify", "none.kit", "--trust", sandbox.publicKey).status == 2)
    #expect(try place.run("verify", sandbox.kit, "--trust", "none.pub").status == 2)
  }

  @Test("broken recordings are findings, and no kit is built over them")
  func brokenRecordings() throws {
    _ = try place.run("new", "p", "--languages", "ro")
    _ = try place.run("keygen", "k", "--no-password")
    let directory = place.directory + "/p/recordings/ro/f1"
    try Files.makeDirectory(directory)
    try Files.replace(directory + "/01-language-name.wav", with: [])
    try Files.replace(directory + "/02-raise-hand.wav", with: Array("this is no sound".utf8))
    try Files.replace(directory + "/03-safe-here.wav", with: Array("RIFF\u{10}\u{0}\u{0}\u{0}WAVEfmt ".utf8))
    try Files.makeDirectory(directory + "/04-who-we-are.wav")
    try Files.replace(place.directory + "/p.kit", with: Array("the old kit".utf8))
    let checked = try place.run("check", "p")
    #expect(checked.status == 1)
    for name in ["01-language-name", "02-raise-hand", "03-safe-here", "04-who-we-are"] {
      #expect(checked.output.contains(name), "\(name) in \(checked.output)")
    }
    let built = try place.run("build", "p", "-o", "p.kit", "--sign", "k.key")
    #expect(built.status == 1)
    #expect(built.errors.contains("no kit was built"))
    #expect(try Files.read(place.directory + "/p.kit") == Array("the old kit".utf8))
  }

  @Test("a board with an unknown line, a line twice, or an unknown button is told by file and line")
  func boards() throws {
    let good = String(
      decoding: try Files.read(repository + "/Hardware/boards/headless.yaml"), as: UTF8.self)
    for (name, from, to) in [
      ("twice", "line: 6, button: repeat", "line: 5, button: repeat"),
      ("outside", "line: 6, button: repeat", "line: 6000, button: repeat"),
      ("unknown", "button: repeat", "button: repaet"),
    ] {
      try Files.replace(place.directory + "/b.yaml", with: Array(good.replacingOccurrences(of: from, with: to).utf8))
      for verb in ["check", "compile"] {
        let outcome = try place.run("board", verb, "b.yaml")
        #expect(outcome.status == 1, "\(name)")
        #expect(outcome.errors.contains("b.yaml:"), "\(name): \(outcome.errors)")
        #expect(outcome.output.isEmpty)
      }
    }
    #expect(try place.run("board", "check", "none.yaml").status == 2)
  }

  @Test("play: an unknown language or prompt names those that are there; a missing card is an error")
  func play() throws {
    let sandbox = try Sandbox()
    #expect(try place.run("play", sandbox.kit, "xx", "safe-here").errors.contains("ro, bg, vi"))
    #expect(try place.run("play", sandbox.kit, "ro", "safe-her").errors.contains("need-doctor"))
    let noCard = try place.run("play", sandbox.kit, "ro", "2", "--pcm", "hw:CARD=none")
    #expect(noCard.status == 2)
    #expect(noCard.errors.contains("aplay -L"))
  }

  @Test("wrong options are 64 with usage, and help and version are 0")
  func options() throws {
    #expect(try place.run("build").status == 64)
    #expect(try place.run("no-such-command").status == 64)
    #expect(try place.run("ctl", "press").status == 64)
    #expect(try place.run("--help").status == 0)
    #expect(try place.run("--version").output.contains("."))
    #expect(try place.run("--generate-completion-script", "bash").output.contains("complete"))
  }

  @Test("ctl without a daemon says what to look for")
  func ctl() throws {
    let outcome = try place.run("ctl", "status", "--socket", "nowhere")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("is firstwordd running"))
  }

  @Test("nothing for people's eyes only goes where machines read")
  func noColour() throws {
    let sandbox = try Sandbox()
    for arguments in [["info", sandbox.kit], ["verify", sandbox.kit, "--trust", sandbox.publicKey]] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"))
    }
  }

  @Test("the words are listed, filtered by region and module, told in an operator's language, and printed for a booth")
  func words() throws {
    let languages = try place.run("languages", "--json")
    #expect(languages.status == 0)
    #expect(languages.output.components(separatedBy: "\"tag\" :").count - 1 >= 42)
    let nigeria = try place.run("languages", "--region", "NG", "--names", "fr").output
    #expect(nigeria.contains("yoruba") && nigeria.contains("haoussa") && !nigeria.contains("roumain"))
    let needs = try place.run("prompts", "--module", "needs").output
    #expect(needs.contains("13  need-doctor") && !needs.contains("safe-here"))
    let order = try place.run("prompts", "--sequence", "first-contact", "--titles", "de").output
    #expect(order.split(separator: "\n").dropFirst().first?.hasPrefix("02  raise-hand") == true)
    #expect(!order.contains("You are safe here"))
    let one = try place.run("prompts", "3")
    #expect(one.status == 0 && one.output.contains("safe-here") && one.output.contains("en        draft"))
    let texts = try place.run("words", "ro", "--module", "opening")
    #expect(texts.status == 0 && texts.output.contains("   = ") && texts.output.contains("03 safe-here"))
    #expect(try place.run("words", "ro", "--status", "approved", "--json").output == "[\n\n]\n")
    let script = try place.run("words", "script", "ur", "-o", "ur.html")
    #expect(script.status == 0)
    let page = String(decoding: try Files.read(place.directory + "/ur.html"), as: UTF8.self)
    #expect(page.contains("dir=\"rtl\"") && page.contains("Noto Nastaliq Urdu"))
  }

  @Test("the sheet for a native speaker holds every text of the language, and says to whom it goes back")
  func wordsSheet() throws {
    let written = try place.run("words", "sheet", "khmer", "--return-to", "Ana <a@b.example>", "-o", "km.html")
    #expect(written.status == 0, "\(written.errors)")
    let page = String(decoding: try Files.read(place.directory + "/km.html"), as: UTF8.self)
    #expect(page.contains("Ana &lt;a@b.example&gt;") && page.contains("“Noto Sans Khmer”"))
    let list = try place.run("words", "km", "--json").output
    let texts = list.matches(of: #/"text" : /#).count
    let pageWords = page.components(separatedBy: "<code>page.").count - 1
    #expect(texts > 60 && pageWords > 5 && page.components(separatedBy: "<section>").count == texts + pageWords + 1)
    #expect(try place.run("words", "sheet", "km", "-o", "km.doc").status == 64)
  }

  @Test(
    "the sheet for a native speaker is a PDF of the paper's size, with the letters of the language inside",
    .enabled(if: Program.isInstalled("chromium"), "chromium is not installed: no PDF can be made here"))
  func wordsSheetPDF() throws {
    let written = try place.run("words", "sheet", "ti", "--module", "language", "--paper", "letter", "-o", "ti.pdf")
    #expect(written.status == 0, "\(written.errors)")
    let pdf = String(decoding: try Files.read(place.directory + "/ti.pdf"), as: Unicode.ASCII.self)
    #expect(pdf.hasPrefix("%PDF") && pdf.contains("/MediaBox [0 0 612 792]"))
    // Any font with the letters will do, here with U+1275, ት: which one there is, is the machine's.
    let fonts = try ChildProcess.run("fc-list", [":charset=1275", "family"], seconds: 30).output
    let families = fonts.split { ",\n".contains($0) }.map { $0.filter { $0 != " " } }
    let isEmbedded = families.contains { pdf.contains("+\($0)") }
    #expect(written.errors.contains("no font of this machine") != isEmbedded, "embedded, or warned of: \(families)")
  }

  @Test("a project's script, export and word list hold exactly the prompts that its kit needs of the language")
  func wordsOfProject() throws {
    /// Returns the ids in the script, the export and the list; the list checks itself against the other two.
    func ids(_ tag: String, _ project: String, _ place: SourceLocation = #_sourceLocation) throws -> [String] {
      let script = try self.place.run("words", "script", tag, "--project", project, "-o", "s.html")
      #expect(script.status == 0, "\(script.errors)", sourceLocation: place)
      let page = String(decoding: try Files.read(self.place.directory + "/s.html"), as: UTF8.self)
      let printed = page.matches(of: #/<div class="id">([a-z0-9-]+) /#).map { String($0.1) }
      let list = try self.place.run("words", tag, "--project", project, "--json").output
      #expect(list.matches(of: #/"id" : "([a-z0-9-]+)"/#).map { String($0.1) } == printed, sourceLocation: place)
      return printed
    }
    func exported(_ tag: String, _ project: String) throws -> [String] {
      #expect(try place.run("words", "export", tag, "--project", project, "-o", "e.csv").status == 0)
      let table = String(decoding: try Files.read(place.directory + "/e.csv"), as: UTF8.self)
      return table.matches(of: #/(?m)^[A-Za-z-]+,([a-z0-9-]+\.[a-z-]+),/#).map { String($0.1) }
    }
    let prompts = ["language-name", "safe-here", "need-doctor"]
    let list = prompts.joined(separator: ",")
    #expect(try place.run("new", "three", "--languages", "ro,fr", "--prompts", list).status == 0)
    // The speaker reads the formula of the question as well.
    let three = ["answer-card"] + prompts
    #expect(try ids("ro", "three") == three)
    #expect(try exported("ro", "three") == three.map { "\($0).text" })
    // French is a listeners' language here: no responder reads titles in it, and the device does not speak it.
    #expect(try ids("fr", "three") == three)
    #expect(try exported("fr", "three") == three.map { "\($0).text" })
    for verb in ["script", "export"] {
      let stranger = try place.run("words", verb, "am", "--project", "three", "-o", "am.csv")
      #expect(stranger.errors.contains("the project has no language 'am'"), "\(stranger.errors)")
    }

    // The device speaks French: its lines and the names of languages, and nothing that listeners hear.
    let spoken = try place.run(
      "new", "spoken", "--languages", "ro", "--prompts", "safe-here", "--operator-voice", "fr")
    #expect(spoken.status == 0, "\(spoken.errors)")
    #expect(try ids("ro", "spoken") == ["safe-here"])
    let device = try ids("fr", "spoken")
    #expect(device.contains("name-ro") && device.contains("device-ready") && !device.contains("safe-here"))
    let units = try exported("fr", "spoken")
    #expect(units.contains("safe-here.title") && !units.contains("safe-here.text"))
    // Names of languages stand in no file of wordings.
    #expect(units.filter { $0.hasSuffix(".text") } == device.filter { !$0.hasPrefix("name-") }.map { "\($0).text" })
    // What the script asks for can be brought in.
    try Files.makeDirectory(place.directory + "/given")
    let taken = try place.run("import", "given", "spoken", "--language", "fr", "--dry-run")
    #expect(!taken.errors.contains("no language"), "\(taken.errors)")
  }

  @Test("an unknown language, prompt or sequence is reported with a remedy")
  func wordsNotThere() throws {
    for (arguments, message) in [
      (["words", "rox"], "no language has the tag 'rox' (did you mean 'ro'?)"),
      (["prompts", "safe-heer"], "no prompt has the id or number 'safe-heer' (did you mean 'safe-here'?)"),
      (["prompts", "--sequence", "second"], "no sequence has the id 'second'; choose from first-contact"),
      (["languages", "--names", "ro"], "Romanian is not an operator language"),
      (["new", "x", "--languages", "ro", "--prompts", "first-contract"], "(did you mean 'first-contact'?)"),
      (["new", "x", "--languages", "rox"], "the catalogue has no language 'rox' (did you mean 'ro'?)"),
    ] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(outcome.status == 2, "\(arguments)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    let script = try place.run("words", "script", "ro", "--status", "approved", "-o", "ro.html")
    #expect(script.status == 1)
    #expect(!Files.exists(place.directory + "/ro.html"))
  }
}
