import Catalogue
import Diagnostics
import Import
import Kit
import KitBuilder
import Posix
import Post
import Project
import Web

/// A page by post as the browser orders it, like the options of `firstword post`.
private struct PageWish: Decodable, Sendable {
  var kind: PostRecord.Kind
  var language: String
  var from: String
  var contact: String
  var why: String?
  /// The tags of the languages to read the page in, the first one first.
  var words: [String]
  /// The voice of which a speaker's page has what is missing; nil for all texts.
  var voice: String?
  var address: String?
}

extension Studio {
  /// The routes of the pages by post.
  var postRoutes: [Route] {
    let project = "/api/1/projects/:project"
    return [
      Route("GET", project + "/post") { request throws(Refusal) in
        .json(try self.postView(of: try self.store(request)))
      },
      Route("POST", project + "/post/pages") { request throws(Refusal) in
        try self.requireWritable()
        let wish = try request.decode(PageWish.self)
        let store = try self.store(request)
        let sender = try Self.sender(wish, try store.read().workspace.catalogue)
        let job = try self.jobs.start(.page, project: store.id, isAlone: true) { progress, cancellation throws(Refusal) in
          try self.makePage(wish, by: sender, of: store, cancellation, progress)
        }
        return .json(job, status: 202)
      },
      Route("GET", project + "/post/pages/:page") { request throws(Refusal) in
        let made = try self.madePage(request)
        // Not as HTML: a page that belongs elsewhere shall not open in the studio's origin.
        return .download(
          Array(made.page.document.utf8), type: "application/octet-stream", name: PostSite.name(of: made.page))
      },
      Route("GET", project + "/post/pages/:page/message") { request throws(Refusal) in
        let made = try self.madePage(request)
        return .download(
          Array(made.messages.map(\.text).joined(separator: "\n").utf8), type: "text/plain; charset=utf-8",
          name: PostSite.name(of: made.page).replacing(".html", with: ".txt"))
      },
      Route("POST", project + "/post/vouch") { request throws(Refusal) in
        struct Wish: Decodable { var number: String }
        try self.requireWritable()
        let wish = try request.decode(Wish.self)
        let store = try self.store(request)
        let row = try store.changing { () throws(Refusal) -> PostKeys.Row in
          try Self.refusing { try PostKeys(store.directory).vouch(for: wish.number).row }
        }
        self.publish(store)
        return .json(row)
      },
      Route("POST", project + "/takedown") { request throws(Refusal) in try self.takeDown(request) },
    ]
  }

  private func postView(of store: ProjectStore) throws(Refusal) -> PostView {
    let workspace = try store.read().workspace
    return try Self.refusing {
      PostView(
        workspace, post: try PostLedger.read(Path(store.directory).appending(PostLedger.name).string),
        keys: try PostKeys(store.directory), made: postDesk.last(project: store.id),
        job: jobs.running(.page, project: store.id))
    }
  }

  private func madePage(_ request: WebRequest) throws(Refusal) -> PostDesk.Made {
    guard let made = postDesk.page(request["page"], project: try store(request).id) else {
      throw Refusal(404, "not-found", "this page is not held any more", "write it again: the same choices make the same")
    }
    return made
  }

  // MARK: Pages

  /// Returns the sender of a page, by the rules of `firstword post`.
  private static func sender(_ wish: PageWish, _ catalogue: Catalogue) throws(Refusal) -> PostSender {
    let why = wish.why.flatMap { $0.isEmpty ? nil : $0 }
    for (name, text, length) in [
      ("your name", wish.from, PostSender.nameLength), ("the contact", wish.contact, PostSender.contactLength),
    ] where !length.contains(text.count) || text.contains(where: \.isNewline) {
      throw Refusal(
        422, "refused", "\(name) has not \(length.lowerBound) to \(length.upperBound) characters on one line",
        "write it again")
    }
    if let why, !PostSender.whyLength.contains(why.count) {
      throw Refusal(422, "refused", "your words have more than \(PostSender.whyLength.upperBound) characters", "cut them")
    }
    let known = catalogue.languages.filter(\.isForResponder).map(\.tag)
    if wish.words.isEmpty || Set(wish.words).count != wish.words.count || !wish.words.allSatisfy(known.contains) {
      throw Refusal(422, "refused", "the page has no language to read it in", "choose at least one")
    }
    if let address = wish.address, !address.isEmpty, !address.hasPrefix("https://") || address.contains(where: \.isWhitespace)
    {
      throw Refusal(422, "refused", "'\(address.prefix(80))' is no https address", "correct it, or leave it out")
    }
    return PostSender(name: wish.from, contact: wish.contact, why: why, tongues: wish.words)
  }

  /// Makes a page, enters it in the post ledger, and keeps it for the browser.
  private func makePage(
    _ wish: PageWish, by sender: PostSender, of store: ProjectStore, _ cancellation: Cancellation,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Refusal) {
    let workspace = try store.read().workspace
    guard workspace.languages.contains(wish.language), let language = workspace.catalogue.language(wish.language) else {
      throw Refusal(404, "not-found", "the project has no language '\(wish.language)'", "choose one of its languages")
    }
    var items = workspace.items(of: language)
    let voice = wish.kind == .booth ? wish.voice.flatMap { $0.isEmpty ? nil : $0 } : nil
    if let voice {
      if voice == Take.synthetic || !RecordingTree.isVoice(voice) {
        throw Refusal(422, "refused", "'\(voice)' is no name of a voice", "name it f1, m1 or f2")
      }
      items.removeAll { item in item.takes.contains { $0.voice == voice } }
    }
    if items.isEmpty {
      throw Refusal(
        422, "refused", "nothing is left to \(wish.kind == .booth ? "record" : "review") in \(language.english)",
        "choose another language or voice")
    }
    let asked = items
    var remarks: [String] = []
    let page = try Self.refusing { () throws -> PostPage in
      if wish.kind == .booth { return try PostPage.booth(asked, of: workspace, by: sender) }
      let heard = try PostPage.clips(of: asked, by: ClipPipeline(workspace, cache: self.cache)) { done in
        if cancellation.isCancelled { throw Self.stopped }
        progress(done, asked.count)
      } failed: { remarks.append("\($0)") }
      let silent = heard.filter(\.clips.isEmpty).count
      if silent > 0 {
        remarks.append("\(counted(silent, "text")) without a speaker's recording: only the words can be judged")
      }
      return try PostPage.review(heard, of: workspace, by: sender)
    }
    try store.changing { () throws(Refusal) in
      try Self.refusing {
        try PostLedger.add(
          [page.record(on: Day.today(), voice: voice, by: sender)],
          to: Path(store.directory).appending(PostLedger.name).string)
      }
    }
    let others = workspace.catalogue.languages.filter(\.isForResponder).map(\.tag)
    let address = wish.address.flatMap { $0.isEmpty ? nil : $0 }
    let messages = (sender.tongues + others.filter { !sender.tongues.contains($0) }).map { tag in
      var one = sender
      one.tongues = [tag]
      return (tag: tag, text: PostMessage(page, in: workspace.catalogue, by: one, address: address).text)
    }
    postDesk.keep(PostDesk.Made(project: store.id, page: page, messages: messages, remarks: remarks))
    publish(store)
  }

  // MARK: Take-down

  /// Finds a speaker's voice, or removes it, as `firstword takedown` does with all kits of the project's directory.
  private func takeDown(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      /// The pseudonym, or the code with which the speaker withdraws.
      var speaker: String
      var confirm: Bool?
    }
    let wish = try request.decode(Wish.self)
    let store = try store(request)
    if wish.confirm != true {
      return .json(try Self.refusing { try self.voice(of: wish.speaker, in: try store.read().workspace).view })
    }
    try requireWritable()
    if let booth = booths.open, booth.setting.store.id == store.id {
      throw Refusal(423, "locked", "the booth of this project is open", "end it first")
    }
    let view = try store.changing { () throws(Refusal) -> TakeDownView in
      let workspace = try store.read().workspace
      return try Self.refusing {
        let (takeDown, found) = try self.voice(of: wish.speaker, in: workspace)
        // Others need the list even if the removal fails.
        if let list = found.list {
          try takeDown.writeList(Path(store.directory).appending(list).string, on: Day.today())
        }
        try takeDown.carryOut(on: Day.today(), tags: workspace.catalogue.languages.map(\.tag), cache: self.cache)
        try ImportDrafts(store.directory).removeAll()
        var done = found
        done.done = true
        return done
      }
    }
    postDesk.forget(project: store.id)
    publish(store)
    return .json(view)
  }

  private func voice(of name: String, in workspace: Workspace) throws -> (takeDown: TakeDown, view: TakeDownView) {
    let speaker = workspace.speakers.pseudonym(ofWithdrawalCode: name) ?? name
    if workspace.speakers.entries(of: speaker).isEmpty {
      throw Refusal(
        404, "not-found", "the project has no speaker of this name, and no speaker with this code",
        "compare it with the list of speakers")
    }
    let shelf = KitShelf(workspace.directory)
    let kits = try shelf.names.map { name throws(Refusal) in try shelf.kit(name) }
    let takeDown = try TakeDown(speaker, of: workspace, kits: kits)
    let found = takeDown.kits.map { kit in
      TakeDownView.Kit(file: Path(kit.path).lastComponent, name: kit.name, clips: kit.clips.count)
    }
    let view = TakeDownView(
      speaker: takeDown.pseudonym, done: false, files: takeDown.files, kits: found,
      list: found.isEmpty ? nil : takeDown.listName)
    return (takeDown, view)
  }
}
