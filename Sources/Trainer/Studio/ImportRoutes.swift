import Catalogue
import Diagnostics
import Encoding
import Import
import KitBuilder
import Posix
import Project
import Web

extension Studio {
  /// The maximum size of one file of an import: what the importer decodes.
  static let fileLimit = 2 << 30
  /// The maximum size of all files that a project's drafts hold.
  static let draftsLimit = 8 << 30
  /// The maximum number of files of a draft.
  private static let filesLimit = 10_000
  /// The maximum number of pieces of one file.
  private static let piecesLimit = 2000

  /// A correction of one file: what its rows say. No row lets its name speak again.
  private struct Correction: Decodable {
    var file: String
    var rows: [Row]

    struct Row: Decodable {
      var language: String?
      var prompt: String?
      var voice: String?
      var start: Double?
      var end: Double?
      var doubt: String?
    }
  }

  /// The routes of imports of recordings.
  var importRoutes: [Route] {
    let path = "/api/1/projects/:project/imports"
    return [
      Route("GET", path) { request throws(Refusal) in
        struct Imports: Encodable {
          var imports: [ImportHead]
          var last: LastImport?
        }
        let store = try self.store(request)
        let ledger = try Self.refusing { try ImportLedger.read(Self.ledger(of: store)) }
        return .json(
          Imports(imports: ImportDrafts(store.directory).all.map(ImportHead.init), last: LastImport(ledger)))
      },
      Route("POST", path + "/undo") { request throws(Refusal) in try self.undoImport(request) },
      Route("POST", path) { request throws(Refusal) in
        try self.requireWritable()
        let store = try self.store(request)
        return try self.importDesk.changing { () throws(Refusal) -> WebResponse in
          let drafts = ImportDrafts(store.directory)
          drafts.sweep()
          return .json(ImportHead(try Self.refusing { try drafts.begin(.recordings) }), status: 201)
        }
      },
      Route("POST", path + "/:import/files", upload: filesRule) { request, upload throws(Refusal) in
        let store = try self.store(request)
        let name = try Self.name(request)
        // Its recordings come with a consent and signatures, which this import would lose.
        if PostReturn.isReturn(upload.path) {
          throw Refusal(
            422, "refused", "'\(name)' was saved by a page that was sent to a speaker or reviewer",
            "drop it without other files")
        }
        return try self.importDesk.changing { () throws(Refusal) -> WebResponse in
          var draft = try self.draft(request, .recordings, of: store)
          if draft.files.count >= Self.filesLimit {
            throw Refusal(
              422, "refused", "an import has \(Self.filesLimit) files at most", "import its directories one by one")
          }
          try Self.refusing {
            try ImportDrafts(store.directory).add(name, size: upload.length, to: &draft) { path throws(SystemError) in
              try upload.keep(path)
            }
          }
          return .json(ImportHead(draft), status: 201)
        }
      },
      Route("GET", path + "/:import") { request throws(Refusal) in
        let store = try self.store(request)
        let draft = try self.draft(request, nil, of: store)
        if draft.kind == .words {
          return .json(try self.translation(draft, of: store, try store.read().workspace).view)
        }
        if draft.kind == .returned { return .json(try self.returnedView(draft, of: store)) }
        return .json(try self.view(draft, of: store))
      },
      Route("POST", path + "/:import/plan") { request throws(Refusal) in
        struct Wish: Decodable { var choices: ImportDraft.Choices? }
        let wish = try request.decode(Wish.self)
        let store = try self.store(request)
        if wish.choices != nil { try self.requireWritable() }
        let draft = try self.importDesk.changing { () throws(Refusal) -> ImportDraft in
          var draft = try self.draft(request, nil, of: store)
          if draft.kind == .words { throw Self.noPlan }
          if let choices = wish.choices {
            draft.choices = choices
            try Self.refusing { try ImportDrafts(store.directory).save(draft) }
          }
          return draft
        }
        _ = try store.read()
        let job = try self.jobs.start(
          .plan, project: store.id, subject: draft.id,
          stoppable: { progress, cancellation throws(Refusal) in
            if draft.kind == .returned {
              try self.planReturn(draft, of: store, cancellation, progress: progress)
            } else {
              _ = try self.plan(draft, of: store, cancellation, progress: progress)
            }
          })
        return .json(job, status: 202)
      },
      Route("POST", path + "/:import/rows", limit: 8 << 20) { request throws(Refusal) in
        struct Wish: Decodable {
          var version: String
          var files: [Correction]
        }
        try self.requireWritable()
        let wish = try request.decode(Wish.self)
        let store = try self.store(request)
        let workspace = try store.read().workspace
        let corrected = try self.importDesk.changing { () throws(Refusal) -> ImportDraft? in
          var draft = try self.draft(request, .recordings, of: store)
          if draft.version != wish.version { return nil }
          for file in wish.files { draft.correct(file.file, try Self.rows(file, workspace)) }
          try Self.refusing { try ImportDrafts(store.directory).save(draft) }
          return draft
        }
        guard let corrected else {
          let current = try self.view(try self.draft(request, .recordings, of: store), of: store)
          return .json(Conflict(current: current), status: 409)
        }
        return .json(try self.view(corrected, of: store))
      },
      Route("GET", path + "/:import/levels/:file") { request throws(Refusal) in
        let (store, draft, _, row) = try self.plannedFile(request)
        guard let levels = self.importDesk.memory(draft, of: store).levels(of: row.name) else { throw Self.noPlan }
        return .content(
          levels, type: "application/octet-stream", tag: Digest.sha256(levels), cache: "no-cache", for: request.head)
      },
      Route("GET", path + "/:import/sound/:file") { request throws(Refusal) in
        let (store, draft, planned, row) = try self.plannedFile(request)
        let sound = try Self.refusing {
          try self.source(draft, of: store).preview(of: row, Self.piece(request), in: planned.workspace)
        }
        return .content(
          sound.bytes, type: sound.type, tag: Digest.sha256(sound.bytes), cache: "no-cache", for: request.head)
      },
      Route("GET", path + "/:import/map") { request throws(Refusal) in
        let store = try self.store(request)
        let draft = try self.draft(request, .recordings, of: store)
        guard let planned = self.importDesk.planned(draft, of: store), planned.draft == draft.version else {
          throw Self.noPlan
        }
        return .download(Array(planned.plan.map.utf8), type: "text/csv; charset=utf-8", name: "plan.csv")
      },
      Route("POST", path + "/:import/apply") { request throws(Refusal) in try self.apply(request) },
      Route("POST", path + "/:import/discard") { request throws(Refusal) in
        try self.requireWritable()
        let store = try self.store(request)
        return try self.importDesk.changing { () throws(Refusal) -> WebResponse in
          try Self.refusing { try ImportDrafts(store.directory).remove(request["import"]) }
          self.importDesk.forget(request["import"], of: store)
          return .json([String: String]())
        }
      },
    ]
  }

  private var filesRule: UploadRule {
    UploadRule(bytes: Self.fileLimit) { request throws(Refusal) in
      try self.requireWritable()
      let store = try self.store(request)
      _ = try Self.name(request)
      let draft = try self.draft(request, .recordings, of: store)
      try self.requireRoom(for: request, in: store)
      return ImportDrafts(store.directory).directory(of: draft)
    }
  }

  /// Refuses a file that would be too much for the drafts of a project.
  func requireRoom(for request: WebRequest, in store: ProjectStore) throws(Refusal) {
    let size = request.head.value("content-length").flatMap { Int($0) } ?? 0
    if ImportDrafts(store.directory).all.reduce(0, { $0 + $1.size }) + size > Self.draftsLimit {
      throw Refusal(
        413, "too-large", "the unfinished imports of this project have \(Self.draftsLimit >> 30) GiB at most",
        "finish or discard one of them")
    }
  }

  /// Returns the name of a file that is sent. It is data, and never a path.
  static func name(_ request: WebRequest) throws(Refusal) -> String {
    guard let name = request.query["name"], (1...1024).contains(name.utf8.count),
      name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else {
      throw Refusal(422, "refused", "the file has no name, or one that cannot be shown", "give it another name")
    }
    return name
  }

  /// Returns the draft that a request names.
  ///
  /// - Parameter kind: the kind that it must have; nil for any.
  func draft(_ request: WebRequest, _ kind: ImportDraft.Kind?, of store: ProjectStore) throws(Refusal) -> ImportDraft {
    let draft = try Self.refusing { try ImportDrafts(store.directory).draft(request["import"]) }
    guard let draft, kind == nil || draft.kind == kind else {
      throw Refusal(
        404, "not-found", "this import was discarded, or is more than a day old", "drop the files on the page again")
    }
    return draft
  }

  /// Returns the plan's first row of the file that a request names.
  private func plannedFile(
    _ request: WebRequest
  ) throws(Refusal) -> (ProjectStore, ImportDraft, ImportDesk.Planned, ImportPlan.Row) {
    let store = try store(request)
    let draft = try draft(request, nil, of: store)
    guard let planned = importDesk.planned(draft, of: store) else { throw Self.noPlan }
    guard let row = planned.plan.rows.first(where: { "\($0.file)" == request["file"] }) else {
      throw Refusal(404, "not-found", "there is no such file", "reload the page")
    }
    return (store, draft, planned, row)
  }

  /// Ends work that a person stopped; it is not shown.
  static let stopped = Refusal(409, "stopped", "it was stopped; nothing was changed", "start it again")
  static let noPlan = Refusal(409, "no-plan", "the files have not been read yet", "reload the page")

  /// Returns the piece of a file that a request names, in seconds; nil for the whole file.
  private static func piece(_ request: WebRequest) -> Range<Double>? {
    guard let start = request.query["from"].flatMap({ Double($0) }),
      let end = request.query["to"].flatMap({ Double($0) }), start >= 0, start < end, end < 86_400
    else { return nil }
    return start..<end
  }

  // MARK: Plans

  func source(_ draft: ImportDraft, of store: ProjectStore) throws(DiagnosticsError) -> Source {
    let drafts = ImportDrafts(store.directory)
    let shown = draft.files.count == 1 ? draft.files[0].name : "the files"
    return try Source(shown, listing: draft.files.map { (name: $0.name, path: drafts.path(of: $0, in: draft)) })
  }

  /// Plans an import; keeps the plan.
  private func plan(
    _ draft: ImportDraft, of store: ProjectStore, _ cancellation: Cancellation = Cancellation(),
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(Refusal) -> ImportDesk.Planned {
    let snapshot = try store.read()
    let memory = importDesk.memory(draft, of: store)
    let plan = try Self.refusing {
      let source = try self.source(draft, of: store)
      let ledger = try ImportLedger.read(Self.ledger(of: store))
      return try ImportPlanner(snapshot.workspace, imports: ledger, options: draft.options, memory: memory)
        .plan(source) { done in
          if cancellation.isCancelled { throw Self.stopped }
          progress(done, source.files.count)
        }
    }
    return importDesk.keep(plan, of: draft, in: store, snapshot)
  }

  /// Returns a draft's view. A plan that does not hold any more is made again, if that takes no time.
  private func view(_ draft: ImportDraft, of store: ProjectStore) throws(Refusal) -> ImportView {
    let snapshot = try store.read()
    let memory = importDesk.memory(draft, of: store)
    var planned = importDesk.planned(draft, of: store)
    if let old = planned, old.draft != draft.version || old.project != snapshot.version {
      let names = Set(old.plan.rows.filter { !$0.sha256.isEmpty }.map(\.name))
      planned = names.allSatisfy(memory.knows) ? try plan(draft, of: store) : nil
    }
    return ImportView(draft, planned, snapshot.workspace, memory)
  }

  /// Returns the rows of a map for a correction.
  private static func rows(_ correction: Correction, _ workspace: Workspace) throws(Refusal) -> [ImportMap.Row] {
    var rows: [ImportMap.Row] = []
    for row in correction.rows {
      let times = [row.start, row.end].compactMap { $0 }
      guard correction.rows.count <= piecesLimit, row.language.map(workspace.languages.contains) ?? true,
        row.prompt.map({ id in id == "-" || workspace.items.contains { $0.id == id } }) ?? true,
        row.voice.map(RecordingTree.isVoice) ?? true, (row.doubt?.utf8.count ?? 0) <= 2000,
        times.isEmpty || times.count == 2 && times[0] >= 0 && times[0] < times[1] && times[1] < 86_400,
        correction.rows.count == 1 || times.count == 2
      else {
        throw Refusal(400, "bad-request", "the correction of '\(correction.file)' is not valid", "reload the page")
      }
      rows.append(
        ImportMap.Row(
          line: 0, file: correction.file, language: row.language, prompt: row.prompt, voice: row.voice,
          start: row.start, end: row.end, doubt: row.doubt.flatMap { $0.isEmpty ? nil : $0 }))
    }
    return rows
  }

  // MARK: Import

  private func apply(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      var version: String
      var plan: Int?
      /// The items whose questioned texts are taken.
      var taken: [String]?
      /// Whether a person has read the speaker's consent, and agrees to it.
      var agreed: Bool?
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    let store = try store(request)
    let draft = try draft(request, nil, of: store)
    if draft.kind == .words {
      return try write(draft, of: store, version: wish.version, taking: Set(wish.taken ?? []))
    }
    if draft.kind == .returned {
      return try applyReturn(draft, of: store, version: wish.version, plan: wish.plan, isAgreed: wish.agreed == true)
    }
    guard let planned = importDesk.planned(draft, of: store), planned.number == wish.plan,
      planned.draft == draft.version, draft.version == wish.version
    else { return .json(Conflict(current: try view(draft, of: store)), status: 409) }
    if planned.plan.placed.isEmpty {
      throw Refusal(422, "refused", "there is nothing to import", "decide on the files that need a decision")
    }
    let job = try jobs.start(
      .import, project: store.id, subject: draft.id,
      stoppable: { progress, cancellation throws(Refusal) in
        try self.carryOut(planned, draft, of: store, cancellation, progress: progress)
      })
    return .json(job, status: 202)
  }

  /// Imports what a plan places, under the project's lock, and plans again.
  private func carryOut(
    _ planned: ImportDesk.Planned, _ draft: ImportDraft, of store: ProjectStore, _ cancellation: Cancellation,
    progress: @Sendable (Int, Int) -> Void
  ) throws(Refusal) {
    try store.changing { () throws(Refusal) in
      let delivery = ImportTransaction(store.directory)
      _ = try Self.refusing { try delivery.recover() }
      guard try store.read().workspace.keepsPlan(madeOf: planned.workspace) else {
        throw Refusal(
          409, "conflict", "the project was changed after this plan was made; nothing was imported",
          "look at the new plan")
      }
      try Self.refusing {
        let source = try self.source(draft, of: store)
        _ = try delivery.carryOut(planned.plan, source, day: Day.today()) { done in
          if cancellation.isCancelled { throw Self.stopped }
          progress(done, planned.plan.placed.count)
        }
      }
    }
    publish(store)
    // What was imported is known from now on.
    _ = try plan(draft, of: store)
  }

  /// The last import of a project, which can be undone.
  private struct LastImport: Encodable {
    var id: String
    var date: String
    var recordings: Int

    init?(_ ledger: ImportLedger) {
      guard let last = ledger.last, let line = last.lines.first else { return nil }
      (id, date, recordings) = (last.id, line.date, last.lines.count)
    }
  }

  private static func ledger(of store: ProjectStore) -> String {
    Path(store.directory).appending(ImportLedger.name).string
  }

  /// Undoes the last import, if it is the one that the page shows.
  private func undoImport(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable { var id: String }
    struct Undone: Encodable {
      var removed: Int
      /// The paths of recordings that were changed since.
      var kept: [String]
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    let store = try store(request)
    let undo = try store.changing { () throws(Refusal) -> ImportUndo in
      try Self.refusing {
        let delivery = ImportTransaction(store.directory)
        _ = try delivery.recover()
        let undo = try delivery.undo()
        if undo.id != wish.id {
          throw Refusal(409, "conflict", "another import came after this one", "look at the last one now")
        }
        try delivery.carryOut(undo, day: Day.today())
        return undo
      }
    }
    publish(store)
    return .json(Undone(removed: undo.lines.count, kept: undo.kept.map(\.path)))
  }

  /// Calls what throws errors of several kinds, and throws a refusal for each.
  static func refusing<Result>(_ body: () throws -> Result) throws(Refusal) -> Result {
    do { return try body() } catch let error as Refusal { throw error } catch let error as DiagnosticsError {
      throw Refusal(422, error.diagnostics)
    } catch let error as ImportError {
      throw Refusal(422, "refused", "\(error.message): nothing was changed", error.remedy)
    } catch let error as SystemError {
      throw Refusal(500, "failed", "\(error)", "look at the project's directory, and try again")
    } catch { throw Refusal(422, "refused", "\(error)", "look at the file") }
  }

  // MARK: Old drafts

  /// Removes the old drafts of all projects, and what interrupted programs left of others. It is cheap to call often.
  public func removeOldDrafts() {
    if isReadOnly || !importDesk.isSweepDue { return }
    for project in shelf.projects {
      try? importDesk.changing { () throws(Refusal) in ImportDrafts(project.directory).sweep() }
    }
  }
}

extension WebResponse {
  /// Returns a file to be saved by the browser.
  ///
  /// - Parameter name: of ASCII letters, digits, hyphens and dots.
  static func download(_ bytes: [UInt8], type: String, name: String) -> WebResponse {
    WebResponse(
      200,
      headers: [
        ("Content-Type", type), ("Content-Disposition", "attachment; filename=\"\(name)\""),
        ("Cache-Control", "no-store"),
      ], body: .bytes(bytes))
  }
}
