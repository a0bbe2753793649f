import Catalogue
import Project

/// The text that goes with a page: how to open it, what it does, how to send the file back.
public struct PostMessage: Sendable {
  /// The message in all languages of the page, one after another.
  public let text: String

  /// Creates the message for a page.
  ///
  /// - Parameters:
  ///   - page: the page.
  ///   - catalogue: the catalogue with the words.
  ///   - sender: the sender of the page.
  ///   - address: where the same page is on the web; nil if it is not.
  public init(_ page: PostPage, in catalogue: Catalogue, by sender: PostSender, address: String? = nil) {
    let texts = PostTexts(catalogue, tongues: sender.tongues)
    text = sender.tongues.map { tongue in
      let language = catalogue.name(of: page.language.tag, in: tongue)
      var lines = [
        texts.text("message-\(page.kind.rawValue)", in: tongue, ["language": language]), "",
        "- " + texts.text("message-laptop", in: tongue), "- " + texts.text("message-android", in: tongue),
        "- " + texts.text("message-iphone", in: tongue),
      ]
      if let address { lines.append("- " + texts.text("message-web", in: tongue, ["address": address])) }
      lines += [
        "", texts.text("message-stays", in: tongue),
        texts.text("message-send", in: tongue, ["contact": sender.contact]), "", sender.name,
      ]
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }
}
