import Encoding

/// Why a channel is not changed. The description is one line with a remedy.
public enum PublisherError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory is no channel.
  case noChannel(path: String)
  /// The directory is a channel already.
  case exists(path: String)
  /// A metadata file that is not as this program writes it.
  case damaged(path: String, DocumentError)
  /// A published file is missing.
  case missing(path: String)
  /// The role does not exist.
  case unknownRole(String)
  /// The role's name cannot be used.
  case roleName(String)
  /// A number of signatures that the role's keys cannot make.
  case threshold(role: String, threshold: Int, keys: Int)
  /// The key does not sign anything that waits.
  case uselessKey(String)
  /// The key is not one of the role's.
  case unknownKey(role: String, key: String)
  /// The key is one of the role's already.
  case knownKey(role: String, key: String)
  /// A kit, list or target that cannot be added or changed.
  case content(path: String, why: String)
  /// There is no such target.
  case noTarget(String)
  /// The keys that were given cannot sign a role that must be signed now.
  case keysMissing(role: String, has: Int, needs: Int)
  /// Nothing was ever published, and the first metadata lacks signatures.
  case unsigned([String])
  /// The clock is before the time at which the channel was last signed.
  case clock(last: String)

  /// What happened, and what to do at a terminal.
  public var description: String { remedy.map { "\(cause); \($0)" } ?? cause }

  /// What happened, and where.
  public var cause: String {
    switch self {
    case .noChannel(let path): "\(path): no channel is there"
    case .exists(let path): "\(path): it is a channel already"
    case .damaged(let path, let error): "\(path): \(error)"
    case .missing(let path): "\(path): it is missing"
    case .unknownRole(let role): "the channel has no role '\(role)'"
    case .roleName(let role): "'\(role)' cannot name a publisher"
    case .threshold(let role, let threshold, let keys):
      "\(role): \(threshold) signatures of \(keys) keys are impossible"
    case .uselessKey(let key): "\(key): this key signs nothing that waits"
    case .unknownKey(let role, let key): "\(key) is no key of \(role)"
    case .knownKey(let role, let key): "\(key) is a key of \(role) already"
    case .content(let path, let why): "\(path): \(why)"
    case .noTarget(let path): "the channel has no '\(path)'"
    case .keysMissing(let role, let has, let needs): "\(role) needs \(needs) of its keys, and \(has) were given"
    case .unsigned(let lines): "nothing can be published yet: \(lines.joined(separator: "; "))"
    case .clock(let last): "this machine's clock is before \(last), when the channel was last signed"
    }
  }

  /// What to do at a terminal; nil where the cause says it.
  private var remedy: String? {
    switch self {
    case .noChannel: "make one with 'firstword channel new'"
    case .exists: "use another directory"
    case .damaged, .missing: "restore it from a copy of the channel"
    case .unknownRole: "'firstword channel status' shows them, 'firstword channel delegate' makes one"
    case .roleName:
      "use 2 to 40 lower-case letters, digits and hyphens, and none of root, timestamp, snapshot and targets"
    case .threshold: "use a threshold from 1 to the number of keys"
    case .uselessKey: "'firstword channel status' shows what waits for which key"
    case .unknownKey: "'firstword channel status' shows its keys"
    case .noTarget: "'firstword channel status' shows what it has"
    case .keysMissing: "add them with --key"
    case .clock: "set the clock"
    case .knownKey, .content, .unsigned: nil
    }
  }
}
