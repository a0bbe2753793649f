import Foundation
import Kit
import Posix
import TestSupport
import Testing

@Suite("firstword image")
struct ImageCommandTests {
  private let sandbox: Sandbox
  private let base: SmallBaseImage

  init() throws {
    sandbox = try Sandbox()
    base = try SmallBaseImage(in: sandbox.directory)
    try Sandbox.writeKit(to: sandbox.directory + "/release.kit", key: sandbox.directory + "/key.key", draft: false)
    let board = try String(contentsOfFile: SourceTree.path + "/Hardware/boards/raspberry-pi-zero.yaml", encoding: .utf8)
    try Files.replace(sandbox.directory + "/trial.yaml", with: Array(board.utf8))
    let field = board.replacing("use: trial", with: "use: field")
    try Files.replace(sandbox.directory + "/field.yaml", with: Array(field.utf8))
  }

  private func run(_ words: [String]) throws -> Program.Outcome {
    try Program.run(["image", "base.img"] + words, in: sandbox.directory)
  }

  private struct Report: Decodable {
    struct Card: Decodable {
      var serial: String?
      var kit: String
      var use: String
      var journal: Bool
    }
    var image: String
    var sha256: String
    var sheet: String
    var card: Card
  }

  @Test("writes the card and its sheet, and says what is on it")
  func writes() throws {
    let words = ["--board", "field.yaml", "--kit", "release.kit", "--trust", "key.pub", "-o", "out/card.img"]
    try Files.makeDirectory(sandbox.directory + "/out")
    let outcome = try run(words + ["--json", "--serial", "bus-07", "--journal", "off"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.image == "out/card.img" && report.sheet == "out/card.html")
    #expect(report.card.serial == "bus-07" && report.card.kit == "sounds")
    #expect(report.card.use == "field" && !report.card.journal)
    let sheet = String(decoding: try Files.read(sandbox.directory + "/out/card.html"), as: UTF8.self)
    #expect(sheet.contains(report.sha256))
    let plain = try run(words)
    #expect(plain.status == 0 && plain.output.contains("SHA-256") && plain.isPlain)
  }

  @Test("a refusal is one line with what to do and status 1, and writes nothing; a missing file is status 2")
  func refuses() throws {
    let keys = ["--trust", "key.pub", "-o", "card.img"]
    let draft = try run(["--board", "field.yaml", "--kit", "sounds.kit", "--allow-draft"] + keys)
    #expect(draft.status == 1)
    #expect(
      draft.errors.hasSuffix(
        "sounds.kit: it is a DRAFT, and the board is for the field: build a release ('firstword build --release')\n"))
    let foreign = try Program.run(
      ["image", "sounds.kit", "--board", "field.yaml", "--kit", "release.kit"] + keys, in: sandbox.directory)
    #expect(foreign.status == 1 && foreign.errors.contains("sounds.kit: the image is packed") && foreign.isPlain)
    #expect(try run(["--board", "none.yaml", "--kit", "release.kit"] + keys).status == 2)
    #expect(try run(["--board", "field.yaml", "--kit", "none.kit"] + keys).status == 2)
    #expect(try run(["--board", "field.yaml", "--kit", "release.kit", "--trust", "key.pub"]).status == 64)
    #expect(!Files.exists(sandbox.directory + "/card.img") && !Files.exists(sandbox.directory + "/card.html"))
  }
}
