import Catalogue
import Encoding
import KitBuilder
import Pages
import Project

extension PostPage {
  private static let boothModules = [
    "dom.js", "flac.js", "zip.js", "minisign.js", "shelf.js", "recorder.js", "page.js", "post-booth.js",
  ]

  /// Creates the page of a speaker, who records the given items.
  ///
  /// - Parameters:
  ///   - items: what is recorded, in this order; all of one language, at least one.
  ///   - workspace: the project.
  ///   - sender: the sender of the page.
  /// - Throws: ``DocumentError`` if the page cannot be written.
  public static func booth(
    _ items: [ReviewItem], of workspace: Workspace, by sender: PostSender
  ) throws(DocumentError) -> PostPage {
    let (catalogue, language) = (workspace.catalogue, items[0].language)
    let texts = PostTexts(catalogue, tongues: sender.tongues)
    let content = Booth(
      kind: .booth, project: workspace.project.name, from: sender.name, contact: sender.contact, why: sender.why,
      language: PostLanguage(language, in: catalogue, tongues: sender.tongues), words: texts.words(of: boothModules),
      directions: texts.directions, names: texts.names, own: texts.own(language),
      noise: RecordingCheck.Limits(workspace.project.check).noise, texts: items.map(Booth.Text.init))
    let signs = Set(items.flatMap { NamedSign.all(in: $0.prompt) }).map { (name: $0.name, sign: $0) }
    return try PostPage(
      .booth, language, count: items.count, content: content, texts: texts, tongues: sender.tongues,
      parts: Parts(modules: boothModules, hasWorklet: true, pictures: signs.sorted { $0.name < $1.name }))
  }

  /// What the page of a speaker says.
  private struct Booth: Encodable {
    var page = ""
    var kind: PostRecord.Kind
    var project: String
    var from: String
    var contact: String
    var why: String?
    var language: PostLanguage
    var words: [String: [String: String]]
    var directions: [String: String]
    var names: [String: String]
    var own: [String: String]
    /// The maximum noise of the room in dBFS.
    var noise: Double
    var texts: [Text]

    struct Text: Encodable {
      var item: String
      var stem: String
      var text: String
      var byWoman: String?
      var byMan: String?
      var back: String
      var gloss: String?
      /// Nil for false: a page is small.
      var isForChild: Bool?
      /// Nil for none.
      var signs: [String]?

      init(_ item: ReviewItem) {
        let (prompt, wording) = (item.prompt, item.wording)
        (self.item, stem, text) = (prompt.id, prompt.stem, wording.text)
        (byWoman, byMan) = (wording.variants[.byWoman], wording.variants[.byMan])
        back = wording.currentBack ?? prompt.title
        gloss = wording.gloss
        isForChild = prompt.form.isForChild || prompt.audience == .child ? true : nil
        let names = NamedSign.all(in: prompt).map(\.name)
        signs = names.isEmpty ? nil : names
      }
    }
  }
}

/// The language of a page's recordings.
struct PostLanguage: Encodable {
  var tag: String
  var autonym: String
  var direction: String
  /// Its names in the languages of the page.
  var names: [String: String]

  init(_ language: Language, in catalogue: Catalogue, tongues: [String]) {
    (tag, autonym, direction) = (language.tag, language.autonym, language.direction.rawValue)
    names = Dictionary(
      tongues.map { ($0, catalogue.name(of: language.tag, in: $0)) }, uniquingKeysWith: { first, _ in first })
  }
}

extension NamedSign {
  /// The picture's name in a page: `card-yes`.
  var name: String { "\(mode.rawValue)-\(sign.rawValue)" }
}
