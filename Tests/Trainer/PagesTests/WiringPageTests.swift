import Board
import Catalogue
import Foundation
import Posix
import TestSupport
import Testing
import Wiring

@testable import Pages

@Suite("Pages of a board")
struct WiringPageTests {
  private static let root = SourceTree.path
  private static let loaded = Result { try Catalogue.load(directory: root) }
  private let catalogue: Catalogue

  init() throws { catalogue = try Self.loaded.get() }

  private static func boards() throws -> [String] {
    try Files.list("\(root)/Hardware/boards").filter { $0.hasSuffix(".yaml") }.sorted()
  }

  private func wiring(_ name: String) throws -> Wiring {
    let source = try BoardFile.source("\(Self.root)/Hardware/boards/\(name)", catalogue: catalogue)
    return try Wiring(source, header: HeaderFile.read(for: source, catalogue: Self.root))
  }

  private func count(_ text: String, in document: some StringProtocol) -> Int {
    document.components(separatedBy: text).count - 1
  }

  @Test("every board's page and picture are well-formed and load nothing")
  func wellFormed() throws {
    for name in try Self.boards() {
      let page = try #require(WiringPage(wiring(name), file: name, catalogue: catalogue))
      let document = page.page.document
      #expect(xmlFault(document) == nil, "\(name)")
      #expect(xmlFault(page.picture) == nil, "\(name)")
      for word in ["src=", "<link", "@import", "url(", "<script"] {
        #expect(!document.contains(word), "\(name) \(word)")
      }
      #expect(document.contains("firstword doctor --board \(name)"))
    }
  }

  @Test("the pictures of the guide are those of their boards; draw them again with 'firstword board draw'")
  func guide() throws {
    let pictures = "\(Self.root)/Hardware/pictures"
    let names = try Files.list(pictures).filter { $0.hasSuffix(".svg") }
    #expect(names.count >= 3)
    for name in names {
      let board = String(name.dropLast(4)) + ".yaml"
      let page = try #require(WiringPage(wiring(board), file: board, catalogue: catalogue))
      let kept = try Files.read("\(pictures)/\(name)")
      #expect(kept == Array(page.picture.utf8), "\(name)")
    }
  }

  @Test("each button and each key is once in the picture, once in the table, and once in the pages")
  func once() throws {
    for name in try Self.boards() {
      let wiring = try wiring(name)
      let page = try #require(WiringPage(wiring, file: name, catalogue: catalogue))
      let document = page.page.document
      for id in wiring.parts.map(\.letter) + wiring.keys.map(\.id) {
        #expect(count("<g class=\"part\" data-part=\"\(id)\">", in: document) == 1, "\(name) \(id)")
        #expect(count("<tr data-part=\"\(id)\">", in: document) == 1, "\(name) \(id)")
        #expect(count("data-part=\"\(id)\"", in: document) == 3, "\(name) \(id)")
        #expect(count("data-part=\"\(id)\"", in: page.picture) == 1, "\(name) \(id)")
      }
      #expect(count("class=\"part\"", in: page.picture) == wiring.parts.count + wiring.keys.count)
      // One page for each wire, and the last one with the test.
      let pages = count("<section class=\"step\"", in: document)
      #expect(pages == wiring.parts.count + (wiring.keys.isEmpty ? 0 : 1) + 1, "\(name)")
    }
  }

  @Test("the amplifier's wire is in the picture, the way of the sound, the table and its page; a chord has its time")
  func amplifier() throws {
    let directory = try Files.makeTemporaryDirectory("firstword-wiring")
    defer { try? FileManager.default.removeItem(atPath: directory.string) }
    let path = directory.appending("b.yaml").string
    try Files.replace(
      path,
      with: Array(
        """
        name: b
        use: trial
        header: raspberry-pi
        presses: { chord: 2500 }
        sound:
          channels: 2
          pcm: "hw:CARD=Device"
          lead: 30
          amplifier: { chip: pinctrl-bcm2711, line: 4, active: low }
        lines:
          chip: pinctrl-bcm2711
          bias: up
          buttons:
            - { line: 5, button: stop }
            - { line: 6, button: repeat, with-stop: power-off }
        """.utf8))
    let source = try BoardFile.source(path, catalogue: catalogue)
    let wiring = try Wiring(source, header: HeaderFile.read(for: source, catalogue: Self.root))
    let page = try #require(WiringPage(wiring, file: "b", catalogue: catalogue))
    let document = page.page.document
    #expect(count("amplifier: on and off", in: document) == 3)
    #expect(document.contains("switched by wire C"))
    #expect(document.contains("where 0 V means on"))
    #expect(document.contains("<b>GND</b> of the amplifier"))
    #expect(document.contains("(hold both for 2.5 s)"))
    #expect(page.picture.contains("switched by wire C"))
  }

  @Test("the picture marks pin 1, the USB side, and the listener's buttons")
  func marks() throws {
    let page = try #require(WiringPage(wiring("listener-buttons.yaml"), file: "b", catalogue: catalogue))
    #expect(count("pin 1</text>", in: page.picture) == 1 && count("USB side</text>", in: page.picture) == 1)
    #expect(count(">LISTENER ", in: page.picture) == 5 && page.picture.contains(">LISTENER green: yes<"))
    let zero = try #require(WiringPage(wiring("raspberry-pi-zero.yaml"), file: "b", catalogue: catalogue))
    #expect(zero.picture.contains("USB side</text>") && zero.picture.contains("Raspberry Pi Zero 2 W"))
    let orange = try #require(WiringPage(wiring("orange-pi.yaml"), file: "b", catalogue: catalogue))
    #expect(orange.picture.contains("No outline of this board could be checked."))
  }

  @Test("the table says for each wire its colour, its pin, where the pin is, and with which wires it shares the ground")
  func table() throws {
    let wiring = try wiring("raspberry-pi.yaml")
    let document = try #require(WiringPage(wiring, file: "b", catalogue: catalogue)).page.document
    #expect(document.contains("red to pin 29 (GPIO5), row 15 from pin 1, left"))
    let shared = try #require(wiring.parts.first { !$0.shared.isEmpty })
    #expect(document.contains("shared with \(shared.shared.joined(separator: ", "))"))
    #expect(document.contains("SPI must be off"))
  }

  @Test("a label or a file name with markup is shown as it is")
  func hostileTexts() throws {
    let source = try BoardFile.source("\(Self.root)/Hardware/boards/raspberry-pi.yaml", catalogue: catalogue)
    var board = source.board
    board.lines.buttons[0].label = "<b>&\"'"
    let labels = try #require(ButtonLabels(board, catalogue: catalogue)).page.document
    #expect(xmlFault(labels) == nil && !labels.contains("<b>&\"'"))
    let page = try #require(WiringPage(wiring("number-pad.yaml"), file: "<i>.yaml", catalogue: catalogue))
    #expect(xmlFault(page.page.document) == nil && page.page.document.contains("&lt;i&gt;.yaml"))
  }

  @Test("labels are written in every responder's language, each button once, in millimetres")
  func labels() throws {
    for name in try Self.boards() {
      let board = try BoardFile.read("\(Self.root)/Hardware/boards/\(name)", catalogue: catalogue)
      let buttons = board.lines.buttons.count + board.inputs.flatMap(\.keys).count
      for tag in ButtonLabels.languages {
        let labels = try #require(ButtonLabels(board, catalogue: catalogue, language: tag, size: 25))
        let document = labels.page.document
        #expect(xmlFault(document) == nil, "\(name) \(tag)")
        #expect(count("data-button=", in: document) == buttons, "\(name) \(tag)")
        #expect(document.contains("width: 25mm; height: 25mm") && document.contains("<html lang=\"\(tag)\""))
      }
    }
    #expect(
      ButtonLabels(
        try BoardFile.read(
          "\(Self.root)/Hardware/boards/headless.yaml", catalogue: catalogue), catalogue: catalogue, language: "xx")
        == nil)
  }

  @Test("labels have the words of the responder's card and the listener's pictures; a wide key has a wide label")
  func words() throws {
    let french = try #require(CardWords.all["fr"])
    let board = try BoardFile.read("\(Self.root)/Hardware/boards/listener-buttons.yaml", catalogue: catalogue)
    let document = try #require(ButtonLabels(board, catalogue: catalogue, language: "fr", size: 20)).page.document
    #expect(document.contains(HTML(text: french.control(.stop)).markup))
    let title = try #require(catalogue.language("fr")?.wordings["safe-here"]?.title)
    #expect(document.contains(HTML(text: title).markup))
    #expect(count("<svg class=\"sign\"", in: document) == 5)
    let pad = try BoardFile.read("\(Self.root)/Hardware/boards/number-pad.yaml", catalogue: catalogue)
    let keys = try #require(ButtonLabels(pad, catalogue: catalogue, size: 20)).page.document
    #expect(keys.contains("data-button=\"0\" style=\"width: 43mm; height: 20mm\""))
    #expect(keys.contains("data-button=\"stop\" style=\"width: 20mm; height: 43mm\""))
  }

  @Test("numbers of a drawing have at most two decimals and no trailing zeros")
  func numbers() {
    let values: [Double] = [0, 1, 1.5, 1.25, 1.256, -0.5, 12.04, 0.999]
    #expect(values.map(Drawing.number) == ["0", "1", "1.5", "1.25", "1.26", "-0.5", "12.04", "1"])
  }

  @Test("a text of a drawing becomes smaller, and is cut where it still has no room")
  func fitting() {
    let short = Drawing.text("Stop", x: 0, y: 0, size: 3, width: 50).markup
    #expect(short.contains("font-size=\"3\"") && short.contains(">Stop<"))
    // A size that just fits cuts nothing.
    for count in 10...33 {
      let text = String(repeating: "m", count: count)
      #expect(Drawing.text(text, x: 0, y: 0, size: 3.1, width: 50.8, bold: true).markup.contains(">\(text)<"))
    }
    let long = Drawing.text(String(repeating: "long ", count: 20), x: 0, y: 0, size: 3, width: 30).markup
    #expect(long.contains("font-size=\"1.9\"") && long.contains("…<"))
  }
}
