import FoundationEssentials
import Glibc
import Kit
import Posix

/// One line of the approvals ledger: somebody vouches for one wording or recording, as it was that day.
public struct Approval: Codable, Equatable, Sendable {
  /// SHA-256 of what was approved, lower-case hexadecimal: the wording's text as UTF-8, or the recording's file.
  public var hash: String
  public var kind: Kind
  /// BCP 47: equal texts of two languages are not the same wording.
  public var language: String
  /// Id.
  public var prompt: String
  /// Who vouches; a claim until a signature proves it.
  public var name: String
  public var role: Role
  /// `2026-05-01`.
  public var date: String
  /// The last day on which it counts; nil for ever.
  public var expires: String?
  /// Key id and signature of the reviewer's own key, in minisign's form, where one signed.
  public var key: String?
  public var signature: String?

  public enum Kind: String, Codable, CaseIterable, Sendable { case wording, recording }

  public enum Role: String, Codable, CaseIterable, Sendable {
    /// A native speaker who listened or read.
    case listener
    /// One who translated it back without sight of the source.
    case backTranslator = "back-translator"
  }

  public init(
    hash: String, kind: Kind, language: String, prompt: String, name: String, role: Role, date: String,
    expires: String? = nil, key: String? = nil, signature: String? = nil
  ) {
    self.hash = hash
    self.kind = kind
    self.language = language
    self.prompt = prompt
    self.name = name
    self.role = role
    self.date = date
    self.expires = expires
    self.key = key
    self.signature = signature
  }
}

/// `approvals.jsonl`: what status follows from. An edit changes the hash, and so undoes an approval by itself.
public struct Approvals: Equatable, Sendable {
  /// Name of the file in a project's folder.
  public static let name = "approvals.jsonl"

  public var entries: [Approval]

  public init(_ entries: [Approval] = []) { self.entries = entries }

  /// Reads a ledger of at most 64 MiB; one that is not there is empty. A line that this program does not wholly
  /// understand is an error: it might take an approval back.
  public static func read(_ path: String) throws(CatalogueError) -> Approvals {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: 64 << 20)
    } catch {
      if error.code == ENOENT { return Approvals() }
      throw CatalogueError([.unreadable(path, error)])
    }
    var entries: [Approval] = []
    var findings: [Finding] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      do throws(DocumentError) {
        entries.append(try Documents.decode(StrictApproval.self, from: Array(line)).approval)
      } catch {
        findings.append(
          Finding(
            file: path, line: index + 1, message: "not an approval: \(error)",
            remedy: "restore the line from a copy, or remove it and approve again"))
      }
    }
    if !findings.isEmpty { throw CatalogueError(findings) }
    return Approvals(entries)
  }

  /// How far one wording or recording has come: approved by two different names.
  ///
  /// - Parameter day: approvals that had expired before it do not count (`2026-05-01`).
  public func status(
    of hash: String, kind: Approval.Kind, language: String, prompt: String, on day: String? = nil
  ) -> Status {
    let names = entries.filter { entry in
      entry.hash == hash && entry.kind == kind && entry.language == language && entry.prompt == prompt
        && !(day.map { day in entry.expires.map { $0 < day } ?? false } ?? false)
    }.map { $0.name.lowercased().filter { !$0.isWhitespace } }
    switch Set(names).count {
    case 0: return .draft
    case 1: return .reviewed
    default: return .approved
    }
  }
}

/// An approval whose keys and values have been checked.
private struct StrictApproval: Decodable {
  let approval: Approval

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let known = [
      "hash", "kind", "language", "prompt", "name", "role", "date", "expires", "key", "signature",
    ]
    for key in try decoder.container(keyedBy: Key.self).allKeys where !known.contains(key.stringValue) {
      throw Self.corrupted(key, "unknown key\(Spelling.hint(key.stringValue, known))")
    }
    approval = try Approval(from: decoder)
    let hash = approval.hash.utf8
    if hash.count != 64 || !hash.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
      throw Self.corrupted(Key(stringValue: "hash"), "64 lower-case hexadecimal digits are due")
    }
    for (name, date) in [("date", approval.date), ("expires", approval.expires ?? "2000-01-01")]
    where !Self.isDate(date) {
      throw Self.corrupted(Key(stringValue: name), "a date such as 2026-05-01 is due")
    }
    if approval.name.allSatisfy(\.isWhitespace) { throw Self.corrupted(Key(stringValue: "name"), "it is empty") }
  }

  private static func corrupted(_ key: Key, _ message: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: [key], debugDescription: message))
  }

  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D })
    else { return false }
    return (1...12).contains(Int(parts[1]) ?? 0) && (1...31).contains(Int(parts[2]) ?? 0)
  }
}
