import Encoding
import Posix

/// The refusal of a kit or a part of it. The description is one line with the place and a remedy.
public struct KitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path of the kit's file.
  public var path: String
  /// The faulty entry in it, if there is one.
  public var entry: String?
  /// What is wrong.
  public var cause: Cause

  /// Creates an error for an entry of a kit.
  public init(_ path: String, _ entry: String?, _ cause: Cause) {
    self.path = path
    self.entry = entry
    self.cause = cause
  }

  /// Creates an error for a kit as a whole.
  public init(_ path: String, _ cause: Cause) { self.init(path, nil, cause) }

  /// The kinds of refusal.
  public enum Cause: Equatable, Sendable {
    /// A system call failed.
    case system(SystemError)
    /// The file is not a kit's container: another kind of file, truncated, or changed.
    case form(String)
    /// The content differs from its checksum or manifest.
    case damaged(String)
    /// The entry is missing.
    case missing
    /// No manifest names the entry.
    case unlisted
    /// A manifest breaks a rule.
    case manifest(DocumentError)
    /// A manifest has a format that this program does not read.
    case version(found: String, expected: String)
    /// A signature is malformed or does not fit.
    case signature(SignatureError)
    /// Signed, but by no trusted key: the keys that signed.
    case untrusted([KeyID])
    /// Recalled by a publisher.
    case recalled(Recall)
    /// Larger than a limit.
    case tooLarge(String)
  }

  /// Whether `--allow-untrusted` may override the error; it overrides no other.
  public var isUntrusted: Bool {
    if case .untrusted = cause { true } else { false }
  }

  /// `PATH: ENTRY: what; remedy`.
  public var description: String {
    if case .system(let error) = cause {
      return error.path?.string == path ? error.description : "\(path): \(error)"
    }
    return path + ": " + (entry.map { $0 + ": " } ?? "") + why
  }

  /// Returns whether a format is an older version of another: `firstword-kit/1` of `firstword-kit/2`.
  private static func isOlder(_ found: String, than expected: String) -> Bool {
    let parts = [found, expected].map { $0.split(separator: "/", omittingEmptySubsequences: false) }
    guard parts.allSatisfy({ $0.count == 2 }), parts[0][0] == parts[1][0], let old = Int(parts[0][1]),
      let new = Int(parts[1][1])
    else { return false }
    return old < new
  }

  /// What is wrong, and the remedy, without the place.
  public var why: String {
    switch cause {
    case .system(let error):
      "\(error)"
    case .form(let why):
      "not a valid Firstword kit: \(why); get the file again from its publisher"
    case .damaged(let why):
      "damaged: \(why); get the file again from its publisher"
    case .missing:
      "missing; get the file again from its publisher"
    case .unlisted:
      "no manifest names this entry; get the file again from its publisher"
    case .manifest(let error):
      "\(error); build the kit again"
    case .version(let found, let expected):
      "its format is \(found), this program reads \(expected); "
        + (Self.isOlder(found, than: expected)
          ? "build the kit again with this firstword, or ask its publisher for a newer one"
          : "use a newer firstword")
    case .signature(let error):
      "\(error); get the file again from its publisher"
    case .untrusted(let keys):
      "signed by \(keys.map(\.description).joined(separator: ", ")), "
        + "\(keys.count == 1 ? "which is not a trusted key" : "which are not trusted keys"); "
        + "compare the key's id with the publisher's and add their .pub file to the trusted keys"
    case .recalled(let recall):
      "\(recall.kind == .key ? "signed with \(recall.id), a key that was " : "")recalled on \(recall.date): \(recall.reason); "
        + "do not use it, ask its publisher for another"
    case .tooLarge(let why):
      "\(why); a kit may not have more"
    }
  }
}
