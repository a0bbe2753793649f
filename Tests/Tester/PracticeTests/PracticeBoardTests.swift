import Board
import BoardJSON
import Catalogue
import CatalogueFixture
import Kit
import Posix
import Simulator
import Testing

@testable import Practice

@Suite("Boards to practise with")
struct PracticeBoardTests {
  private static let place = "\(Repository.directory)/Hardware/boards"

  /// A board of the source tree, for a kit without prompts.
  private func board(_ name: String) throws -> (file: Board, practice: PracticeBoard) {
    let board = try BoardFile.read("\(Self.place)/\(name)", catalogue: Repository.catalogue())
    return (board, PracticeBoard(board, kit: Self.manifest))
  }

  private static let manifest = KitManifest(
    name: "k", version: "1", draft: true, source: "en",
    prompts: [
      KitPrompt(
        number: 3, id: "safe-here", module: "opening", audience: .all, answer: .none, jurisdiction: false,
        title: "You are safe here", caution: "", text: "")
    ], bundles: [])

  @Test(
    "every board of the source tree has each of its buttons once, on a line of its own, and is valid for the daemon")
  func all() throws {
    for name in try Files.list(Self.place) {
      let (file, practice) = try board(name)
      let count = file.lines.buttons.count + file.inputs.reduce(0) { $0 + $1.keys.count }
      #expect(practice.contacts.map(\.number).sorted() == Array(0..<count), "\(name)")
      #expect(practice.simulated.lines.buttons.map(\.line) == Array(0..<count), "\(name)")
      #expect(practice.lamps.count == file.leds.count, "\(name)")
      #expect(practice.simulated.inputs.isEmpty && practice.simulated.use == .trial, "\(name)")
      for contact in practice.contacts {
        let line = practice.simulated.lines.buttons[contact.number]
        #expect(line.button.description == contact.button, "\(name)")
        #expect((line.by == .listener) == contact.isForListener, "\(name)")
        #expect((line.hold == nil) == (contact.hold == nil), "\(name)")
      }
      // What the daemon reads is validated when it is written.
      #expect(throws: Never.self, "\(name)") { try practice.simulated.json() }
    }
  }

  @Test("the keys of a number pad lie and are pressed as on the pad")
  func pad() throws {
    let contacts = try board("number-pad.yaml").practice.contacts
    let enter = try #require(contacts.first { $0.button == "stop" })
    #expect(enter.row == 4 && enter.column == 4 && enter.rows == 2 && enter.label == "Enter")
    #expect(enter.code == "NumpadEnter" && enter.key == "Enter")
    let seven = try #require(contacts.first { $0.button == "7" })
    #expect(seven.code == "Numpad7" && seven.key == "7" && seven.row == 2 && seven.column == 1)
    #expect(contacts.first { $0.button == "*" }?.key == "*")
    #expect(contacts.first { $0.button == "repeat" }?.withStop == "mark as wrong")
  }

  @Test("a listener's buttons have no key: they are pressed on the page")
  func listener() throws {
    let contacts = try board("listener-buttons.yaml").practice.contacts
    let listeners = contacts.filter(\.isForListener)
    #expect(listeners.count == 5 && listeners.allSatisfy { $0.key == nil && $0.code == nil })
    #expect(listeners.map(\.label) == ["green", "white", "yellow", "black", "red"])
    #expect(contacts.first { $0.button == "answer-yes" && !$0.isForListener }?.key == "y")
  }

  @Test("no two keys press the same button, and no button is pressed by two")
  func keys() throws {
    for name in try Files.list(Self.place) {
      let keys = try board(name).practice.contacts.compactMap(\.key)
      #expect(Set(keys).count == keys.count, "\(name)")
    }
  }

  @Test("a button says what it does, and that its message is not in the kit")
  func words() throws {
    let contacts = try board("headless.yaml").practice.contacts
    #expect(contacts.first { $0.button == "safe-here" }?.words == "You are safe here")
    #expect(contacts.first { $0.button == "need-doctor" }?.words == "need-doctor (not in this kit)")
    #expect(contacts.first { $0.button == "stop" }?.words == "STOP")
  }
}
