import Catalogue
import Diagnostics
import Encoding
import Import
import KitBuilder
import Posix
import Project
import Translation
import Web

extension Studio {
  /// The maximum size of a translator's file.
  private static let sheetLimit = 16 << 20

  /// The routes of the exchange with translators.
  var exchangeRoutes: [Route] {
    [
      Route("GET", "/api/1/projects/:project/words/:language/export") { request throws(Refusal) in
        guard let format = request.query["format"].flatMap(TranslationFormat.init(rawValue:)) else {
          throw Refusal(400, "bad-request", "the format is neither po, xliff nor csv", "choose one of them")
        }
        let workspace = try self.read(request).workspace
        let language = try self.language(request, in: workspace)
        let words = Words(of: workspace)
        let sheet = words.sheet(of: language)
        if sheet.units.isEmpty {
          throw Refusal(422, "refused", "the kit needs no text in \(language.english)", "choose another language")
        }
        return .download(
          format.write(sheet, day: words.day), type: format.mediaType, name: "\(language.tag).\(format.ending)")
      },
      Route("POST", "/api/1/projects/:project/translations", upload: translationRule) {
        request, upload throws(Refusal) in
        let store = try self.store(request)
        let name = try Self.name(request)
        let bytes = try Self.refusing { try upload.read(limit: Self.sheetLimit) }
        _ = try self.translation(bytes, name, try store.read().workspace)
        return try self.importDesk.changing { () throws(Refusal) -> WebResponse in
          let drafts = ImportDrafts(store.directory)
          var draft = try Self.refusing { try drafts.begin(.words) }
          try Self.refusing {
            try drafts.add(name, size: upload.length, to: &draft) { path throws(SystemError) in try upload.keep(path) }
          }
          return .json(ImportHead(draft), status: 201)
        }
      },
    ]
  }

  private var translationRule: UploadRule {
    UploadRule(bytes: Self.sheetLimit) { request throws(Refusal) in
      try self.requireWritable()
      let name = try Self.name(request)
      if TranslationFormat(path: name) == nil {
        throw Refusal(
          422, "refused", "\(name): the extension is not .po, .xlf or .csv", "export the file in one of these formats")
      }
      return Path(try self.store(request).directory)
    }
  }

  /// What a translator's file changes in a project as it is now.
  struct Translated {
    var words: Words
    var language: Language
    var plan: TranslationPlan
    /// Changes with what would be written.
    var version: String
  }

  private func translation(
    _ bytes: [UInt8], _ name: String, _ workspace: Workspace
  ) throws(Refusal) -> Translated {
    let words = Words(of: workspace)
    let (language, plan) = try Self.refusing {
      guard let format = TranslationFormat(path: name) else {
        throw Refusal(422, "refused", "\(name): the extension is not .po, .xlf or .csv", "choose another file")
      }
      let sheet = try format.read(bytes, path: name)
      let language = try words.catalogue.language(called: sheet.language)
      return (language, words.plan(sheet, path: name, of: language))
    }
    let changes = plan.changes.map { "\($0.prompt.id) \($0.change.part) \($0.old ?? "-") \($0.change.value ?? "-")" }
    let version = Digest.sha256(changes.joined(separator: "\n"))
    return Translated(words: words, language: language, plan: plan, version: String(version.prefix(16)))
  }

  /// Returns what a draft changes in a project as it is now, with its view.
  func translation(
    _ draft: ImportDraft, of store: ProjectStore, _ workspace: Workspace
  ) throws(Refusal) -> (translated: Translated, view: TranslationView) {
    guard let file = draft.files.first else {
      throw Refusal(404, "not-found", "the file is not there any more", "drop it on the page again")
    }
    let bytes = try Self.refusing {
      try Files.read(ImportDrafts(store.directory).path(of: file, in: draft), limit: Self.sheetLimit)
    }
    let translated = try translation(bytes, file.name, workspace)
    let view = TranslationView(
      draft, version: translated.version, translated.plan, translated.language, translated.words)
    return (translated, view)
  }

  /// Writes what a translator's file changes, and removes the draft.
  ///
  /// - Parameters:
  ///   - version: of the view that the person saw.
  ///   - taken: the items whose questioned texts are taken.
  func write(
    _ draft: ImportDraft, of store: ProjectStore, version: String, taking taken: Set<String>
  ) throws(Refusal) -> WebResponse {
    struct Done: Encodable {
      var changes: Int
      var leftOut: [String]
      var files: [String]
    }
    return try store.changing { () throws(Refusal) -> WebResponse in
      let (translated, view) = try self.translation(draft, of: store, try store.read().workspace)
      if translated.version != version { return .json(Conflict(current: view), status: 409) }
      var plan = translated.plan
      let refused = plan.changes.filter { $0.question != nil && !taken.contains($0.prompt.id) }.map(\.prompt.id)
      for item in refused { plan.leaveOut(item) }
      let edits = translated.words.edits(plan, of: translated.language)
      if edits.isEmpty { throw Refusal(422, "refused", "there is nothing to write", "confirm a text, or discard it") }
      let order = translated.words.catalogue.items.map(\.id)
      try Self.refusing {
        for edit in edits {
          try WordingFile.edit(edit.path, edit.changes, order: order, new: edit.new, from: translated.language)
        }
        try ImportDrafts(store.directory).remove(draft.id)
      }
      self.publish(store)
      return .json(Done(changes: plan.changes.count, leftOut: refused, files: edits.map(\.path)))
    }
  }
}

extension TranslationFormat {
  /// The media type of a file.
  fileprivate var mediaType: String {
    switch self {
    case .po: "text/x-gettext-translation; charset=utf-8"
    case .xliff: "application/x-xliff+xml"
    case .csv: "text/csv; charset=utf-8"
    }
  }

  /// The extension of a file's name.
  fileprivate var ending: String { self == .xliff ? "xlf" : rawValue }
}
