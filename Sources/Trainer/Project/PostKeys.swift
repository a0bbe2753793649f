import Diagnostics
import Kit
import Posix

/// The keys that signed reviews by post, and for which of them a person has vouched: their public keys are in the
/// project's directory `reviewers`.
public struct PostKeys: Sendable {
  /// One key.
  public struct Row: Encodable, Equatable, Sendable {
    /// Its number: 16 hexadecimal digits.
    public var key: String
    /// The name in the first file that it signed.
    public var name: String
    /// The day on which that file was imported.
    public var firstSeen: String
    /// Whether a person has vouched that it belongs to the reviewer.
    public var vouched: Bool
  }

  /// The keys in the order in which they were first seen.
  public let rows: [Row]
  private let project: String
  private let keys: [PublicKey]

  /// Reads the keys of a project.
  ///
  /// - Parameter project: the project's directory.
  /// - Throws: every error in the post ledger.
  public init(_ project: String) throws(DiagnosticsError) {
    self.project = project
    let reviewers = try PostLedger.read(Path(project).appending(PostLedger.name).string).reviewers
    keys = reviewers.map(\.key)
    rows = reviewers.map { key, first in
      let known = try? PublicKey(reading: Path(project).appending("\(Approvals.reviewers)/\(key.id).pub").string)
      return Row(key: "\(key.id)", name: first.name ?? "", firstSeen: first.date, vouched: known == key)
    }
  }

  /// Writes that a key belongs to the reviewer who signed with it. The caller holds the project's lock.
  ///
  /// - Parameter number: the number as a person typed it, after hearing it from the reviewer.
  /// - Returns: the key, and where its file is.
  /// - Throws: ``DiagnosticsError`` if no review is signed by such a key, if two are, or if the file cannot be written.
  public func vouch(for number: String) throws(DiagnosticsError) -> (row: Row, path: String) {
    let ledger = Path(project).appending(PostLedger.name).string
    guard let id = KeyID(typed: number) else {
      throw DiagnosticsError(
        path: ledger,
        message: "'\(number.prefix(80))' is no number of a key, which has 16 digits and letters from A to F",
        remedy: "let the reviewer read it out again")
    }
    let found = keys.indices.filter { keys[$0].id == id }
    guard let index = found.first else {
      throw DiagnosticsError(
        path: ledger, message: "no review by the key \(id) was imported",
        remedy: "import the reviewer's file first, and compare the number again")
    }
    // An id is short enough to be made on purpose.
    if found.count > 1 {
      throw DiagnosticsError(
        path: ledger, message: "two different keys have the number \(id)", remedy: "trust neither")
    }
    var row = rows[index]
    let path = try ReviewerKeys.add(keys[index], to: project).path
    row.vouched = true
    return (row, path)
  }
}
