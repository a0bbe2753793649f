import Catalogue
import Encoding
import Kit
import KitBuilder
import Posix
import Project
import Synchronization
import Web

/// The reviewers that work on the page, with their opened keys, until they end or the program does.
final class ReviewDesk: Sendable {
  /// A person who reviews in a project.
  struct Entry: Sendable {
    var id: String
    var project: String
    var name: String
    var key: SecretKey?

    var view: ReviewerView {
      ReviewerView(id: id, name: name, key: key?.publicKey.id.description, proved: key != nil)
    }
  }

  private struct State {
    var entries: [Entry] = []
    var number = 0
  }

  private let state = Mutex(State())
  /// The maximum number of reviewers; another one replaces the first.
  private static let limit = 64

  /// Adds a reviewer.
  func add(_ name: String, key: SecretKey?, project: String) -> Entry {
    state.withLock { state in
      state.number += 1
      let entry = Entry(id: "\(state.number)", project: project, name: name, key: key)
      state.entries.append(entry)
      if state.entries.count > Self.limit { state.entries.removeFirst() }
      return entry
    }
  }

  /// Returns a reviewer of a project.
  func entry(_ id: String, project: String) throws(Refusal) -> Entry {
    guard let entry = state.withLock({ $0.entries.first { $0.id == id && $0.project == project } }) else {
      throw Refusal(
        404, "not-found", "this review has ended", "begin again with your name, and your key if you have one")
    }
    return entry
  }

  /// Forgets a reviewer and the key.
  func remove(_ id: String, project: String) {
    state.withLock { $0.entries.removeAll { $0.id == id && $0.project == project } }
  }
}

extension Studio {
  private struct Verdict: Decodable {
    var reviewer: String
    var kind: Approval.Kind
    var voice: String?
    var hash: String
    var verdict: ReviewNote.Verdict?
    var back: String?
    var note: String?
    var heard: Bool?
  }

  /// The routes for reviewers.
  var reviewRoutes: [Route] {
    let item = "/api/1/projects/:project/review/:language/:item"
    return [
      Route("POST", "/api/1/projects/:project/reviewers") { request throws(Refusal) in try self.begin(request) },
      Route("POST", "/api/1/projects/:project/reviewers/:reviewer/end") { request throws(Refusal) in
        self.desk.remove(request["reviewer"], project: try self.store(request).id)
        return .json([String: String]())
      },
      Route("GET", "/api/1/projects/:project/review/:language") { request throws(Refusal) in
        let store = try self.store(request)
        let entry = try self.desk.entry(request.query["reviewer"] ?? "", project: store.id)
        let workspace = try store.read().workspace
        let reviewer = try self.reviewer(entry, workspace)
        let language = try self.language(request, in: workspace)
        let items = workspace.items(of: language).map { ReviewItemView($0, reviewer, store.hashes) }
        return .json(ReviewView(language, entry.view, items: items))
      },
      Route("POST", item + "/meaning") { request throws(Refusal) in
        struct Wish: Decodable {
          var reviewer: String
          var hash: String
          var back: String
        }
        let wish = try request.decode(Wish.self)
        let store = try self.store(request)
        _ = try self.desk.entry(wish.reviewer, project: store.id)
        let workspace = try store.read().workspace
        let item = try self.reviewItem(request, in: workspace)
        try Self.requireSame(wish.hash, item.hash)
        if Self.line(wish.back) == nil {
          throw Refusal(422, "refused", "there is no translation yet", "write what it says, in English")
        }
        return .json(MeaningView(item, workspace))
      },
      Route("POST", item) { request throws(Refusal) in
        try self.judge(request) { (reviewer, subject, wish) throws(Refusal) in
          let (back, note) = (wish.back.flatMap(Self.line), wish.note.flatMap(Self.line))
          switch wish.verdict {
          case .accepted:
            if subject.kind == .wording, back == nil {
              throw Refusal(422, "refused", "there is no translation yet", "write what it says, in English")
            }
            if subject.kind == .recording, wish.heard != true {
              throw Refusal(422, "refused", "the recording was not heard to its end", "listen to all of it first")
            }
            try Self.review { () throws(ReviewerError) in try reviewer.accept(subject, back: back) }
          case .returned:
            guard let note else {
              throw Refusal(422, "refused", "the speaker sees no reason", "write what is wrong with it")
            }
            try Self.review { () throws(ReviewerError) in try reviewer.sendBack(subject, back: back, note: note) }
          case .withdrawn, nil:
            throw Refusal(400, "bad-request", "the verdict is neither accepted nor returned", "reload the page")
          }
        }
      },
      Route("POST", item + "/undo") { request throws(Refusal) in
        try self.judge(request) { (reviewer, subject, _) throws(Refusal) in
          try Self.review { () throws(ReviewerError) in try reviewer.undo(subject) }
        }
      },
      Route("GET", "/api/1/projects/:project/clips/:language/:voice/:item") { request throws(Refusal) in
        let workspace = try self.read(request).workspace
        let item = try self.reviewItem(request, in: workspace)
        guard let take = item.takes.first(where: { $0.voice == request["voice"] }) else {
          throw Refusal(404, "not-found", "there is no recording of this voice", "reload the page")
        }
        do throws(CheckFinding) {
          let clip = try ClipPipeline(workspace, cache: self.cache).reviewClip(of: take, item).clip
          return .content(
            clip, type: "audio/ogg", tag: Digest.sha256(clip), cache: "no-cache", for: request.head)
        } catch { throw Refusal(422, [error.diagnostic]) }
      },
    ]
  }

  /// Lets a reviewer begin, with the rules of the command line for keys and names.
  private func begin(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      var name: String
      var key: String?
      var passphrase: String?
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    let store = try store(request)
    guard let name = Self.line(wish.name), PersonName(name) != nil else {
      throw Refusal(422, "refused", "'\(wish.name)' is not a name", "write a name with letters, on one line")
    }
    var key: SecretKey?
    if let text = wish.key { key = try kits.openKey(text, passphrase: wish.passphrase) }
    let entry = desk.add(name, key: key, project: store.id)
    do throws(Refusal) { _ = try reviewer(entry, try store.read().workspace) } catch {
      desk.remove(entry.id, project: store.id)
      throw error
    }
    return .json(entry.view, status: 201)
  }

  /// Judges what a request names, and answers with the item as it is then.
  private func judge(
    _ request: WebRequest, _ decide: (inout Reviewer, Reviewer.Subject, Verdict) throws(Refusal) -> Void
  ) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(Verdict.self)
    let store = try store(request)
    let entry = try desk.entry(wish.reviewer, project: store.id)
    // Approvals and notes are single appends, which need no lock of the project: a recording session may hold it.
    return try store.judging { () throws(Refusal) -> WebResponse in
      let workspace = try store.read().workspace
      var reviewer = try self.reviewer(entry, workspace)
      let item = try self.reviewItem(request, in: workspace)
      var subject = Reviewer.Subject(item: item, kind: wish.kind, hash: item.hash)
      if wish.kind == .recording {
        guard let take = item.takes.first(where: { $0.voice == wish.voice && $0.voice != Take.synthetic }),
          let hash = store.hashes.hash(of: take.path)
        else { throw Refusal(404, "not-found", "there is no recording of this voice", "reload the page") }
        subject.hash = hash
        subject.take = take
      }
      try Self.requireSame(wish.hash, subject.hash)
      try decide(&reviewer, subject, wish)
      self.publish(store)
      return .json(ReviewItemView(item, reviewer, store.hashes))
    }
  }

  private func reviewer(_ entry: ReviewDesk.Entry, _ workspace: Workspace) throws(Refusal) -> Reviewer {
    try Self.review { () throws(ReviewerError) in
      try Reviewer(name: entry.name, key: entry.key, workspace: workspace, cache: self.cache)
    }
  }

  /// Returns the item that a request names.
  private func reviewItem(_ request: WebRequest, in workspace: Workspace) throws(Refusal) -> ReviewItem {
    let language = try language(request, in: workspace)
    guard let item = workspace.items(of: language).first(where: { $0.prompt.id == request["item"] }) else {
      throw Refusal(404, "not-found", "there is no wording of '\(request["item"])'", "reload the page")
    }
    return item
  }

  private static func requireSame(_ seen: String, _ now: String) throws(Refusal) {
    if seen != now {
      throw Refusal(
        409, "conflict", "it was changed after it was shown", "look at it again, and judge what is there now")
    }
  }

  /// Runs a step of a review; a rule of the library becomes a refusal.
  @discardableResult
  private static func review<Result>(_ step: () throws(ReviewerError) -> Result) throws(Refusal) -> Result {
    do throws(ReviewerError) { return try step() } catch {
      switch error {
      case .noKey: throw Refusal(422, "key", "\(error)", "choose your .key file; 'keys' on the page makes one")
      case .keyOfAnother: throw Refusal(422, "key", "\(error)", "choose your own key")
      case .ownVoice: throw Refusal(422, "refused", "nobody approves the own voice", "let another person listen to it")
      case .key, .system: throw Refusal(500, "failed", "\(error)", "nothing was saved; try again")
      }
    }
  }

  /// Returns a text on one line, without spaces around it; nil if nothing is left, or if it is too long.
  private static func line(_ text: String) -> String? {
    let words = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    return (1...600).contains(words.count) ? words : nil
  }
}
