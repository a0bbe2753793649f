import Catalogue
import Encoding
import Pages

/// A folder for any https server with the pages of speakers, for telephones that open no files. Nothing is uploaded:
/// the file that a page saves comes back by the speaker's own way.
public struct PostSite: Sendable {
  /// The files by name; the first one is the list of the pages.
  public let files: [(name: String, content: String)]

  /// Creates the folder.
  ///
  /// - Parameters:
  ///   - pages: the pages.
  ///   - catalogue: the catalogue with the words.
  ///   - sender: the sender of the page.
  public init(_ pages: [PostPage], in catalogue: Catalogue, by sender: PostSender) {
    let texts = PostTexts(catalogue, tongues: sender.tongues)
    let links = pages.map { page -> HTML in
      let name = HTML.span(page.language.autonym, in: TextLanguage(page.language))
      return "<li><a href=\"\(Self.name(of: page))\">\(name) (\(page.language.english))</a></li>\n"
    }
    let asks = sender.tongues.map { tongue -> HTML in
      let direction = texts.directions[tongue] ?? "ltr"
      let words = texts.text("asks", in: tongue, ["who": sender.name]) + ". " + texts.text("private", in: tongue)
      return "<p lang=\"\(tongue)\" dir=\"\(direction)\">\(words)</p>\n"
    }
    let list = HTMLPage(
      title: "Firstword: \(sender.name)", body: "<main>\n<h1>Firstword</h1>\n\(asks)<ul>\n\(links)</ul>\n</main>")
    files = [("index.html", list.document)] + pages.map { (Self.name(of: $0), $0.document) }
  }

  /// Returns the name of a page's file: `booth-ro.html`.
  public static func name(of page: PostPage) -> String { "\(page.kind.rawValue)-\(page.language.tag).html" }
}
