import Encoding
import Posix

/// Why a kit, or a part of it, was refused: one line, with where and what to do.
public struct KitError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kit's file.
  public var path: String
  /// The entry inside it, where the fault lies in one.
  public var entry: String?
  public var cause: Cause

  public init(_ path: String, _ entry: String?, _ cause: Cause) {
    self.path = path
    self.entry = entry
    self.cause = cause
  }

  public init(_ path: String, _ cause: Cause) { self.init(path, nil, cause) }

  public enum Cause: Equatable, Sendable {
    /// The kernel refused.
    case system(SystemError)
    /// The file has not the form of a kit: another kind of file, cut off, or changed.
    case form(String)
    /// The content is not what the checksum or the manifest says.
    case damaged(String)
    /// An entry that should be there is not.
    case missing
    /// An entry that no manifest names.
    case unlisted
    /// A manifest that cannot be true, with the key.
    case manifest(DocumentError)
    /// A manifest of another form than this program's.
    case version(found: String, expected: String)
    /// A signature that is broken or does not fit.
    case signature(SignatureError)
    /// Whole, but signed by nobody who is trusted: the keys that did sign.
    case untrusted([KeyID])
    /// Sound, but its publisher has taken it back.
    case recalled(Recall)
    /// More than this program is willing to load.
    case tooLarge(String)
  }

  /// True where a permission to play untrusted kits may pass over it; nothing else may be passed over.
  public var isUntrusted: Bool {
    if case .untrusted = cause { true } else { false }
  }

  /// `PATH: ENTRY: why; what to do`.
  public var description: String {
    if case .system(let error) = cause {
      return error.path?.string == path ? error.description : "\(path): \(error)"
    }
    return path + ": " + (entry.map { $0 + ": " } ?? "") + why
  }

  private var why: String {
    switch cause {
    case .system(let error):
      "\(error)"
    case .form(let why):
      "not a whole Firstword kit: \(why); get the file again from who built it"
    case .damaged(let why):
      "damaged: \(why); get the file again from who built it"
    case .missing:
      "missing; get the file again from who built it"
    case .unlisted:
      "no manifest names this entry; get the file again from who built it"
    case .manifest(let error):
      "\(error); have the kit built again"
    case .version(let found, let expected):
      "its form is \(found), this program reads \(expected); use the firstword that fits the kit"
    case .signature(let error):
      "\(error); get the file again from who built it"
    case .untrusted(let keys):
      "signed by \(keys.map(\.description).joined(separator: ", ")), "
        + "\(keys.count == 1 ? "a key" : "keys") that nobody here trusts; "
        + "compare the key's id with the publisher's and add their .pub file to the trusted keys"
    case .recalled(let recall):
      "\(recall.kind == .key ? "signed with \(recall.id), a key that was " : "")recalled on \(recall.date): \(recall.reason); "
        + "do not use it, ask its publisher for another"
    case .tooLarge(let why):
      "\(why); that is more than a kit may have"
    }
  }
}
