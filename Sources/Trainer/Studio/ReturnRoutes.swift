import Import
import KitBuilder
import Posix
import Project
import Web

extension Studio {
  /// The routes of files that came back by post.
  var returnRoutes: [Route] {
    [
      Route("POST", "/api/1/projects/:project/returns", upload: returnRule) { request, upload throws(Refusal) in
        let store = try self.store(request)
        let name = try Self.name(request)
        if !PostReturn.isReturn(upload.path) {
          throw Refusal(
            422, "refused", "'\(name)' was not saved by a page that was sent to a speaker or reviewer",
            "drop recordings and translators' files on Import")
        }
        // A file that was changed is reported now.
        _ = try Self.refusing { try PostReturn(upload.path, shown: name) }
        return try self.importDesk.changing { () throws(Refusal) -> WebResponse in
          let drafts = ImportDrafts(store.directory)
          drafts.sweep()
          var draft = try Self.refusing { try drafts.begin(.returned) }
          try Self.refusing {
            try drafts.add(name, size: upload.length, to: &draft) { path throws(SystemError) in try upload.keep(path) }
          }
          return .json(ImportHead(draft), status: 201)
        }
      }
    ]
  }

  private var returnRule: UploadRule {
    UploadRule(bytes: Self.fileLimit) { request throws(Refusal) in
      try self.requireWritable()
      _ = try Self.name(request)
      let store = try self.store(request)
      try self.requireRoom(for: request, in: store)
      return Path(store.directory)
    }
  }

  /// Reads and verifies the file of a draft.
  private func returned(_ draft: ImportDraft, of store: ProjectStore) throws(Refusal) -> PostReturn {
    guard let file = draft.files.first else {
      throw Refusal(404, "not-found", "the file is not there any more", "drop it on the page again")
    }
    return try Self.refusing {
      try PostReturn(ImportDrafts(store.directory).path(of: file, in: draft), shown: file.name)
    }
  }

  /// Plans the import of a returned file; keeps the plan.
  func planReturn(
    _ draft: ImportDraft, of store: ProjectStore, _ cancellation: Cancellation,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Refusal) {
    let snapshot = try store.read()
    let file = try returned(draft, of: store)
    func path(_ name: String) -> String { Path(store.directory).appending(name).string }
    let plan = try Self.refusing {
      let planner = ReturnPlanner(
        snapshot.workspace, post: try PostLedger.read(path(PostLedger.name)),
        imports: try ImportLedger.read(path(ImportLedger.name)), voice: draft.choices.voice,
        replaces: draft.choices.replaces, terms: .page)
      return try planner.plan(file, try self.source(draft, of: store)) { done in
        if cancellation.isCancelled { throw Self.stopped }
        progress(done, file.content.takes.count)
      }
    }
    _ = importDesk.keep(plan.takes, returned: plan, of: draft, in: store, snapshot)
  }

  /// Returns the view of a returned file. It has no plan if the project or the choices have changed since.
  func returnedView(_ draft: ImportDraft, of store: ProjectStore) throws(Refusal) -> ReturnedView {
    let snapshot = try store.read()
    let planned = importDesk.planned(draft, of: store).flatMap { planned in
      planned.draft == draft.version && planned.project == snapshot.version ? planned : nil
    }
    return ReturnedView(draft, try returned(draft, of: store), planned, snapshot.workspace)
  }

  /// Starts the import of a returned file.
  ///
  /// - Parameters:
  ///   - version: of the draft, as the person saw it.
  ///   - number: of the plan, as the person saw it.
  ///   - isAgreed: whether the person has read a new speaker's consent, and agrees to it.
  func applyReturn(
    _ draft: ImportDraft, of store: ProjectStore, version: String, plan number: Int?, isAgreed: Bool
  ) throws(Refusal) -> WebResponse {
    guard let planned = importDesk.planned(draft, of: store), planned.number == number, let plan = planned.returned,
      planned.draft == draft.version, draft.version == version
    else { return .json(Conflict(current: try returnedView(draft, of: store)), status: 409) }
    if plan.isEmpty { throw Refusal(422, "refused", "there is nothing to import", "discard the file") }
    if plan.isNewSpeaker && !isAgreed {
      throw Refusal(
        422, "refused", "nobody has agreed to the speaker's consent", "read it, and agree to it or discard the file")
    }
    let file = try returned(draft, of: store)
    let job = try jobs.start(
      .import, project: store.id, subject: draft.id,
      stoppable: { progress, cancellation throws(Refusal) in
        try self.carryOut(plan, planned, file, draft, of: store, cancellation, progress)
      })
    return .json(job, status: 202)
  }

  /// Imports what a plan names, under the project's lock, and removes the draft.
  private func carryOut(
    _ plan: ReturnPlan, _ planned: ImportDesk.Planned, _ file: PostReturn, _ draft: ImportDraft,
    of store: ProjectStore, _ cancellation: Cancellation, _ progress: @Sendable (Int, Int) -> Void
  ) throws(Refusal) {
    try store.changing { () throws(Refusal) in
      _ = try Self.refusing { try ImportTransaction(store.directory).recover() }
      guard try store.read().workspace.keepsReturn(madeOf: planned.workspace) else {
        throw Refusal(
          409, "conflict", "the project was changed after this plan was made; nothing was imported",
          "look at the new plan")
      }
      try Self.refusing {
        let tags = planned.workspace.catalogue.languages.map(\.tag)
        _ = try ReturnTransaction(store.directory).carryOut(
          plan, file, try self.source(draft, of: store), tags: tags
        ) { done in
          if cancellation.isCancelled { throw Self.stopped }
          progress(done, plan.takes.placed.count)
        }
        try ImportDrafts(store.directory).remove(draft.id)
      }
    }
    importDesk.forget(draft.id, of: store)
    publish(store)
  }
}
