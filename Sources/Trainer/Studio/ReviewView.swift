import Catalogue
import Kit
import KitBuilder
import Project

/// A reviewer, as the page sees one.
struct ReviewerView: Encodable {
  var id: String
  var name: String
  /// The id of the key.
  var key: String?
  var proved: Bool
}

/// What a reviewer has to judge in a language, without meanings: those would influence the own translation.
struct ReviewView: Encodable {
  var language: LanguageView
  var reviewer: ReviewerView
  var items: [ReviewItemView]
  /// How many wordings and recordings this reviewer has judged, and of how many.
  var done: Int
  var of: Int

  init(_ language: Language, _ view: ReviewerView, items: [ReviewItemView]) {
    self.language = LanguageView(language)
    reviewer = view
    self.items = items
    let verdicts = items.flatMap { item in [item.wording] + item.recordings.filter { !$0.own }.map(\.state) }
    done = verdicts.filter { $0 != .due }.count
    of = verdicts.count
  }
}

/// A wording and its recordings, and what one reviewer said about them.
struct ReviewItemView: Encodable {
  var id: String
  var number: Int
  var kind: Clip.Kind
  var text: String
  var hash: String
  var wording: Verdict
  var recordings: [Recording]

  /// What a reviewer said.
  enum Verdict: String, Encodable { case due, accepted, returned }

  /// A recording by a speaker.
  struct Recording: Encodable {
    var voice: String
    var hash: String
    /// Whether the reviewer speaks in it, and cannot approve it.
    var own: Bool
    var state: Verdict
  }

  init(_ item: ReviewItem, _ reviewer: Reviewer, _ hashes: ContentHashes) {
    func verdict(_ subject: Reviewer.Subject) -> Verdict {
      reviewer.hasApproved(subject) ? .accepted : reviewer.hasReturned(subject) ? .returned : .due
    }
    id = item.prompt.id
    number = item.prompt.number
    kind = item.prompt.kind
    text = item.wording.text
    hash = item.hash
    wording = verdict(Reviewer.Subject(item: item, kind: .wording, hash: item.hash))
    recordings = item.takes.filter { $0.voice != Take.synthetic }.compactMap { take in
      guard let hash = hashes.hash(of: take.path) else { return nil }
      let subject = Reviewer.Subject(item: item, kind: .recording, hash: hash, take: take)
      return Recording(
        voice: take.voice, hash: hash, own: reviewer.isSpeaker(of: subject), state: verdict(subject))
    }
  }
}

/// What a wording means, for a reviewer who has translated it.
struct MeaningView: Encodable {
  var source: String
  var title: String
  var caution: String?
  var back: String?
  var backOutdated: Bool
  var gloss: String?
  var doubt: String?
  var variants: [String: String]
  var open: [OpenNote]

  init(_ item: ReviewItem, _ workspace: Workspace) {
    source = item.prompt.translatorSource(in: workspace.catalogue.source)
    title = item.prompt.title
    caution = item.prompt.caution.isEmpty ? nil : item.prompt.caution
    back = item.wording.back
    backOutdated = item.wording.isBackOutdated
    gloss = item.wording.gloss
    doubt = item.wording.note
    variants = item.wording.namedVariants
    open = OpenNote.all(onWording: item.hash, of: item.prompt.id, in: item.language.tag, workspace)
  }
}
