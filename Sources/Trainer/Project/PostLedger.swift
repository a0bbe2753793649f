import Catalogue
import Diagnostics
import Kit
import Posix

/// The post ledger of a project, `post.jsonl`: the pages that were made, and the files that came back. Lines are only
/// appended.
public struct PostLedger: Equatable, Sendable {
  /// The file name in a project's directory.
  public static let name = "post.jsonl"

  /// The lines in the order of the file.
  public private(set) var entries: [PostRecord]

  /// Creates a ledger from its lines.
  public init(_ entries: [PostRecord] = []) { self.entries = entries }

  /// Reads the ledger; it is empty if there is no file.
  ///
  /// - Throws: ``DiagnosticsError`` with every line that has an unknown key or an invalid value.
  public static func read(_ path: String) throws(DiagnosticsError) -> PostLedger {
    PostLedger(
      try JSONLines.read(
        StrictPost.self, path, what: "a line of the post", remedy: "restore the line from a copy, or remove it"
      ).map(\.entry))
  }

  /// Appends lines, all or none, and syncs the file.
  public static func append(_ entries: [PostRecord], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }

  /// Appends the lines of pages that the ledger does not have yet. The caller holds the project's lock.
  public static func add(_ pages: [PostRecord], to path: String) throws {
    let known = try read(path)
    try append(pages.filter { known.page($0.page) == nil }, to: path)
  }

  /// Returns the line of a page that was made in this project; nil for another project's page.
  public func page(_ id: String) -> PostRecord? { entries.first { $0.act == .made && $0.page == id } }

  /// Returns the files of a page and a key that were imported, the latest last.
  public func returned(page: String, key: String) -> [PostRecord] {
    entries.filter { $0.act == .returned && $0.page == page && $0.key == key }
  }

  /// Returns the first file that a key signed; nil if none was imported.
  public func first(signedBy key: String) -> PostRecord? { entries.first { $0.act == .returned && $0.key == key } }

  /// Returns the keys of reviews that were imported, each with the name in its first file.
  public var reviewers: [(key: PublicKey, first: PostRecord)] {
    var known: Set<String> = []
    return entries.compactMap { entry in
      guard entry.act == .returned, entry.kind == .review, let text = entry.key, known.insert(text).inserted,
        let key = PublicKey(base64: text)
      else { return nil }
      return (key, entry)
    }
  }
}

/// A line whose keys and values have been validated.
private struct StrictPost: Decodable {
  let entry: PostRecord

  init(from decoder: any Decoder) throws {
    try LineKey.check(
      decoder,
      known: [
        "act", "page", "kind", "language", "date", "voice", "contact", "key", "name", "serial", "sha256",
      ])
    entry = try PostRecord(from: decoder)
    try LineKey.checkDate("date", entry.date)
    if let hash = entry.sha256 { try LineKey.checkHash(hash) }
    if let name = entry.name { try LineKey.checkName(name) }
    if let key = entry.key, PublicKey(base64: key) == nil { throw LineKey.corrupted("key", "it is no public key") }
  }
}
