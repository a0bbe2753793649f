import Board
import Diagnostics
import Kit
import Pages
import Posix
import Web

extension Studio {
  /// The routes for cards of a kit, as `firstword card` prints them.
  var cardRoutes: [Route] {
    let kit = "/api/1/projects/:project/kits/:kit"
    return [
      Route("GET", kit + "/cards") { request throws(Refusal) in
        let file = try KitShelf(try self.store(request).directory).kit(request["kit"])
        let boards = BoardShelf(catalogue: self.catalogue).names
        return .json(CardChoices(file, file: request["kit"], boards: boards))
      },
      Route("GET", kit + "/card") { request throws(Refusal) in .document(try self.card(request).page.document) },
      Route("GET", kit + "/card.pdf") { request throws(Refusal) in
        let card = try self.card(request)
        let bytes = try self.printing.withLock { (_) throws(Refusal) -> [UInt8] in
          do throws(PDFPrinterError) { return try PDFPrinter.pdf(of: card.page.document) } catch {
            throw Refusal(422, "refused", "\(error)", "print the preview from the browser")
          }
        }
        let name = "\(card.kit.name)-\(card.kit.version)-\(card.kind.rawValue).pdf"
        return WebResponse(
          200,
          headers: [
            ("Content-Type", "application/pdf"), ("Cache-Control", "no-store"),
            ("Content-Disposition", "attachment; filename=\"\(name)\""),
          ], body: .bytes(bytes))
      },
    ]
  }

  /// Returns the card that a request describes by its query: `kind`, `language` (tags with commas between; none: all),
  /// `board`, `reader`, `answers`, `paper`.
  private func card(_ request: WebRequest) throws(Refusal) -> PrintedCard {
    let store = try store(request)
    let kit = try KitShelf(store.directory).kit(request["kit"])
    let query = request.query.filter { !$0.value.isEmpty }
    func choice<Value: RawRepresentable<String>>(_ name: String, _ usual: Value) throws(Refusal) -> Value {
      guard let text = query[name] else { return usual }
      guard let value = Value(rawValue: text) else { throw Self.noChoice(name, text) }
      return value
    }
    let kind = try choice("kind", PrintedCard.Kind.responder)
    let paper = try choice("paper", PrintedCard.Paper.a4)
    let tags = query["language"]?.split(separator: ",").map(String.init) ?? []
    for tag in tags where kit.bundle(tag) == nil { throw Self.noChoice("language", tag) }
    var answers: AnswerMode?
    if let text = query["answers"] {
      guard let mode = AnswerMode(rawValue: text), kit.manifest.answers.modes.contains(mode) else {
        throw Self.noChoice("answers", text)
      }
      answers = mode
    }
    var board: Board?
    if let name = query["board"] {
      board = try BoardShelf(catalogue: catalogue).board(name, try store.read().workspace.catalogue)
    }
    let reader = query["reader"] ?? PrintedCard.defaultLanguage(of: kit.manifest)
    guard
      let card = PrintedCard(
        kind, of: kit.manifest, sha256: kit.sha256,
        bundles: kit.bundles.filter { tags.isEmpty || tags.contains($0.tag) }, board: board, language: reader,
        answers: answers, paper: paper)
    else { throw Self.noChoice("reader", reader) }
    return card
  }

  private static func noChoice(_ name: String, _ value: String) -> Refusal {
    Refusal(422, "refused", "the kit has no card with \(name) '\(value)'", "choose from the list")
  }
}
