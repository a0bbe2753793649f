import Catalogue
import Encoding
import FoundationEssentials
import KitBuilder
import Pages
import Project

/// A recording in the page of a reviewer.
public struct PostClip: Sendable {
  /// The voice, such as `f1`.
  public var voice: String
  /// The recording as a listener hears it.
  public var clip: ReviewClip

  /// Creates a recording of a page.
  public init(voice: String, clip: ReviewClip) { (self.voice, self.clip) = (voice, clip) }
}

extension PostPage {
  private static let reviewModules = [
    "dom.js", "zip.js", "minisign.js", "shelf.js", "page.js", "post-review.js",
  ]

  /// Makes the recordings of items audible for a reviewer. Synthetic speech is left out.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - pipeline: makes the clips.
  ///   - done: called after each item with the number of items done; what it throws ends the work.
  ///   - failed: called with the reason why a recording has no clip.
  public static func clips(
    of items: [ReviewItem], by pipeline: ClipPipeline, done: (Int) throws -> Void = { _ in },
    failed: (CheckFinding) -> Void
  ) rethrows -> [(item: ReviewItem, clips: [PostClip])] {
    var heard: [(item: ReviewItem, clips: [PostClip])] = []
    for item in items {
      var clips: [PostClip] = []
      for take in item.takes {
        do throws(CheckFinding) {
          let clip = try pipeline.reviewClip(of: take, item)
          if !clip.synthetic { clips.append(PostClip(voice: take.voice, clip: clip)) }
        } catch { failed(error) }
      }
      heard.append((item: item, clips: clips))
      try done(heard.count)
    }
    return heard
  }

  /// Creates the page of a reviewer, who judges the given items and their recordings.
  ///
  /// - Parameters:
  ///   - items: what is judged, in this order, with the recordings to hear; all of one language, at least one.
  ///   - workspace: the project.
  ///   - sender: the sender of the page.
  /// - Throws: ``DocumentError`` if the page cannot be written.
  public static func review(
    _ items: [(item: ReviewItem, clips: [PostClip])], of workspace: Workspace, by sender: PostSender
  ) throws(DocumentError) -> PostPage {
    let (catalogue, language) = (workspace.catalogue, items[0].item.language)
    let texts = PostTexts(catalogue, tongues: sender.tongues)
    let content = Review(
      kind: .review, project: workspace.project.name, from: sender.name, contact: sender.contact,
      language: PostLanguage(language, in: catalogue, tongues: sender.tongues), words: texts.words(of: reviewModules),
      directions: texts.directions, names: texts.names, own: texts.own(language),
      texts: items.map { Review.Text($0.item, $0.clips, catalogue, tongues: sender.tongues) })
    return try PostPage(
      .review, language, count: items.count, content: content, texts: texts, tongues: sender.tongues,
      parts: Parts(modules: reviewModules, hasWorklet: false, pictures: []))
  }

  /// What the page of a reviewer says.
  private struct Review: Encodable {
    var page = ""
    var kind: PostRecord.Kind
    var project: String
    var from: String
    var contact: String
    var language: PostLanguage
    var words: [String: [String: String]]
    var directions: [String: String]
    var names: [String: String]
    var own: [String: String]
    var texts: [Text]

    struct Text: Encodable {
      var item: String
      var text: String
      /// The English that the text should say.
      var meant: String
      /// What the text should say in the other languages of the page.
      var meantHere: [String: String]
      /// Nil for false: a page is small.
      var isForChild: Bool?
      var recordings: [Recording]

      init(_ item: ReviewItem, _ clips: [PostClip], _ catalogue: Catalogue, tongues: [String]) {
        let (prompt, tag) = (item.prompt, item.language.tag)
        (self.item, text) = (prompt.id, item.wording.text)
        meant = prompt.translatorSource(in: catalogue.source)
        let others = tongues.filter { $0 != catalogue.source?.tag && $0 != tag && prompt.id != Prompt.selfName }
        meantHere = Dictionary(
          others.compactMap { tongue in catalogue.wording(prompt.id, in: tongue).map { (tongue, $0.text) } },
          uniquingKeysWith: { first, _ in first })
        isForChild = prompt.form.isForChild || prompt.audience == .child ? true : nil
        recordings = clips.map { Recording(voice: $0.voice, sha256: $0.clip.sha256, clip: Data($0.clip.clip)) }
      }
    }

    struct Recording: Encodable {
      var voice: String
      /// The SHA-256 of the recording, which is judged.
      var sha256: String
      /// Ogg Opus; base64 in JSON.
      var clip: Data
    }
  }
}
