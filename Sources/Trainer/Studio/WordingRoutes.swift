import Catalogue
import Diagnostics
import Encoding
import KitBuilder
import Posix
import Project
import Web

/// What a change of a wording leads to, before it is saved.
struct WordingPreview: Encodable {
  var findings: [Diagnostic]
  var seconds: Double
  var limit: Int
  var falls: Falls

  /// What the old text had.
  struct Falls: Encodable {
    var approvals: [FallenApproval] = []
    var recordings: [WordsItem.TakeView] = []
    /// Whether the back-translation becomes one of an earlier text.
    var back = false
  }

  struct FallenApproval: Encodable {
    var name: String
    var kind: Approval.Kind
    var date: String
  }
}

/// A wish to change a wording, as the page sends it.
private struct WordingWish: Decodable {
  var version: String
  /// The new values by the parts' keys; null removes a part.
  var changes: [String: String?]
}

/// A change of one wording, checked against the project as it is.
private struct PlannedChange {
  let item: Prompt
  let language: Language
  let wording: Wording?
  let version: String
  /// The changes that differ from what is there, with what follows from them.
  let changes: [WordingChange]
  let edit: WordingEdit

  /// Plans a change.
  ///
  /// - Throws: a refusal if a part is unknown, or if the file could not hold a value.
  init(_ wish: WordingWish, _ item: Prompt, _ language: Language, _ workspace: Workspace) throws(Refusal) {
    let wording = language.wordings[item.id]
    var changes: [WordingChange] = []
    for (key, value) in wish.changes.sorted(by: { $0.key < $1.key }) {
      guard let part = WordingChange.Part(rawValue: key), part != .backOf else {
        throw Refusal(400, "bad-request", "'\(key)' is no part of a wording", "reload the page")
      }
      if part == .title || part == .caution, !language.roles.contains(.operator) || !item.isBase {
        throw Refusal(
          422, "refused", "responders read no \(key) of this message in \(language.english)", "leave it out")
      }
      let change = WordingChange(item.id, part, value)
      if value == wording?[part] { continue }
      if let fault = change.fault { throw Refusal(422, "refused", "'\(key)': \(fault.message)", fault.remedy) }
      changes.append(change)
    }
    if wording == nil, !changes.isEmpty, !changes.contains(where: { $0.part == .text }) {
      throw Refusal(422, "refused", "'\(item.id)' has no text yet", "write its text first")
    }
    self.item = item
    self.language = language
    self.wording = wording
    version = WordsItem.version(of: wording)
    self.changes = changes.isEmpty ? [] : WordingChange.completed(changes, of: wording)
    edit = WordingEdit(self.changes, of: item.id, in: language, project: workspace.directory)
  }

  /// The text after the change.
  var text: String { changes.first { $0.part == .text }?.value ?? wording?.text ?? "" }

  /// Returns what the change leads to.
  func preview(in workspace: Workspace) -> WordingPreview {
    let changed = workspace.catalogue.changing(changes, of: item.id, in: language.tag, by: edit)
    let new = changed.language(language.tag)?.wordings[item.id]
    let items = WordsView.items(of: language, in: workspace).map(\.id)
    let findings = Validator.diagnostics(in: changed, languages: [language.tag], items: items).filter {
      $0.path == new?.file && $0.line == new?.line
    }
    var falls = WordingPreview.Falls()
    if let wording, text != wording.text {
      falls.approvals = workspace.approvals.approvals(
        of: Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: item.id
      ).map { WordingPreview.FallenApproval(name: $0.name, kind: $0.kind, date: $0.date) }
      falls.recordings = workspace.tree.takes.filter {
        $0.language == language.tag && $0.prompt == item.id && $0.voice != Take.synthetic
      }.map { WordsItem.TakeView($0, workspace) }
      falls.back = new?.isBackOutdated == true && !wording.isBackOutdated
    }
    return WordingPreview(
      findings: findings, seconds: Double(text.count) / language.rate, limit: language.spokenLimit, falls: falls)
  }
}

/// The answer to a change of something that was changed meanwhile.
struct Conflict<Content: Encodable>: Encodable {
  var errors = [
    Diagnostic(
      code: "conflict", path: "", message: "it was changed meanwhile, here or by another program",
      remedy: "look at what is there now, and change that")
  ]
  /// What is there now.
  var current: Content
}

extension Studio {
  /// The routes that change wordings.
  var wordingRoutes: [Route] {
    let path = "/api/1/projects/:project/words/:language/:item"
    return [
      Route("POST", path + "/preview") { request throws(Refusal) in
        let wish = try request.decode(WordingWish.self)
        let workspace = try self.read(request).workspace
        let (item, language) = try self.wordingPlace(request, in: workspace)
        return .json(try PlannedChange(wish, item, language, workspace).preview(in: workspace))
      },
      Route("POST", path) { request throws(Refusal) in
        try self.requireWritable()
        let wish = try request.decode(WordingWish.self)
        let store = try self.store(request)
        return try store.changing { () throws(Refusal) -> WebResponse in
          var attempt = 0
          while true {
            attempt += 1
            let workspace = try store.read().workspace
            let (item, language) = try self.wordingPlace(request, in: workspace)
            let planned = try PlannedChange(wish, item, language, workspace)
            if planned.version != wish.version {
              return .json(Conflict(current: try self.wordsItem(item.id, language.tag, store)), status: 409)
            }
            if !planned.changes.isEmpty {
              do throws(DiagnosticsError) {
                try WordingFile.edit(
                  planned.edit.path, planned.edit.changes, order: workspace.catalogue.items.map(\.id),
                  new: planned.edit.new, from: language)
              } catch {
                // An editor saved the file in this moment, perhaps with another wording.
                if attempt < Self.attempts, error.diagnostics.first?.code == "conflict" { continue }
                throw Refusal(422, error.diagnostics)
              }
              self.publish(store)
            }
            return .json(try self.wordsItem(item.id, language.tag, store))
          }
        }
      },
    ]
  }

  /// How often a change is tried while an editor saves the same file.
  private static let attempts = 5

  /// Returns the item and the language that a request names.
  private func wordingPlace(
    _ request: WebRequest, in workspace: Workspace
  ) throws(Refusal) -> (item: Prompt, language: Language) {
    let language = try language(request, in: workspace)
    guard let item = WordsView.items(of: language, in: workspace).first(where: { $0.id == request["item"] }) else {
      throw Refusal(
        404, "not-found", "the project needs no '\(request["item"])' in \(language.english)", "choose one of the list")
    }
    return (item, language)
  }

  /// Returns the view of one wording as the files are now.
  private func wordsItem(_ id: String, _ tag: String, _ store: ProjectStore) throws(Refusal) -> WordsItem {
    let snapshot = try store.read()
    guard let language = snapshot.workspace.catalogue.language(tag),
      let item = WordsView(snapshot, language, isWritable: true).items.first(where: { $0.id == id })
    else { throw Refusal(404, "not-found", "the wording is not there any more", "reload the page") }
    return item
  }
}
