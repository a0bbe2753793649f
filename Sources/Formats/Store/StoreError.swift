import Encoding
import Kit
import Posix

/// A failed operation on a store. The description is one line with a remedy.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(SystemError)
  /// The directory has no store.
  case absent(path: String)
  /// Neither `store.json` nor the one before it can be read.
  case damaged(path: String, DocumentError)
  /// `store.json` cannot be used, for the reason, and its copy is.
  case recovered(path: String, String)
  /// The state cannot be saved: it breaks a rule of its format.
  case invalid(path: String, DocumentError)
  /// The state would have more bytes than are read.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// A link or a file is in the place of the directory of kits.
  case noDirectory(path: String)
  /// Everything was done; only the disk did not confirm it.
  case unconfirmed(path: String, SystemError)
  /// Another program is changing the store.
  case busy(path: String)
  /// A kit is refused.
  case kit(KitError)
  /// A recall list or key rotation is refused.
  case signed(SignedFileError)
  /// The kit is a draft.
  case draft(path: String)
  /// A higher version of the kit has been installed before.
  case downgrade(path: String, name: String, version: String, highest: String)
  /// An operator has turned away from this kit to the active one.
  case heldBack(path: String, name: String, version: String, active: String)
  /// The disk has too little room; both sizes in bytes.
  case full(path: String, needed: Int, free: Int)
  /// The file to install is the copy of an interrupted installation.
  case ownCopy(path: String)
  /// No kit has this name.
  case unknown(path: String, name: String, known: [String])
  /// No kit was active before the current one.
  case noPrevious(path: String)
  /// No kit can be played: the reason for each.
  case nothing(path: String, [StoreError])
  /// The kit is a draft, and the device plays none.
  case unacceptedDraft(path: String)
  /// No key is trusted.
  case noKeys(path: String)
  /// A higher issue of the recall list is known.
  case oldIssue(path: String, issue: Int, known: Int)
  /// Another recall list with this issue is known.
  case sameIssue(path: String, issue: Int)
  /// Another key with this id is known.
  case sameID(id: String)
  /// The rotation was applied before, or leads back to a key that was replaced.
  case rotationReturns(path: String, old: String, new: String)
  /// The new key of a rotation is recalled.
  case recalledSuccessor(path: String, id: String)
  /// The key is not among the trusted ones.
  case strangeKey(path: String, id: String)
  /// The spool cannot be opened.
  case spool(SystemError)
  /// A public key in the spool was not put there by root.
  case foreignKey(path: String)
  /// A public key cannot be used.
  case key(KeyError)
  /// A file in the spool is no plain file with one name.
  case unfit(SystemError)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .system(let error): error.description
    case .absent(let path):
      "\(path): no store here; create one with 'firstword store trust KEY.pub --store \(path)'"
    case .damaged(let path, let error):
      "\(path): \(error), and store.json.old cannot be read either; install the kit again in an empty directory"
    case .recovered(let path, let why):
      "\(path): \(why); its copy \(path).old is used, which may name an older kit; any 'firstword install' or 'firstword "
        + "store' command that changes something writes it again; check the disk"
    case .invalid(let path, let error):
      "\(path): cannot be saved: \(error); nothing was changed"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): it would have \(bytes) bytes, and at most \(limit) are read; nothing was changed, and nothing was "
        + "recalled; ask the publisher for a shorter recall list"
    case .noDirectory(let path):
      "\(path): this is a link or no directory; remove it, make a directory in its place, and install the kits again"
    case .unconfirmed(let path, let error):
      "\(path): done and in effect, but the disk did not confirm it (\(error.cause)): a power cut may undo it; check the "
        + "disk and run the command again"
    case .busy(let path):
      "\(path): another firstword is changing this store; wait for it to end"
    case .kit(let error): error.description
    case .signed(let error): error.description
    case .draft(let path):
      "\(path): this kit is a DRAFT, which no field device plays; build it with --release, or install it for a trial "
        + "with --allow-draft"
    case .downgrade(let path, let name, let version, let highest):
      "\(path): \(name) \(version) is older than \(highest), which this store has had; install the newest, or use "
        + "--allow-downgrade"
    case .heldBack(let path, let name, let version, let active):
      "\(path): an operator has gone back from \(name) \(version) to \(active), which stays until there is a later version "
        + "or it is recalled; 'sudo firstword store activate' or 'sudo firstword install' ends this"
    case .full(let path, let needed, let free):
      "\(path): not enough room: \(Self.megabytes(needed)) needed, \(Self.megabytes(free)) free; "
        + "remove old kits with 'firstword store prune'"
    case .ownCopy(let path):
      "\(path): this is the unfinished copy of an interrupted installation; install the kit from another file"
    case .unknown(let path, let name, let known):
      "\(path): no kit '\(name)' here\(known.isEmpty ? "" : "; choose one of \(known.joined(separator: ", "))")"
    case .noPrevious(let path):
      "\(path): no previous kit to go back to; 'firstword store list' lists the kits"
    case .nothing(let path, let why):
      "\(path): no kit here can be played\(why.isEmpty ? "; install one with 'firstword install'" : ": \(why.map(\.description).joined(separator: "; "))")"
    case .unacceptedDraft(let path):
      "\(path): this kit is a DRAFT and is not played; build it with --release, or start firstwordd with --allow-draft "
        + "on a trial board"
    case .noKeys(let path):
      "\(path): no key is trusted here; compare the id of the publisher's key and add it with "
        + "'firstword store trust KEY.pub'"
    case .oldIssue(let path, let issue, let known):
      "\(path): issue \(issue) of this recall list is older than issue \(known), which is known; get the newest"
    case .sameIssue(let path, let issue):
      "\(path): another recall list with the issue \(issue) is known; ask the publisher to raise the issue and sign again"
    case .sameID(let id):
      "another key with the id \(id) is known here: one of the two was made to look like the other; ask the publisher "
        + "for a key with another id"
    case .rotationReturns(let path, let old, let new):
      "\(path): the change from \(old) to \(new) was made before, or leads back to a key that was replaced; ask the "
        + "publisher, and trust a key by hand with 'firstword store trust KEY.pub'"
    case .recalledSuccessor(let path, let id):
      "\(path): the new key \(id) was recalled; ask the publisher for another one"
    case .strangeKey(let path, let id):
      "\(path): the key \(id) is not trusted here; compare its id with the publisher's"
    case .spool(let error):
      "\(error); members of the group firstword install through this directory: 'sudo adduser NAME firstword' makes "
        + "NAME one from the next login on, and 'sudo systemd-tmpfiles --create' makes the directory"
    case .foreignKey(let path):
      "\(path): only root gives this device a key to trust; use 'sudo firstword store trust KEY.pub', or a stick and "
        + "the buttons for it"
    case .key(let error): error.description
    case .unfit(let error):
      "\(error); put a plain file there, as 'firstword install' does"
    }
  }

  /// Whether something was refused on purpose, or is damaged; otherwise an operation failed.
  public var isRefusal: Bool {
    switch self {
    case .unconfirmed, .system, .absent, .busy, .full, .damaged, .invalid, .noDirectory, .spool: return false
    case .kit(let inner):
      if case .system = inner.cause { return false }
      return true
    case .signed(.system), .key(.system): return false
    default: return true
    }
  }

  /// Whether a recall is the reason.
  public var isRecall: Bool {
    if case .kit(let error) = self, case .recalled = error.cause { true } else { false }
  }

  /// The reason without the path.
  public var cause: String {
    switch self {
    case .damaged(_, let error): error.description
    case .system(let error): error.cause
    case .kit(let error): error.why
    default: description
    }
  }

  /// Whether a file is damaged or cannot be read; a refusal on purpose is none.
  public var isDamage: Bool {
    switch self {
    case .system, .damaged, .recovered, .noDirectory: true
    case .kit(let error):
      switch error.cause {
      case .recalled, .untrusted: false
      default: true
      }
    default: false
    }
  }

  /// Whether a draft is the reason, or one of them, why no kit is played.
  public var isAboutDrafts: Bool {
    switch self {
    case .unacceptedDraft: true
    case .nothing(_, let why): why.contains(where: \.isAboutDrafts)
    default: false
    }
  }

  private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}
