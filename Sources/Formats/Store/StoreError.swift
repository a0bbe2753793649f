import Encoding
import Kit
import Posix

/// Why something could not be done with a store: one line, with what to do.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  case system(SystemError)
  /// There is no store in this directory.
  case absent(path: String)
  /// Neither `store.json` nor the one before it can be read.
  case damaged(path: String, DocumentError)
  /// Another program changes it.
  case busy(path: String)
  case kit(KitError)
  case signed(SignedFileError)
  case draft(path: String)
  case downgrade(path: String, name: String, version: String, highest: String)
  /// Bytes that are needed, and that are free.
  case full(path: String, needed: Int, free: Int)
  case unknown(path: String, name: String, known: [String])
  /// There is nothing to go back to.
  case noPrevious(path: String)
  /// No kit in it can be played: why not, for each.
  case nothing(path: String, [String])
  case noKeys(path: String)
  case oldIssue(path: String, issue: Int, known: Int)
  case strangeKey(path: String, id: String)

  public var description: String {
    switch self {
    case .system(let error): error.description
    case .absent(let path):
      "\(path): no store here; 'firstword store trust KEY.pub --store \(path)' makes one"
    case .damaged(let path, let error):
      "\(path): \(error), and the one before it cannot be read either; install the kit anew in an empty directory"
    case .busy(let path):
      "\(path): another firstword is changing this store; wait for it to end"
    case .kit(let error): error.description
    case .signed(let error): error.description
    case .draft(let path):
      "\(path): this kit is a DRAFT, which no field device plays; build it with --release, or install it for a trial "
        + "with --allow-draft"
    case .downgrade(let path, let name, let version, let highest):
      "\(path): \(name) \(version) is older than \(highest), which this store has had; take the newest, or say "
        + "--allow-downgrade"
    case .full(let path, let needed, let free):
      "\(path): not enough room: \(Self.megabytes(needed)) are needed and \(Self.megabytes(free)) free; "
        + "'firstword store prune' removes old kits"
    case .unknown(let path, let name, let known):
      "\(path): no kit '\(name)' here\(known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))")"
    case .noPrevious(let path):
      "\(path): there is no kit to go back to; 'firstword store list' shows what is there"
    case .nothing(let path, let why):
      "\(path): no kit here can be played\(why.isEmpty ? "; 'firstword install' brings one" : ": \(why.joined(separator: "; "))")"
    case .noKeys(let path):
      "\(path): nobody is trusted here; 'firstword store trust KEY.pub' adds the publisher's key, whose id you have "
        + "compared"
    case .oldIssue(let path, let issue, let known):
      "\(path): issue \(issue) of this recall list, but issue \(known) is known; get the newest"
    case .strangeKey(let path, let id):
      "\(path): the key \(id) is not among those that are trusted here"
    }
  }

  private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}
