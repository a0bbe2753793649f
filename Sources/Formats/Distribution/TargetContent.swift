import Channel
import Kit

/// What a file of a channel is, as its publisher says in the signed metadata (`custom`). Its name has no meaning.
public enum TargetContent: Equatable, Sendable {
  /// A kit.
  case kit(KitRelease)
  /// A recall list of this issue.
  case recalls(issue: Int)
  /// A publisher's key rotation: the ids of its old key, which signed it, and of the new one.
  case rotation(old: String, new: String)
  /// The minisign signature of the file with this path.
  case signature(of: String)
  /// Something that this program does not know.
  case other

  /// Reads what the metadata says.
  ///
  /// - Parameter custom: the target's `custom`.
  public init(custom: JSONValue?) {
    guard case .object(let fields)? = custom else {
      self = .other
      return
    }
    if let release = KitRelease(fields) {
      self = .kit(release)
    } else if case .integer(let issue)? = fields["recalls"], issue >= 0 {
      self = .recalls(issue: issue)
    } else if case .object(let keys)? = fields["rotation"], case .string(let old)? = keys["old"],
      case .string(let new)? = keys["new"], KeyID(old) != nil, KeyID(new) != nil
    {
      self = .rotation(old: old, new: new)
    } else if case .string(let path)? = fields["signature"], TargetFile.isPath(path) {
      self = .signature(of: path)
    } else {
      self = .other
    }
  }

  /// The target's `custom`; nil for `other`.
  public var custom: JSONValue? {
    switch self {
    case .kit(let release): release.json
    case .recalls(let issue): .object(["recalls": .integer(issue)])
    case .rotation(let old, let new): .object(["rotation": .object(["old": .string(old), "new": .string(new)])])
    case .signature(let path): .object(["signature": .string(path)])
    case .other: nil
    }
  }
}
