import ArgumentParser
import Catalogue
import Posix

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a new project: a kit.yaml, and folders for the recordings.",
    discussion: """
      firstword new shelter --languages ro,es,ru

      Recordings go to DIR/recordings/TAG/VOICE/NN-prompt.wav, such as recordings/ro/f1/03-safe-here.wav; any format \
      that libsndfile reads, any rate, one or two channels.
      """)

  @Argument(help: "Folder to make; its name becomes the kit's.")
  var folder: String

  @Option(help: ArgumentHelp("Tags, separated by commas; all listeners' languages without it.", valueName: "TAGS"))
  var languages: String?

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let catalogue = try Catalogue.load(folder: Catalogue.locate(words.catalogue))
    let known = catalogue.languages.filter { $0.roles.contains(.listener) }.map(\.tag)
    let tags =
      languages.map { $0.split(separator: ",").map { $0.trimmingWhitespace() }.filter { !$0.isEmpty } } ?? known
    for tag in tags where catalogue.language(tag) == nil {
      throw Failure.impossible(
        "the catalogue has no language '\(tag)'; it has \(known.joined(separator: ", "))")
    }
    if tags.isEmpty { throw Failure.impossible("no languages given; say --languages ro,es") }
    let project = folder + "/" + ProjectFile.name
    if Files.exists(project) {
      throw Failure.impossible("\(project): there is a project already; nothing was changed")
    }
    try Files.makeFolder(folder)
    for tag in tags { try Files.makeFolder("\(folder)/recordings/\(tag)") }
    let name = Files.name(of: folder).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let trimmed = String(name.drop { $0 == "-" })
    let text = ProjectFile.text(name: trimmed.isEmpty ? "kit" : trimmed, languages: tags)
    try Files.create(project, with: Array(text.utf8))
    print("\(project)  \(tags.count) languages; next: record, or 'firstword synthesize \(folder)' for trials")
  }
}

extension Substring {
  fileprivate func trimmingWhitespace() -> String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
